"""The names of the Debian archive's binary packages, from the lists that apt keeps on this machine. No Django.

`apt update` keeps the lists fresh; the program asks nobody. What is known is what the machine's sources name: a runner with
the sources of all supported suites knows all their names.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

LISTS = Path("/var/lib/apt/lists")
# apt's own reader: it takes every compression that apt has stored its lists with.
_READER = "/usr/lib/apt/apt-helper"
_FIELD = b"Package: "


class ArchiveUnknown(Exception):
    """The lists cannot be read; the text says why."""


@dataclass(frozen=True)
class ArchiveNames:
    """The names, and the day of the newest list; empty where apt has no lists."""

    names: frozenset[str] = frozenset()
    date: str = ""


def archive_names(lists: Path = LISTS) -> ArchiveNames:
    """Return the names of all binary packages in apt's lists. They are read again only after a list has changed.

    Raises ArchiveUnknown where apt's reader fails.
    """
    files = sorted(path for path in lists.glob("*_Packages*") if path.is_file())
    return _read(tuple((path, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=2)
def _read(files: Sequence[tuple[Path, int]]) -> ArchiveNames:
    if not files:
        return ArchiveNames()
    newest = max(changed for _, changed in files)
    names = frozenset(name for path, _ in files for name in _names(path))
    return ArchiveNames(names, datetime.fromtimestamp(newest / 10**9, UTC).date().isoformat())


def _names(path: Path) -> Iterator[str]:
    """Yield the names in one list, line by line: an index of Debian's has 50 MB once it is unpacked."""
    command = [_READER, "cat-file", "--", str(path)]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
            for line in reader.stdout or ():
                if line.startswith(_FIELD):
                    yield line[len(_FIELD) :].strip().decode("ascii", "replace")
    except OSError as error:
        raise ArchiveUnknown(f"{path.name} cannot be read by {_READER}: {error}") from error
    if reader.returncode != 0:
        raise ArchiveUnknown(f"{path.name} cannot be read: {_READER} ended with status {reader.returncode}")
