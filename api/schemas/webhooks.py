"""The shapes of webhooks and of the log of what was sent to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from recipes_app.models import WebhookDelivery

from ..framework.lists import ListSerializer


class WebhookSerializer(serializers.Serializer[Any]):
    """A webhook, without its secret."""

    id = serializers.IntegerField(source="pk")
    recipe = serializers.CharField(source="recipe.name")
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField())
    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    failing_since = serializers.DateTimeField(allow_null=True, help_text="Nothing has come through since; null: all is well.")
    paused_at = serializers.DateTimeField(allow_null=True, help_text="It is told nothing since; null: it is told.")
    paused_reason = serializers.CharField()


class NewWebhookSerializer(WebhookSerializer):
    """A webhook that was just made: the only answer that has its secret."""

    secret = serializers.CharField(help_text="What its messages are signed with. Shown this once.")


class WebhookListSerializer(ListSerializer):
    """A page of a recipe's webhooks, newest first."""

    results = WebhookSerializer(many=True)


class DeliverySerializer(serializers.Serializer[Any]):
    """One message to a webhook, and what the receiver said to the last attempt."""

    id = serializers.IntegerField(source="pk")
    message_id = serializers.CharField(help_text="The header webhook-id: the same when a message is delivered again.")
    event = serializers.CharField()
    payload = serializers.DictField(help_text="What is sent, as JSON: type, timestamp and data.")
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=WebhookDelivery.State.choices)
    attempts = serializers.IntegerField()
    next_attempt_at = serializers.SerializerMethodField(help_text="null: there is none to come.")
    finished_at = serializers.DateTimeField(allow_null=True)
    status = serializers.IntegerField(allow_null=True, help_text="The receiver's HTTP status; null: it gave none.")
    answer = serializers.CharField(help_text="The beginning of what the receiver said.")
    error = serializers.CharField(help_text="Why it did not come through; empty: it did.")
    duration_ms = serializers.IntegerField(allow_null=True)

    def get_next_attempt_at(self, row: WebhookDelivery) -> datetime | None:
        """Return when it is tried again."""
        return row.next_attempt_at if row.state == WebhookDelivery.State.WAITING else None


class DeliveryListSerializer(ListSerializer):
    """A page of what was sent to a webhook, newest first."""

    results = DeliverySerializer(many=True)
