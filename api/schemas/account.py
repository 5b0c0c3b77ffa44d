"""The shapes of one's own account."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recipes_app.models import MailTime, Rank, Scope, User

from ..framework.fields import LinkField


class OwnAccountSerializer(serializers.Serializer[Any]):
    """The account that asks. The context holds `roles`."""

    username = serializers.CharField()
    rank = serializers.ChoiceField(choices=Rank.choices)
    roles = serializers.SerializerMethodField(help_text="What the account is to the site at this moment.")
    about = serializers.CharField()
    homepage = serializers.CharField()
    openpgp_fingerprint = serializers.CharField()
    language = serializers.CharField(help_text="Empty: as the browser wishes.")
    time_zone = serializers.CharField(help_text="Empty: UTC.")
    public = LinkField("api:user", "username", help_text="What the public sees.")

    def get_roles(self, _: User) -> list[str]:
        """Return the roles that the view found out."""
        return [str(role) for role in self.context["roles"]]


class MailChoicesSerializer(serializers.Serializer[Any]):
    """When each kind of notification comes by mail."""

    choices = serializers.DictField(child=serializers.ChoiceField(choices=MailTime.choices), help_text="By kind.")


class TokenSerializer(serializers.Serializer[Any]):
    """The token at hand, without its secret."""

    name = serializers.CharField()
    hint = serializers.CharField(help_text="Its first characters.")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices))
    recipe = serializers.CharField(
        source="recipe.name", default=None, allow_null=True, help_text="The one recipe that it reaches."
    )
    account = serializers.CharField(source="user.username")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
