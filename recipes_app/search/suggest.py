"""Suggestions: what a person who has typed the beginning of a name may mean. One statement, asked at each key stroke."""
# ruff: noqa: S608 - the parts that are put together are constants of this room, never input

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from ..limits import MAX_SUGGESTIONS
from ..plain import kept_plain
from .engine import ENGINES
from .statement import BINARIES, RECIPES
from .tokens import fold, printable

_LIVING = "r.deleted_at IS NULL AND r.current_id IS NOT NULL AND r.quarantined_at IS NULL"
_BY_POPULARITY = "ORDER BY r.vote_weight DESC, r.id DESC LIMIT %s"


@kept_plain
@dataclass(frozen=True)
class Suggestion:
    """A name that begins as was typed: a recipe's, or that of a binary package, which `recipe` builds."""

    name: str
    recipe: str
    synopsis: str


def suggest(typed: str, limit: int = MAX_SUGGESTIONS) -> list[Suggestion]:
    """Return the names of recipes and binary packages that begin with `typed`, the very name first, then the most popular.

    Blanks are taken for the hyphens of names. Quarantined recipes are not suggested. One query; none where nothing was typed.
    """
    beginning = "-".join(fold(printable(typed)).split())
    if not beginning:
        return []
    engine = ENGINES[connection.vendor]
    recipe, binary = engine.begins("r.name", beginning), engine.begins("b.name", beginning)
    text = (
        f"SELECT * FROM (SELECT r.name, r.name AS recipe, r.synopsis, r.vote_weight FROM {RECIPES} r"
        f" WHERE {recipe.text} AND {_LIVING} {_BY_POPULARITY}) AS recipes"
        f" UNION ALL SELECT * FROM (SELECT b.name, r.name AS recipe, b.synopsis, r.vote_weight FROM {BINARIES} b"
        f" JOIN {RECIPES} r ON r.id = b.recipe_id WHERE {binary.text} AND b.name <> r.name AND {_LIVING} {_BY_POPULARITY})"
        " AS binaries"
    )
    with connection.cursor() as cursor:
        cursor.execute(text, (*recipe.parameters, limit, *binary.parameters, limit))
        rows = cursor.fetchall()
    rows.sort(key=lambda row: (row[0] != beginning, -row[3], row[0]))
    # A name is shown once: as the recipe of that name, or as the most popular recipe's package.
    first = {name: Suggestion(name, of, synopsis) for name, of, synopsis, _weight in reversed(rows)}
    return [first[name] for name in dict.fromkeys(row[0] for row in rows)][:limit]
