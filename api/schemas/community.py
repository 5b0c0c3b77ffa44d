"""The shapes of what people say and do about a recipe: votes, following, comments, flags, reports, notifications."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from recipes_app.models import Flag, Notification, Report

from ..framework.fields import LinkField
from ..framework.lists import ListSerializer


class VoteSerializer(serializers.Serializer[Any]):
    """The reader's vote, and all votes together."""

    voted = serializers.BooleanField(help_text="Whether the account has given its vote.")
    votes = serializers.IntegerField()
    popularity = serializers.FloatField(help_text="The sum of 0.98^days over the votes, now.")


class FollowSerializer(serializers.Serializer[Any]):
    """Whether the account follows a recipe."""

    following = serializers.BooleanField()
    muted = serializers.ListField(child=serializers.CharField(), help_text="Kinds of notification that it does not want.")


class CommentSerializer(serializers.Serializer[Any]):
    """A comment as its reader may see it: the words of a deleted one are empty for all but moderators."""

    id = serializers.IntegerField()
    author = serializers.CharField(source="author_name")
    text = serializers.CharField(help_text="Markdown.")
    html = serializers.CharField(help_text="The text as cleaned HTML.")
    parent = serializers.IntegerField(  # type: ignore[assignment] # DRF takes declared fields off the class
        source="parent_id", allow_null=True, help_text="The comment that it answers."
    )
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    hidden_at = serializers.DateTimeField(allow_null=True)
    hidden_by = serializers.CharField(source="hidden_by_name")
    pinned_at = serializers.DateTimeField(allow_null=True)
    pinned_by = serializers.CharField(source="pinned_by_name")


class CommentListSerializer(ListSerializer):
    """A page of comments: pinned ones first, then the newest. They are not counted."""

    results = CommentSerializer(many=True)


class FlagSerializer(serializers.Serializer[Any]):
    """A flag and its life: open, answered, resolved or rejected."""

    id = serializers.IntegerField(source="pk")
    recipe = serializers.CharField(source="recipe.name")
    commit = serializers.CharField(source="revision.commit", default=None, allow_null=True)
    kind = serializers.ChoiceField(choices=Flag.Kind.choices)
    state = serializers.ChoiceField(choices=Flag.State.choices)
    subject = serializers.CharField(help_text="The model or the file, for licence and toxic-candy.")
    proposed_class = serializers.CharField()
    text = serializers.CharField()
    evidence = serializers.CharField()
    author = serializers.CharField(source="author_name")
    created_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_by = serializers.CharField(source="answered_by_name")
    answered_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField()
    decided_by = serializers.CharField(source="decided_by_name")
    decided_at = serializers.DateTimeField(allow_null=True)
    url = LinkField("api:flag", "pk", help_text="This flag in the API.")


class FlagListSerializer(ListSerializer):
    """A page of flags, newest first."""

    results = FlagSerializer(many=True)


class ReportSerializer(serializers.Serializer[Any]):
    """A report: its reporter and moderators read it."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=Report.Kind.choices)
    recipe = serializers.CharField(source="recipe.name", default=None, allow_null=True)
    comment = serializers.IntegerField(source="comment_id", allow_null=True)
    account = serializers.CharField(source="account.username", default=None, allow_null=True)
    text = serializers.CharField()
    reporter = serializers.CharField(source="reporter_name")
    created_at = serializers.DateTimeField()
    upheld = serializers.BooleanField(allow_null=True)
    decision = serializers.CharField()
    decided_by = serializers.CharField(source="decided_by_name")
    decided_at = serializers.DateTimeField(allow_null=True)


class ReportListSerializer(ListSerializer):
    """A page of reports, newest first."""

    results = ReportSerializer(many=True)


class NotificationSerializer(serializers.Serializer[Any]):
    """A message of the account's inbox."""

    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=Notification.Kind.choices)
    recipe = serializers.CharField(source="recipe.name", default=None, allow_null=True)
    actor = serializers.CharField(source="actor_name", help_text="Who did it; empty: the site.")
    text = serializers.CharField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)
    page = serializers.SerializerMethodField(help_text="What it is about.")

    def get_page(self, message: Notification) -> str:
        """Return the absolute address of what the message is about."""
        return f"{settings.PORTAL_URL}{message.url}"


class NotificationListSerializer(ListSerializer):
    """A page of messages, newest first."""

    unread = serializers.IntegerField(help_text="How many messages the account has not read.")
    results = NotificationSerializer(many=True)


class ReadSerializer(serializers.Serializer[Any]):
    """What marking did."""

    marked = serializers.IntegerField(help_text="How many messages were unread and are not any more.")
