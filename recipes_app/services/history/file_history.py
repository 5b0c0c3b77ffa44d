"""One file through a recipe's revisions: who pushed each line, and which revisions touched it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recipes_app.models import Revision
from recipes_app.repos import history

from ..catalogue import catalogue


@dataclass(frozen=True)
class Origin:
    """Where `count` lines from `first` on come from. `revision` is None where no revision is known to have brought them.

    `before` is the revision that has the file as it was before, at `before_path`; None where these lines are as old as it.
    """

    first: int
    count: int
    revision: Revision | None
    author: str
    before: Revision | None
    before_path: str


def blame(repository: Path, revision: Revision, path: str) -> list[Origin]:
    """Return where the lines of a file of `revision` come from, first to last. One query. Raises HistoryError."""
    pushed = {each.commit: each for each in catalogue.pushed_order(revision.recipe)}
    brought = history.brought_by(repository, revision.commit, pushed)
    origins = []
    for lines in history.blame(repository, revision.commit, path):
        bringer = brought.get(lines.commit, "")
        before = brought.get(lines.previous, "")
        # The commit before may have come by the same push: then no page shows the file as it was in between.
        earlier = pushed[before] if before and before != bringer else None
        origins.append(Origin(lines.first, lines.count, pushed.get(bringer), lines.author, earlier, lines.previous_path))
    return origins


def revisions_touching(repository: Path, revision: Revision, path: str) -> list[Revision]:
    """Return the revisions up to `revision` that brought a change of a file, newest first. One query. Raises HistoryError."""
    pushed = {each.commit: each for each in catalogue.pushed_order(revision.recipe)}
    brought = history.brought_by(repository, revision.commit, pushed)
    commits = [brought[commit] for commit in history.touching(repository, revision.commit, path) if commit in brought]
    return [pushed[commit] for commit in dict.fromkeys(commits)]
