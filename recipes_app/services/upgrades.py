"""What is newer than what a machine has: Debian's version order, and what has changed about a recipe since that version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from debian.debian_support import Version
from django.db.models import F

from ..models import BinaryPackage, Recipe, Revision
from .errors import Refused

# What an owner of a machine wants to be told of before he builds a new version: copied columns of the recipe.
WATCHED = ("licence_class", "redistribution", "needs_acceptance", "model_class", "provenance")


@dataclass(frozen=True)
class Change:
    """A class that was another one at the installed version."""

    field: str
    then: Any
    now: Any


@dataclass(frozen=True)
class Installed:
    """One installed package beside its recipe.

    `since` is when the installed version was pushed, None where no such version was: what has changed since is then not known.
    """

    name: str
    version: str
    recipe: Recipe
    newer: bool
    since: datetime | None = None
    changes: tuple[Change, ...] = ()
    held_versions: tuple[str, ...] = ()

    @property
    def owner_changed(self) -> bool | None:
        """Whether the maintainer is another one by now; None where that is not known."""
        if self.since is None:
            return None
        return self.recipe.ownership_changed_at is not None and self.recipe.ownership_changed_at > self.since

    @property
    def review_status(self) -> str:
        """What stands between the newest push and those who build, as the recipe itself says it."""
        if self.recipe.quarantined_at is not None:
            return "quarantined"
        return "held" if self.held_versions else "published"


@dataclass
class Upgrades:
    """What the portal has to say of what is installed; every name is in one of the lists, and in `quarantined` besides."""

    newer: list[Installed] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    quarantined: list[Installed] = field(default_factory=list)


def check(installed: Mapping[str, str]) -> Upgrades:
    """Return what is newer than `installed`: versions by name, of recipes or, where no recipe has the name, binary packages.

    Where several recipes build a binary package, the most popular one is meant. Four queries, however many names there are.
    Raises Refused for a version that is none (Debian Policy 5.6.12), with its name.
    """
    versions = {name: _version(version, name) for name, version in installed.items()}
    recipes = _recipes(installed)
    ids = {recipe.pk for recipe in recipes.values()}
    pushed = _revisions(ids, set(installed.values()))
    held = _held(ids)
    result = Upgrades()
    for name, version in installed.items():
        recipe = recipes.get(name)
        if recipe is None:
            result.unknown.append(name)
            continue
        newer = bool(recipe.version) and Version(recipe.version) > versions[name]
        then = pushed.get((recipe.pk, version))
        item = Installed(
            name, version, recipe, newer,
            since=then["pushed_at"] if then else None,
            changes=_changes(recipe, then) if then else (),
            held_versions=tuple(held.get(recipe.pk, ())),
        )  # fmt: skip
        if newer:
            result.newer.append(item)
        else:
            result.current.append(name)
        if recipe.quarantined_at is not None:
            result.quarantined.append(item)
    return result


def _version(text: str, name: str) -> Version:
    try:
        return Version(text)
    except ValueError as error:
        message = f"{text[:80]!r} is no version that dpkg would take: give what dpkg-query prints"
        raise Refused(message, field=f"installed.{name}", code="bad-version") from error


def _recipes(names: Collection[str]) -> dict[str, Recipe]:
    """Return the recipe that each of `names` means. Two queries."""
    columns = Recipe.objects.filter(deleted_at=None).select_related("maintainer", "current")
    slim = columns.defer("current__metadata", "current__findings")
    found = {recipe.name: recipe for recipe in slim.filter(name__in=set(names))}
    rest = set(names) - set(found)
    if rest:
        # The most popular comes last, and stays.
        rows = BinaryPackage.objects.filter(name__in=rest, recipe__deleted_at=None).order_by("recipe__vote_weight", "-recipe__pk")
        packages = rows.select_related("recipe__maintainer", "recipe__current")
        for package in packages.defer("recipe__current__metadata", "recipe__current__findings"):
            found[package.name] = package.recipe
    return found


def _revisions(ids: set[int], versions: set[str]) -> dict[tuple[int, str], dict[str, Any]]:
    """Return what was said at each installed version, by recipe and version; the last push of a version counts. One query."""
    if not ids:
        return {}
    said = {column: F(f"metadata__{column}") for column in WATCHED}
    rows = Revision.objects.filter(recipe_id__in=ids, version__in=versions).order_by("pushed_at", "pk")
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows.values("recipe_id", "version", "pushed_at", **said):
        found[row["recipe_id"], row["version"]] = dict(row)
    return found


def _held(ids: set[int]) -> dict[int, list[str]]:
    """Return the versions that wait for a reviewer, by recipe. One query."""
    held: dict[int, list[str]] = {}
    rows = Revision.objects.filter(recipe_id__in=ids, review=Revision.Review.HELD).order_by("pushed_at", "pk")
    for recipe_id, version in rows.values_list("recipe_id", "version"):
        held.setdefault(recipe_id, []).append(version)
    return held


def _changes(recipe: Recipe, then: Mapping[str, Any]) -> tuple[Change, ...]:
    pairs = ((column, then[column], getattr(recipe, column)) for column in WATCHED)
    return tuple(Change(column, before, now) for column, before, now in pairs if before != now)
