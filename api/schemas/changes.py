"""The shapes of what changed between two dumps."""

from __future__ import annotations

from typing import Any

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from recipes_app.models import DumpLine

from ..framework.lists import ListSerializer


class DumpedRecipeSerializer(serializers.Serializer[Any]):
    """A recipe as recipes.jsonl has it: nothing in it depends on the time of reading."""

    name = serializers.CharField()
    version = serializers.CharField()
    synopsis = serializers.CharField()
    section = serializers.CharField()
    category = serializers.CharField()
    maintainer = serializers.CharField(allow_null=True)
    licence_class = serializers.CharField()
    redistribution = serializers.CharField()
    needs_acceptance = serializers.BooleanField()
    model_class = serializers.CharField()
    provenance = serializers.CharField()
    lint_state = serializers.CharField()
    votes = serializers.IntegerField()
    vote_weight = serializers.CharField(help_text="Times 0.98^(days since 2026-01-01) it is the popularity; a number as text.")
    open_flags = serializers.IntegerField()
    quarantined = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    head_commit = serializers.CharField()
    binaries = serializers.ListField(child=serializers.CharField())
    provides = serializers.ListField(child=serializers.CharField())
    architectures = serializers.ListField(child=serializers.CharField())
    suites = serializers.ListField(child=serializers.CharField())
    keywords = serializers.ListField(child=serializers.CharField())
    licences = serializers.ListField(child=serializers.CharField())


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
