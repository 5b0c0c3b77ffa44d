"""The commits that a review rejected or a moderator took out: a file in the intake that the push hook reads. No Django."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..formats.text import lines_of

_NAME = "refused-commits"


def read_refused(repository: Path) -> frozenset[str]:
    """Return the commits that may not come back by a push."""
    try:
        return frozenset(lines_of((repository / _NAME).read_text(encoding="ascii")))
    except FileNotFoundError:
        return frozenset()


def write_refused(repository: Path, commits: Iterable[str]) -> None:
    """Let `commits` be the ones that may not come back; the file is replaced in one step. The caller holds the store's lock."""
    wanted = frozenset(commits)
    if wanted == read_refused(repository):
        return
    temporary = repository / f"{_NAME}.new"
    with temporary.open("w", encoding="ascii") as file:
        file.writelines(f"{commit}\n" for commit in sorted(wanted))
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(repository / _NAME)
