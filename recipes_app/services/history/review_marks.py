"""What a reader of a difference must not overlook: the classes of change, as the gates see them, of any two revisions."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from recipes_app.deadline import WorkFailed, run_bounded
from recipes_app.formats.effects import Effect, Side, changes_of
from recipes_app.limits import MARKS_SECONDS, MAX_REASONS
from recipes_app.models import Revision
from recipes_app.repos.browse import read_tree

logger = logging.getLogger(__name__)

# What everybody has to look at; the rest is the difference itself.
SHOWN = (Effect.ROOT, Effect.ORIGIN, Effect.CLASS)


@dataclass(frozen=True)
class Mark:
    """The class of a change, and what it says."""

    gate: str
    reason: str


def marks_of(repository: Path, old: Revision, new: Revision) -> list[Mark]:
    """Return what stands out of the step from `old` to `new`, both with their metadata. No query, one look into git."""
    sides = [Side(read_tree(repository, revision.commit), revision.data) for revision in (old, new)]
    try:
        changes = run_bounded(changes_of, *sides, wall_seconds=MARKS_SECONDS)
    except WorkFailed as error:
        logger.warning("what changed from %s to %s cannot be told in time: %s", old.commit, new.commit, error)
        return []
    found = [change for change in changes if change.effect in SHOWN]
    return [Mark(change.effect.value, change.what) for change in found[:MAX_REASONS]]
