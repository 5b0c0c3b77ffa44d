"""The shape that every list has."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ListSerializer(serializers.Serializer[Any]):
    """What every list says of itself."""

    total = serializers.IntegerField(allow_null=True, help_text="How many there are on all pages; null: they are not counted.")
    next = serializers.URLField(allow_null=True, help_text="The next page; null: this is the last.")
    next_cursor = serializers.CharField(allow_null=True, help_text="The value of `cursor` for the next page.")
