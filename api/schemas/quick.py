"""The shapes that are given out most, made without DRF's machinery: a list of fifty recipes takes a twentieth of its time.

A recipe costs a query for what it is and one for its lint, and one more for each of the rarer things that it has.

What they say is what the serializers say, which describe them in the schema: tests/api/test_quick.py holds the bytes together.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any

import orjson
from django.utils import timezone

from recipes_app.models import OwnershipRequest, Recipe, Revision
from recipes_app.services.catalogue import catalogue, summaries
from recipes_app.services.catalogue.summaries import COLUMNS, Row
from recipes_app.services.catalogue.votes import weight_at
from recipes_app.services.gates.trust_facts import Person, TrustFacts
from recipes_app.services.lint import reports
from recipes_app.services.ownership.model_class import classes_of

from ..framework.links import absolute, clone_url
from .ownership import ModelClassSerializer, PendingRequestSerializer
from .recipes import metadata_json, plan_json, review_status

_PATHS = {each.name: each.path for each in COLUMNS}
_TIMES = tuple(each.name for each in COLUMNS if each.kind is datetime)


def summary_list(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return what RecipeSummarySerializer says of each recipe."""
    now, zone = weight_at(timezone.now()), timezone.get_current_timezone()
    return [_summary(row, now, zone) for row in rows]


def summary_texts(names: Iterable[str]) -> dict[str, bytes]:
    """Return, by name, the JSON of what `summary_list` says of each of `names` that is a recipe. One query."""
    found = summaries.by_names(names)
    return {name: orjson.dumps(said) for name, said in zip(found, summary_list(found.values()), strict=True)}


def _summary(row: Row, now: float, zone: tzinfo) -> dict[str, Any]:
    said = {name: row[path] for name, path in _PATHS.items()}
    said["popularity"] /= now
    said["quarantined"] = said["quarantined"] is not None
    for name in _TIMES:
        said[name] = _time(said[name], zone)
    said["url"], said["page"] = absolute("api:recipe", row["name"]), absolute("recipe", row["name"])
    return said


def recipe_detail(recipe: Recipe, facts: TrustFacts | None) -> dict[str, Any]:
    """Return what RecipeSerializer says of a recipe of `catalogue.get_recipe`. One query to five.

    `facts` are those of `trust_facts.facts_of`, None where nothing is published.
    """
    now, zone = weight_at(timezone.now()), timezone.get_current_timezone()
    current = recipe.current
    metadata = metadata_json(current) if current else None
    return {
        **_summary(summaries.of(recipe), now, zone),
        "lint_summary": lint_summary(current),
        "submitter": recipe.submitter_name,
        "osaid_class": current.metadata.get("osaid_class", "") if current else "",
        "models": _models(recipe),
        "maintainer_since": _time(recipe.maintainer_since, zone),
        "ownership_changed_at": _time(recipe.ownership_changed_at, zone),
        "previous_maintainer": recipe.previous_maintainer_name,
        "pending_requests": _pending_requests(recipe),
        "quarantined_at": _time(recipe.quarantined_at, zone),
        "quarantine_reason": recipe.quarantine_reason,
        "review_status": review_status(recipe),
        "clone_url": clone_url(recipe),
        "revisions": absolute("api:revisions", recipe.name),
        "head_commit": current.commit if current else None,
        "head_pushed_at": _time(current.pushed_at, zone) if current else None,
        "last_pusher": current.pusher_name if current else None,
        "trust": _trust(facts, zone) if facts else None,
        "branches": [
            {"name": branch.name, "commit": branch.revision.commit, "version": branch.revision.version}
            for branch in catalogue.branches(recipe)
        ],
        "metadata": metadata,
        "source_plan": plan_json(current),
    }


def _trust(facts: TrustFacts, zone: tzinfo) -> dict[str, Any]:
    """Return what TrustSerializer says of the people behind a recipe."""

    def person(known: Person | None) -> dict[str, Any] | None:
        if known is None:
            return None
        since = _time(known.since, zone)
        return {
            "username": known.username, "since": since, "second_factor": known.second_factor, "frozen": known.is_frozen,
        }  # fmt: skip

    return {
        "pusher": person(facts.pusher),
        "maintainer": person(facts.maintainer),
        "published": facts.published,
        "pushes_since": _time(facts.pushes_since, zone),
        "quarantines": facts.quarantines,
        "pusher_quarantines": facts.pusher_quarantines,
        "packager": facts.packager,
        "is_own_packaging": facts.is_own_packaging,
        "reviewer": facts.reviewer,
    }


def lint_summary(revision: Revision | None) -> dict[str, Any] | None:
    """Return what LintSummarySerializer says of a revision that has its recipe; None where no lint was queued.

    One query.
    """
    found = reports.numbers_of(revision) if revision else None
    if revision is None or found is None:
        return None
    return {
        "state": found.state,
        "tool": found.tool,
        "tool_version": found.tool_version,
        "counts": found.counts,
        "url": absolute("api:lint", revision.recipe.name, revision.commit),
    }


def _models(recipe: Recipe) -> Any:
    """Return the recipe's models. One query, none where it has none: to read its metadata for that is most of the work."""
    if recipe.current is None or not recipe.current.metadata.get("models"):
        return []
    return ModelClassSerializer(classes_of(recipe, recipe.current.data), many=True).data


def _pending_requests(recipe: Recipe) -> Any:
    """Return the open requests. One query, none where `get_recipe` has seen that there are none."""
    if not getattr(recipe, "requests_stamp", True):
        return []
    rows = recipe.requests.filter(state=OwnershipRequest.State.OPEN).order_by("pk")
    return PendingRequestSerializer(rows, many=True).data


def _time(moment: datetime | None, zone: tzinfo) -> str | None:
    """Return a time as DRF's field has it: ISO 8601 in the zone of the request, UTC as Z."""
    if moment is None:
        return None
    text = moment.astimezone(zone).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
