"""What a reader of a difference must not overlook: the gates' own rules, asked about any two revisions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..models import Recipe, Revision
from ..repos.objects import REGULAR_MODES, ObjectReader
from . import gates

# The gates that look at what changed and not at who changed it.
ABOUT_CHANGES = ("changed-maintainer-script", "new-source-host", "changed-checksum")


@dataclass(frozen=True)
class Mark:
    """The gate that speaks, and what it says."""

    gate: str
    reason: str


def marks_of(repository: Path, recipe: Recipe, old: Revision, new: Revision) -> list[Mark]:
    """Return what the gates say of the step from `old` to `new`, both with their metadata. No query, one look into git."""
    with ObjectReader(repository) as reader:
        trees = [_tree(reader, revision.commit) for revision in (old, new)]
    pushed = gates.Pushed(
        recipe=recipe, pusher=None, pushed_at=new.pushed_at, metadata=new.data, tree=trees[1], old_metadata=old.data,
        old_tree=trees[0],
    )  # fmt: skip
    return [Mark(name, reason) for name in ABOUT_CHANGES for reason in gates.GATES[name](pushed)]


def _tree(reader: ObjectReader, commit: str) -> dict[str, bytes]:
    """Return the ids of a commit's files by path: gates ask whether two contents differ, and ids differ where they do."""
    files = (each for each in reader.walk(reader.root_tree(commit)) if each.mode in REGULAR_MODES)
    return {each.path.decode("utf-8", "surrogateescape"): each.oid.encode("ascii") for each in files}
