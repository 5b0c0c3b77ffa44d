"""Reading what was pushed, before anything is locked and within a time: hostile files hold up their own push and nobody else."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..deadline import WorkFailed, run_bounded
from ..formats.effects import Side
from ..limits import INSPECTION_PARSE_SECONDS, INSPECTION_SECONDS
from ..lint.inspection import Comparison, Inspected, inspect_tree, parse_tree
from ..models import Recipe, Revision
from ..repos.objects import read_tree
from ..repos.store import PushRecord, store
from . import lint_gates

logger = logging.getLogger(__name__)
MAIN = "main"


@dataclass(frozen=True)
class Inspection:
    """What is known of one pushed commit. `before` is the published commit that it was compared with, empty for none.

    `inspected` is None where the commit could not be parsed in time; `inspected.hints` where its checks took too long.
    """

    tree: Mapping[str, bytes]
    before: str
    inspected: Inspected | None


def inspect_pushed(storage_name: str, records: Iterable[PushRecord], *, repository: Path | None = None) -> dict[str, Inspection]:
    """Return an inspection for each of `records` that the database does not know yet, by commit. Two queries.

    `repository` is where the commits are: the intake, if it is not said. All of them together take INSPECTION_SECONDS at most,
    and INSPECTION_PARSE_SECONDS for each that the time did not suffice for. Raises ObjectError where git cannot read one.
    """
    records = list(records)
    recipe = Recipe.objects.filter(storage_name=storage_name).first()
    known = set(recipe.revisions.values_list("commit", flat=True)) if recipe else set()
    missing = [each for each in records if each.new not in known]
    if not missing:
        return {}
    tips = recipe.branches.select_related("revision") if recipe else []
    published = {branch.name: branch.revision for branch in tips}
    until = time.monotonic() + INSPECTION_SECONDS
    found: dict[str, Inspection] = {}
    for record in missing:
        if record.new not in found:
            before = published.get(record.branch) or published.get(MAIN)
            found[record.new] = inspect_commit(
                repository or store().intake(storage_name), record.new, before, seconds=until - time.monotonic()
            )
    return found


def inspect_commit(repository: Path, commit: str, before: Revision | None, *, seconds: float = INSPECTION_SECONDS) -> Inspection:
    """Return what one commit says, and how it differs from the published revision `before`. Raises ObjectError."""
    tree = read_tree(repository, commit)
    return Inspection(tree, before.commit if before else "", _look(tree, side_of(repository, before), seconds, commit))


def compare(repository: Path, inspection: Inspection, before: Revision | None) -> Comparison | None:
    """Return the comparison of an inspected commit with `before`, made anew where that is another than it was compared with.

    That happens where another push was published meanwhile, or the same push brings several revisions. Raises ObjectError.
    """
    inspected = inspection.inspected
    if inspected is None or inspected.comparison is None:
        return None
    if inspection.before == (before.commit if before else ""):
        return inspected.comparison
    anew = _look(inspection.tree, side_of(repository, before), INSPECTION_SECONDS, before.commit if before else "")
    return anew.comparison if anew else None


def side_of(repository: Path, revision: Revision | None) -> Side | None:
    """Return a published revision as the effects compare it. Raises ObjectError where git cannot read it."""
    return Side(read_tree(repository, revision.commit), revision.data) if revision else None


def _look(tree: Mapping[str, bytes], old: Side | None, seconds: float, commit: str) -> Inspected | None:
    if seconds > 0:
        try:
            asked = lint_gates.asks_for_checks()
            return run_bounded(inspect_tree, dict(tree), old, asked, wall_seconds=seconds, cpu_seconds=seconds)
        except WorkFailed as error:
            logger.warning("commit %s could not be inspected: %s", commit, error)
    try:
        return run_bounded(parse_tree, dict(tree), wall_seconds=INSPECTION_PARSE_SECONDS)
    except WorkFailed as error:
        logger.warning("commit %s could not be parsed: %s", commit, error)
        return None
