"""What a reader of a difference must not overlook: the classes of change, as the gates see them, of any two revisions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..formats.effects import Change, Effect, Side, changes_of
from ..limits import MAX_REASONS
from ..models import Revision
from ..repos.objects import read_tree

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
    found: list[Change] = [change for change in changes_of(*sides) if change.effect in SHOWN]
    return [Mark(change.effect.value, change.what) for change in found[:MAX_REASONS]]
