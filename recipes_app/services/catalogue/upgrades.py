"""What is newer than what a machine has: Debian's version order, and what has changed about a recipe since that version.

An installed thing is named by its version, or by the commit that it was built from, which says more: one version can have had
other content, and a revision can have been held, rejected or taken out after somebody had it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from debian.debian_support import Version
from django.db.models import F, Q

from recipes_app.models import BinaryPackage, Recipe, Revision

from ..core.errors import Refused
from .summaries import WATCHED

_COMMIT = re.compile(r"[0-9a-f]{40}")


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
    `state` is what became of the installed revision: published, held, rejected, quarantined; empty where it is not known.
    `has_other_content`: nothing is newer, and the version stands for another commit now than what is installed, or may be.
    """

    name: str
    version: str
    recipe: Recipe
    newer: bool
    since: datetime | None = None
    changes: tuple[Change, ...] = ()
    held_versions: tuple[str, ...] = ()
    state: str = ""
    has_other_content: bool = False

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
    """What the portal has to say of what is installed; every name is in `newer`, `current` or `unknown`.

    Those of which more is to be said are in the other lists besides: `withdrawn` are installed revisions that are held, rejected
    or taken out by now, `changed` has other content under its version, `owner_changed` another maintainer and nothing newer.
    """

    newer: list[Installed] = field(default_factory=list)
    current: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    quarantined: list[Installed] = field(default_factory=list)
    withdrawn: list[Installed] = field(default_factory=list)
    changed: list[Installed] = field(default_factory=list)
    owner_changed: list[Installed] = field(default_factory=list)


def check(installed: Mapping[str, str]) -> Upgrades:
    """Return what is newer than `installed`: versions by name, of recipes or, where no recipe has the name, binary packages.

    Where several recipes build a binary package, the most popular one is meant. Four queries, however many names there are.
    Raises Refused for a version that is none (Debian Policy 5.6.12), with its name.
    """
    for name, version in installed.items():
        if not _COMMIT.fullmatch(version):
            _version(version, name)
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
        item = _item(name, version, recipe, pushed.get((recipe.pk, version), []), tuple(held.get(recipe.pk, ())))
        if item is None:
            result.unknown.append(name)
        else:
            _sort_in(item, result)
    return result


def _item(name: str, asked: str, recipe: Recipe, rows: Sequence[dict[str, Any]], held: tuple[str, ...]) -> Installed | None:
    """Return what is known of one installed thing by the `rows` of its version or commit; None for a commit of nobody's."""
    then = _meant(rows)
    if _COMMIT.fullmatch(asked) and then is None:
        return None
    version = str(then["version"]) if then else asked
    newer = bool(recipe.version) and Version(recipe.version) > Version(version)
    commits = {row["commit"] for row in rows}
    current = recipe.current.commit if recipe.current else ""
    return Installed(
        name, version, recipe, newer,
        since=then["pushed_at"] if then else None,
        # Of what was purged nothing is kept that could be compared.
        changes=_changes(recipe, then) if then and then["purged_at"] is None else (),
        held_versions=held,
        state=_state(then) if then else "",
        has_other_content=not newer and recipe.version == version and bool(commits) and commits != {current},
    )  # fmt: skip


def _meant(rows: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the revision that somebody who has the version most likely has: the last published one, or else the last."""
    published = [row for row in rows if row["review"] == Revision.Review.PUBLISHED]
    meant = published or rows
    return meant[-1] if meant else None


def _state(row: Mapping[str, Any]) -> str:
    """Return what became of a revision."""
    if row["review"] == Revision.Review.QUARANTINED and row["hold__released"] is False:
        return "rejected"
    return str(row["review"])


def _sort_in(item: Installed, result: Upgrades) -> None:
    if item.newer:
        result.newer.append(item)
    else:
        result.current.append(item.name)
        if item.owner_changed:
            result.owner_changed.append(item)
    if item.recipe.quarantined_at is not None:
        result.quarantined.append(item)
    if item.state not in ("", Revision.Review.PUBLISHED):
        result.withdrawn.append(item)
    elif item.has_other_content:
        result.changed.append(item)


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


def _revisions(ids: set[int], asked: set[str]) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """Return what was said at each installed version or commit, by recipe and what was asked, oldest push first. One query."""
    if not ids:
        return {}
    said = {column: F(f"metadata__{column}") for column in WATCHED}
    commits = {each for each in asked if _COMMIT.fullmatch(each)}
    named = Q(version__in=asked - commits) | Q(commit__in=commits)
    rows = Revision.objects.filter(named, recipe_id__in=ids).order_by("pushed_at", "pk")
    found: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in rows.values("recipe_id", "version", "commit", "review", "hold__released", "pushed_at", "purged_at", **said):
        for key in {row["version"], row["commit"]} & asked:
            found.setdefault((row["recipe_id"], key), []).append(dict(row))
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
