"""What a search for the products of a build looks at."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

# The start of every .deb (deb(5)).
DEB_MAGIC = b"!<arch>\ndebian-binary"


def built_files(folders: Iterable[Path], marker: bytes, *, since: float) -> list[Path]:
    """Return the regular files below `folders`, changed since then, that hold `marker` or are a binary package."""
    return sorted({path for folder in folders for path in _changed(folder, since) if _is_built(path, marker)})


def _changed(folder: Path, since: float) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            try:
                status = path.lstat()
            except FileNotFoundError:
                # Others work on this machine, too.
                continue
            if stat.S_ISREG(status.st_mode) and status.st_size and status.st_ctime >= since - 1:
                yield path


def _is_built(path: Path, marker: bytes) -> bool:
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content[: len(DEB_MAGIC)] == DEB_MAGIC or content.find(marker) >= 0
    except (OSError, ValueError):
        # Gone or emptied since it was listed: not ours to find.
        return False
