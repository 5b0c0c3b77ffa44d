"""What the API says of a recipe check."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from recipes_app.formats.findings import Severity
from recipes_app.lint.checks.base import Family

from ..framework.fields import LinkField


class CheckSerializer(serializers.Serializer[Any]):
    """A check: its words, and the page that shows its examples."""

    id = serializers.CharField(help_text="Stable: findings bear it as their tag.")
    severity = serializers.ChoiceField(choices=[each.value for each in Severity])
    family = serializers.ChoiceField(choices=[each.value for each in Family])
    is_security = serializers.BooleanField(help_text="Whether it looks for harm done to a user's machine.")
    title = serializers.CharField()
    explanation = serializers.CharField()
    remedy = serializers.CharField()
    page = LinkField("check", "id", help_text="The page with an example that fails and one that mends it.")
