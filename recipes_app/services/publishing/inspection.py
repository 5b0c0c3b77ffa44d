"""Reading what was pushed, before anything is locked and within a time: hostile files hold up their own push and nobody else."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from recipes_app.deadline import NoPlace, WorkFailed, run_bounded
from recipes_app.formats.effects import Side
from recipes_app.limits import INSPECTION_PARSE_SECONDS, INSPECTION_SECONDS
from recipes_app.lint.inspection import Inspected, inspect_tree, parse_tree
from recipes_app.models import Recipe, Revision
from recipes_app.repos.browse import read_tree
from recipes_app.repos.push_rules import MAIN_BRANCH
from recipes_app.repos.store import PushRecord, store

from ..gates import lint_gates

logger = logging.getLogger(__name__)

Published = TypeVar("Published")


@dataclass(frozen=True)
class Inspection:
    """What is known of one pushed commit. `inspected` is None where it could not be parsed in time.

    It has no comparison where there was time to parse the commit and no more.
    """

    tree: Mapping[str, bytes]
    inspected: Inspected | None


NOTHING: Mapping[str, Inspection] = MappingProxyType({})


def would_follow(branch: str, published: Mapping[str, Published]) -> Published | None:
    """Return which of the `published`, by branch, a push to `branch` follows: its own, or main's where it has none."""
    return published.get(branch) or published.get(MAIN_BRANCH)


def inspect_pushed(
    storage_name: str, records: Iterable[PushRecord], already: Mapping[str, Inspection] = NOTHING
) -> dict[str, Inspection]:
    """Return an inspection for each of `records` that the database does not know yet, by commit. Three queries at most.

    Each is compared with what is published now, and with the push of `records` before it, which may be published first. Where
    `already` has that, it is taken from there. All of them together take INSPECTION_SECONDS at most, and
    INSPECTION_PARSE_SECONDS for each that the time did not suffice for.

    Raises ObjectError where git cannot read one, NoPlace where so much else is being looked at that it has to be tried again.
    """
    recipe = Recipe.objects.filter(storage_name=storage_name).first()
    known = set(recipe.revisions.values_list("commit", flat=True)) if recipe else set()
    missing = {each.new: each for each in reversed(list(records)) if each.new not in known}
    if not missing:
        return {}
    sides = _Sides(storage_name)
    tips = {tip.name: sides.add(tip.revision) for tip in recipe.branches.select_related("revision")} if recipe else {}
    pushed: dict[str, str] = {}
    until = time.monotonic() + INSPECTION_SECONDS
    found: dict[str, Inspection] = {}
    for commit, record in reversed(missing.items()):
        now, soon = (would_follow(record.branch, each) or "" for each in (tips, {**tips, **pushed}))
        one = already.get(commit)
        if one is None or (one.inspected and one.inspected.comparisons and now not in one.inspected.comparisons):
            tree = one.tree if one else sides.tree(commit)
            one = Inspection(tree, _look(tree, {each: sides.get(each) for each in (now, soon)}, until - time.monotonic(), commit))
        found[commit] = one
        if one.inspected and one.inspected.parsed.metadata:
            sides.known[commit] = Side(one.tree, one.inspected.parsed.metadata)
            pushed[record.branch] = commit
    return found


class _Sides:
    """The revisions of one repository as the effects compare them, by commit, each read when it is first needed."""

    def __init__(self, storage_name: str) -> None:
        self._repository = store().intake(storage_name)
        self._revisions: dict[str, Revision] = {}
        self.known: dict[str, Side | None] = {"": None}

    def tree(self, commit: str) -> Mapping[str, bytes]:
        """Return the files of a commit. Raises ObjectError."""
        return read_tree(self._repository, commit)

    def add(self, revision: Revision) -> str:
        """Note a published revision; return its commit."""
        self._revisions[revision.commit] = revision
        return revision.commit

    def get(self, commit: str) -> Side | None:
        """Return a noted revision; None for the empty name. Raises ObjectError."""
        if commit not in self.known:
            self.known[commit] = Side(self.tree(commit), self._revisions[commit].data)
        return self.known[commit]


def _look(tree: Mapping[str, bytes], olds: Mapping[str, Side | None], seconds: float, commit: str) -> Inspected | None:
    """Return what is said of `tree` within `seconds`, or what its parser says of it, or None. Raises NoPlace."""
    if seconds > 0:
        try:
            asked = lint_gates.asks_for_checks()
            return run_bounded(
                inspect_tree, dict(tree), olds, asked,
                wall_seconds=seconds, cpu_seconds=seconds, wait_seconds=INSPECTION_SECONDS,
            )  # fmt: skip
        except NoPlace:
            raise
        except WorkFailed as error:
            logger.warning("commit %s could not be inspected: %s", commit, error)
    try:
        return run_bounded(
            parse_tree, dict(tree), wall_seconds=INSPECTION_PARSE_SECONDS, wait_seconds=INSPECTION_SECONDS,
        )  # fmt: skip
    except NoPlace:
        raise
    except WorkFailed as error:
        logger.warning("commit %s could not be parsed: %s", commit, error)
        return None
