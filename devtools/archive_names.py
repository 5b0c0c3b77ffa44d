"""Write the names of Debian's packages that new recipes are held against: `python -m devtools.archive_names`.

All source packages of the suites below, and of the binary packages those that five other source packages or more name in their
relations, or that every system has: these are what somebody would be deceived with. Fetched as `archive_facts` does; to be run
again for a new release of Debian.
"""

from __future__ import annotations

import argparse
import lzma
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recipes_app.services.catalogue.archive_names import BINARY, KNOWN, NAMES_FILE
from recipes_app.services.catalogue.likeness import core

from .archive_facts import COMPONENTS, fetch_indexes, paragraphs_of, relations_of

SUITES = ("bookworm", "trixie", "sid")
# Source packages that name a package in a relation until it counts as known: 5,500 of 45,000 source packages then are.
KNOWN_FROM = 5
_BASIC = frozenset({"required", "important", "standard"})
_RELATIONS = ("Pre-Depends", "Depends", "Recommends", "Suggests")
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]


@dataclass
class Names:
    """Which source package each binary package is built from, who names it, and which of them every system has."""

    sources: dict[str, str] = field(default_factory=dict)
    named_by: dict[str, set[str]] = field(default_factory=dict)
    basic: set[str] = field(default_factory=set)

    def add(self, paragraph: str) -> None:
        """Take in a paragraph of an index of binary packages."""
        values = {name: value for name, colon, value in (line.partition(": ") for line in paragraph.split("\n")) if colon}
        name = values.get("Package")
        if not name:
            return
        source = values.get("Source", name).split()[0]
        self.sources[name] = source
        if values.get("Priority") in _BASIC:
            self.basic.add(name)
        for relation in _RELATIONS:
            for alternatives in relations_of(values.get(relation, "")):
                for other in alternatives:
                    self.named_by.setdefault(other, set()).add(source)

    def known(self) -> set[str]:
        """Return the binary packages that are known."""
        return {
            name
            for name, source in self.sources.items()
            if name in self.basic or len(self.named_by.get(name, set()) - {source}) >= KNOWN_FROM
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch the indexes and write the file; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m devtools.archive_names", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cache", type=Path, required=True, help="folder for apt's state; used again where it is filled")
    cache = parser.parse_args(arguments).cache.resolve()
    fetch_indexes(cache, SUITES)
    names = Names()
    for suite in SUITES:
        for component in COMPONENTS:
            for paragraph in paragraphs_of(cache / "lists", suite, component):
                names.add(paragraph)
    lines = list(lines_of(set(names.sources.values()), names.known(), names.sources))
    packed = lzma.compress("".join(lines).encode("ascii"), lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=_FILTERS)
    NAMES_FILE.write_bytes(packed)
    print(f"{NAMES_FILE.name}: {len(lines)} names, {len(packed)} bytes")
    return 0


def lines_of(sources: Collection[str], known: Collection[str], source_of: Mapping[str, str]) -> Iterable[str]:
    """Yield a line for each name: source packages, marked where a known package is built from them, and known binary packages.

    A binary package that is called after its source package is left out: the source package stands for it.
    """
    marked = {source_of[name] for name in known} | set(known)
    others = {name for name in known if core(source_of[name]).rstrip("0123456789.") not in name}
    for name in sorted({*sources, *others}):
        yield f"{name}{(KNOWN if name in marked else '') if name in sources else BINARY}\n"


if __name__ == "__main__":
    sys.exit(main())
