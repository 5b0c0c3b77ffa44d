"""The shapes of what changed between two dumps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recipes_app.models import DumpLine
from recipes_app.services.catalogue.summaries import COLUMNS

from ..framework.lists import ListSerializer
from .recipes import column_field


class DumpedRecipeSerializer(serializers.Serializer[Any]):
    """A recipe as recipes.jsonl has it: nothing in it depends on the time of reading."""

    vote_weight = serializers.CharField(help_text="Times 0.98^(days since 2026-01-01) it is the popularity; a number as text.")
    quarantined = serializers.BooleanField()
    head_commit = serializers.CharField()
    binaries = serializers.ListField(child=serializers.CharField())
    provides = serializers.ListField(child=serializers.CharField())
    architectures = serializers.ListField(child=serializers.CharField())
    suites = serializers.ListField(child=serializers.CharField())
    keywords = serializers.ListField(child=serializers.CharField())
    licences = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields: those of the table of columns, and those that are declared."""
        declared = super().get_fields()
        # A line is JSON already, under the names that are given out.
        columns = {
            each.name: column_field(replace(each, column="")) for each in COLUMNS if each.name not in ("popularity", *declared)
        }
        return {**columns, **declared}


class ChangedRecipeSerializer(serializers.Serializer[DumpLine]):
    """A recipe that a dump changed."""

    name = serializers.CharField()
    serial = serializers.IntegerField(help_text="The dump that changed it last.")
    recipe = serializers.SerializerMethodField(help_text="Its line in recipes.jsonl; null: it is gone.")

    @extend_schema_field(DumpedRecipeSerializer(allow_null=True))
    def get_recipe(self, line: DumpLine) -> Any:
        """Return what the line says."""
        return orjson.loads(line.line) if line.line else None


class ChangeListSerializer(ListSerializer):
    """A page of changes, the oldest first."""

    serial = serializers.IntegerField(
        help_text="The newest dump. When `next` is null, you have it: give it as `since` next time."
    )
    results = ChangedRecipeSerializer(many=True)
