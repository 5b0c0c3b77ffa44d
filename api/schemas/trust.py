"""What is known of the people behind a recipe, as the API says it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class TrustedPersonSerializer(serializers.Serializer[Any]):
    """An account that has to do with a recipe."""

    username = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True, help_text="When the account was made; null: it was deleted.")
    second_factor = serializers.BooleanField(help_text="Whether it signs in with a second factor.")
    frozen = serializers.BooleanField(source="is_frozen", help_text="Whether moderators froze it.")


class TrustSerializer(serializers.Serializer[Any]):
    """The hands that the current revision went through. Facts, and no verdict."""

    pusher = TrustedPersonSerializer(help_text="Who pushed the current revision.")
    maintainer = TrustedPersonSerializer(allow_null=True, help_text="Who maintains the recipe; null: an orphan.")
    published = serializers.IntegerField(help_text="Revisions of this recipe that the pusher published.")
    pushes_since = serializers.DateTimeField(allow_null=True, help_text="When the first of them was pushed; null: there is none.")
    quarantines = serializers.IntegerField(help_text="How often something of this recipe was quarantined, now and formerly.")
    pusher_quarantines = serializers.IntegerField(help_text="The same of the pusher's recipes, anywhere on the site.")
    packager = serializers.CharField(help_text="Who wrote the newest changelog entry, by the name that stands there.")
    is_own_packaging = serializers.BooleanField(help_text="Whether its address is a verified one of the pusher's.")
    reviewer = serializers.CharField(help_text="Who released the current revision after a review; empty: nobody looked.")
