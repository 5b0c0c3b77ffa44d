"""The shapes of lint's tags."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recipes_app.lint.protocol.report import HintSeverity

from ..framework.fields import LinkField
from ..framework.lists import ListSerializer
from ..framework.parameters import PageParameters


class TagParameters(PageParameters):
    """What the list of tags takes."""

    severity = serializers.ChoiceField(
        choices=[("", "all"), *((each.value, each.value) for each in HintSeverity)], required=False, default="",
        allow_blank=True, help_text="Only tags of this severity.",
    )  # fmt: skip
    q = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200, help_text="Parts of the name, all of which it must hold."
    )
    drawn = serializers.BooleanField(required=False, default=False, help_text="Only tags that a recipe draws now.")


class TagLineSerializer(serializers.Serializer[Any]):
    """A tag, and how many recipes draw it now."""

    tag = serializers.CharField()
    severity = serializers.CharField(help_text="error, warning, info, pedantic or classification.")
    tool = serializers.CharField(help_text="Empty: no tool explains it.")
    tool_version = serializers.CharField()
    experimental = serializers.BooleanField()
    counts = serializers.BooleanField(help_text="Whether a verdict may be taken from it.")
    reason = serializers.CharField(help_text="Why the site's profile does not count it; empty: it does.")
    recipes = serializers.IntegerField(help_text="Recipes whose current revision draws it and does not override it.")
    url = LinkField("api:lint_tag", "tag", help_text="The explanation, and which recipes.")


class TagListSerializer(ListSerializer):
    """A page of tags, by name."""

    results = TagLineSerializer(many=True)


class ExplainedTagSerializer(serializers.Serializer[Any]):
    """A tag with what its tool says about it."""

    tag = serializers.CharField(source="line.tag")
    severity = serializers.CharField(source="line.severity")
    tool = serializers.CharField(source="line.tool")
    tool_version = serializers.CharField(source="line.tool_version")
    experimental = serializers.BooleanField(source="line.experimental")
    counts = serializers.BooleanField(source="line.counts")
    reason = serializers.CharField(source="line.reason")
    recipes = serializers.IntegerField(source="line.recipes")
    explanation = serializers.CharField(source="explained.explanation", default="", help_text="HTML, cleaned; empty: not known.")
    see_also = serializers.ListField(source="explained.see_also", child=serializers.CharField(), default=list)
    check_name = serializers.CharField(source="explained.check_name", default="", help_text="The check that draws it.")
    renamed_from = serializers.ListField(source="explained.renamed_from", child=serializers.CharField(), default=list)
    show_always = serializers.BooleanField(source="explained.show_always", default=False, help_text="It can't be overridden.")


class DrawingRecipeSerializer(serializers.Serializer[Any]):
    """A recipe whose current revision draws a tag."""

    name = serializers.CharField()
    version = serializers.CharField(source="current.version")
    commit = serializers.CharField(source="current.commit")
    report = LinkField("api:lint", "name", "current.commit", help_text="The whole report.")


class TagPageSerializer(ListSerializer):
    """A tag, and a page of the recipes that draw it, by name."""

    tag: Any = ExplainedTagSerializer()
    results = DrawingRecipeSerializer(many=True)
