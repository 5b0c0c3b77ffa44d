"""The shapes of re-lints: a run, and the tags that it brought and took."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import RelintRun
from recipes_app.services.lint import checks
from recipes_app.services.lint.relint_reading import TagChange

from ..framework.fields import LinkField
from ..framework.links import absolute
from ..framework.lists import ListSerializer


class RelintRunSerializer(serializers.Serializer[RelintRun]):
    """One stage of the whole catalogue once more."""

    id = serializers.IntegerField(source="pk")
    stage = serializers.CharField(help_text="recipe-checks or source-lint.")
    tool = serializers.CharField()
    tool_version = serializers.CharField()
    profile = serializers.CharField()
    was_version = serializers.CharField(help_text="What had looked at most recipes before; empty: nothing.")
    was_profile = serializers.CharField()
    state = serializers.ChoiceField(choices=RelintRun.State.choices)
    total = serializers.IntegerField(help_text="Recipes; counted each minute until it is finished, as the two that follow.")
    done = serializers.IntegerField()
    unstable = serializers.IntegerField(help_text="Two runs did not agree, so the old verdict stands.")
    started_by = serializers.CharField(source="started_by_name", help_text="Empty: it began by itself.")
    changed_by = serializers.CharField(source="changed_by_name", help_text="Who paused or resumed it last.")
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    url = LinkField("api:relint_run", "pk", help_text="The run, with what it changed.")


class RelintListSerializer(ListSerializer):
    """A page of runs, newest first."""

    results = RelintRunSerializer(many=True)


class TagChangeSerializer(serializers.Serializer[Any]):
    """A tag, and over how many recipes it came and went."""

    tag = serializers.CharField()
    came = serializers.IntegerField()
    went = serializers.IntegerField()
    url = serializers.SerializerMethodField(help_text="What the tag means.")

    def get_url(self, change: TagChange) -> str:
        """Return the address of the recipe check or of lintian's tag."""
        is_check = change.stage == Stage.RECIPE_CHECKS and checks.find(change.tag)
        return absolute("api:check" if is_check else "api:lint_tag", change.tag)


class RelintRunPageSerializer(ListSerializer):
    """A run, and a page of the tags that it changed, those of the most recipes first."""

    run = RelintRunSerializer()
    now_passed = serializers.IntegerField(help_text="Recipes that failed before.")
    now_failed = serializers.IntegerField(help_text="Recipes that passed before.")
    results = TagChangeSerializer(many=True)
