"""What a run has written, where no tmpfs with a size holds it: the level `confined`. No Django here."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

_BLOCK = 512
# What an empty file costs a file system, about.
_INODE_BYTES = 1024
# A look at a large tree takes time: it may take this share of it.
_SHARE = 0.1
_LEAST_SECONDS = 0.05


class DiskWatch:
    """Counts what lies in `folder`, and how much less its file system has free.

    What has been unlinked and is open is in no folder: only the free space tells of it, which `others` bytes of other programs
    may have taken as well. Between two looks more can be written: it is a watch and no wall.
    """

    def __init__(self, folder: Path, limit: int, others: int) -> None:
        self._folder = folder
        self._limit = limit
        self._least_free = _free(folder) - limit - others
        self._next_look = 0.0

    def is_full(self) -> bool:
        """Return whether more was written than may be. A look is taken from time to time, and else it says no."""
        now = time.monotonic()
        if now < self._next_look:
            return False
        full = _free(self._folder) < self._least_free or used_bytes(self._folder, self._limit) > self._limit
        self._next_look = now + max(_LEAST_SECONDS, (time.monotonic() - now) / _SHARE)
        return full


def used_bytes(folder: Path, enough: int) -> int:
    """Return the bytes that the files below `folder` take; counting stops above `enough`.

    What comes and goes, what lies too deep for a path and what may not be listed is missed; the free space tells of it.
    """
    total = 0
    waiting = [str(folder)]
    while waiting and total <= enough:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                total += status.st_blocks * _BLOCK + _INODE_BYTES
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return total


def _free(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bfree * status.f_frsize
