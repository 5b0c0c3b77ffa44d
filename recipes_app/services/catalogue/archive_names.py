"""Names of Debian's own packages, for `names.likeness`: read when the first name is asked about, and kept.

The file is made by `python -m devtools.archive_names`, which says which names are in it.
"""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path

from .likeness import NameIndex

NAMES_FILE = Path(__file__).with_name("archive_names.xz")
# What stands behind a name: a source package that is known, and a binary package, of which only known ones are listed.
KNOWN = "!"
BINARY = "*"


class ArchiveNames(NameIndex):
    """Debian's names; `binaries` are those of binary packages alone."""

    binaries: frozenset[str] = frozenset()


@cache
def archive_names() -> ArchiveNames:
    """Return Debian's names."""
    lines = lzma.decompress(NAMES_FILE.read_bytes()).decode("ascii").split()
    binaries = frozenset(line[:-1] for line in lines if line.endswith(BINARY))
    index = ArchiveNames()
    index.add((line.rstrip(KNOWN + BINARY) for line in lines), known=(line[:-1] for line in lines if line[-1] in {KNOWN, BINARY}))
    index.binaries = binaries
    return index
