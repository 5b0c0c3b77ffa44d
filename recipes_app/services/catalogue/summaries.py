"""What lists, look-ups, dumps and the API say of a recipe in short: one table of columns that all of them are made of.

Fifty rows with their accounts take five times as long as these columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.vocabulary import Authorship, Category, LicenceClass, ModelVerdict, Redistribution
from recipes_app.models import Recipe

# A recipe by the names of its columns.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One thing that is said. `name` is what API and dumps call it, `column` the recipe's own, by the ORM's path.

    A `copied` column says what the files of the current revision say, under the same name, as far as the column holds it.
    The catalogue is counted by `counted` columns; who builds again is told first where a `watched` one has changed.
    """

    name: str
    kind: type
    meaning: str = ""
    column: str = ""
    copied: bool = False
    nullable: bool = False
    counted: bool = False
    watched: bool = False

    @property
    def path(self) -> str:
        """Where the ORM finds it."""
        return self.column or self.name


def _one_of(words: Iterable[str]) -> str:
    return ", ".join(words)


COLUMNS = (
    Column("name", str, "The recipe's name: the source package's."),
    Column("version", str, "The version of the newest changelog entry on `main`.", copied=True),
    Column("synopsis", str, "The first binary package's synopsis.", copied=True),
    Column("section", str, copied=True),
    Column("category", str, f"One of {_one_of(Category)}.", copied=True, counted=True),
    Column("maintainer", str, "The account that keeps it; null: an orphan.", column="maintainer__username", nullable=True),
    Column(
        "licence_class",
        str,
        f"The worst of its licences', from the best: {_one_of(LicenceClass)}.",
        copied=True,
        counted=True,
        watched=True,
    ),
    Column(
        "redistribution",
        str,
        f"One of {_one_of(Redistribution)}. permitted is said only where it is known.",
        copied=True,
        counted=True,
        watched=True,
    ),
    Column("needs_acceptance", bool, "Whether a user has to accept a licence or a risk first.", copied=True, watched=True),
    Column(
        "model_class",
        str,
        f"The worst of its models', rulings counted: {_one_of(ModelVerdict)}; empty: no model.",
        counted=True,
        watched=True,
    ),
    Column("provenance", str, f"{_one_of(Authorship)}; empty: not said.", copied=True, counted=True, watched=True),
    Column("lint_state", str, "The state of the current revision's lint job; empty: none.", counted=True),
    Column("votes", int, column="vote_count"),
    # What is kept does not fall by the day; a reader makes popularity of it.
    Column("popularity", float, "The sum of 0.98^days over the votes, now.", column="vote_weight"),
    Column("open_flags", int, "Flags that are open or answered."),
    Column("quarantined", bool, "Whether it is held back: nobody can clone it.", column="quarantined_at"),
    Column("created_at", datetime),
    Column("updated_at", datetime, "When `main` was pushed last."),
)
COUNTED_BY = tuple(each.path for each in COLUMNS if each.counted)
WATCHED = tuple(each.path for each in COLUMNS if each.watched)
_PATHS = ("id", *(each.path for each in COLUMNS))


def meaning_of(name: str) -> str:
    """Return what the column `name` means."""
    return next(each.meaning for each in COLUMNS if each.name == name)


def by_ids(ids: list[int]) -> list[Row]:
    """Return the recipes of these ids in their order, without those that are gone. One query, none for no ids."""
    if not ids:
        return []
    found = {row["id"]: row for row in Recipe.objects.filter(pk__in=ids).order_by().values(*_PATHS)}
    return [found[each] for each in ids if each in found]


def by_names(names: Iterable[str]) -> dict[str, Row]:
    """Return those of `names` that are living recipes. One query."""
    rows = Recipe.objects.filter(name__in=set(names), deleted_at=None).order_by().values(*_PATHS)
    return {row["name"]: row for row in rows}


def of(recipe: Recipe) -> Row:
    """Return what a list says of a recipe that is at hand with its maintainer."""
    own = {path: getattr(recipe, path) for path in _PATHS if "__" not in path}
    return {**own, "maintainer__username": recipe.maintainer.username if recipe.maintainer else None}


def copied(metadata: RecipeMetadata) -> dict[str, Any]:
    """Return the columns that say what the files of a revision say."""
    return {each.path: _as_held(each.path, getattr(metadata, each.name)) for each in COLUMNS if each.copied}


def _as_held(path: str, value: Any) -> Any:
    held: models.Field[Any, Any] = Recipe._meta.get_field(path)  # type: ignore[assignment]  # columns of its own, no relations
    return value[: held.max_length] if isinstance(value, str) else value
