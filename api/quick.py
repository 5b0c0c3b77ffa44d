"""The shapes that are given out most, made without DRF's machinery: a list of fifty recipes takes a twentieth of its time.

What they say is what the serializers say, which describe them in the schema: tests/api/test_quick.py holds the bytes together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

from django.utils import timezone

from recipes_app.services.summaries import Summary
from recipes_app.services.votes import weight_at

from .links import absolute


def summary_list(rows: Iterable[Summary]) -> list[dict[str, Any]]:
    """Return what RecipeSummarySerializer says of each recipe."""
    now, zone = weight_at(timezone.now()), timezone.get_current_timezone()
    return [_summary(row, now, zone) for row in rows]


def _summary(recipe: Summary, now: float, zone: tzinfo) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "version": recipe.version,
        "synopsis": recipe.synopsis,
        "section": recipe.section,
        "category": recipe.category,
        "maintainer": recipe.maintainer,
        "licence_class": recipe.licence_class,
        "redistribution": recipe.redistribution,
        "needs_acceptance": recipe.needs_acceptance,
        "model_class": recipe.model_class,
        "provenance": recipe.provenance,
        "lint_state": recipe.lint_state,
        "votes": recipe.vote_count,
        "popularity": recipe.vote_weight / now,
        "open_flags": recipe.open_flags,
        "quarantined": recipe.quarantined_at is not None,
        "created_at": _time(recipe.created_at, zone),
        "updated_at": _time(recipe.updated_at, zone),
        "url": absolute("api:recipe", recipe.name),
        "page": absolute("recipe", recipe.name),
    }


def _time(moment: datetime, zone: tzinfo) -> str:
    """Return a time as DRF's field has it: ISO 8601 in the zone of the request, UTC as Z."""
    text = moment.astimezone(zone).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
