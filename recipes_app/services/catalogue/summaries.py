"""Recipes as lists of the API show them: those columns and no more. Fifty rows with their accounts take five times as long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from recipes_app.models import Recipe


class Summary(NamedTuple):
    """What a list says of a recipe. The names are the recipe's columns'; `maintainer` is a username, None for an orphan."""

    id: int
    name: str
    version: str
    synopsis: str
    section: str
    category: str
    maintainer: str | None
    licence_class: str
    redistribution: str
    needs_acceptance: bool
    model_class: str
    provenance: str
    lint_state: str
    vote_count: int
    vote_weight: float
    open_flags: int
    quarantined_at: datetime | None
    created_at: datetime
    updated_at: datetime


_COLUMNS = tuple("maintainer__username" if name == "maintainer" else name for name in Summary._fields)


def by_ids(ids: list[int]) -> list[Summary]:
    """Return the recipes of these ids in their order, without those that are gone. One query, none for no ids."""
    if not ids:
        return []
    rows = Recipe.objects.filter(pk__in=ids).order_by().values_list(*_COLUMNS)
    found = {row[0]: Summary._make(row) for row in rows}
    return [found[each] for each in ids if each in found]


def by_names(names: Iterable[str]) -> dict[str, Summary]:
    """Return those of `names` that are living recipes. One query."""
    rows = Recipe.objects.filter(name__in=set(names), deleted_at=None).order_by().values_list(*_COLUMNS)
    return {row[1]: Summary._make(row) for row in rows}


def of(recipe: Recipe) -> Summary:
    """Return what a list says of a recipe that is at hand with its maintainer."""
    said = {name: getattr(recipe, name) for name in Summary._fields if name != "maintainer"}
    return Summary(maintainer=recipe.maintainer.username if recipe.maintainer else None, **said)
