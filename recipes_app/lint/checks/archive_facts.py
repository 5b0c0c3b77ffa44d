"""What the checks know of the Debian archive without asking it: which packages are heavy, and which need more than main.

The tables are made by `python -m devtools.archive_facts`, which says from what and why. They are part of the rules: the version
of the checks changes with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from .suites import base_suite

WEIGHTS_FILE = Path(__file__).with_name("archive_weights.txt")
COMPONENTS_FILE = Path(__file__).with_name("archive_components.txt")


@cache
def weights() -> Mapping[str, int]:
    """Return by name how many MB a package brings at least, of those that bring more than MAX_RECOMMENDED_MEGABYTES."""
    return {name: int(size) for name, size in _rows(WEIGHTS_FILE)}


def components(name: str, suites: tuple[str, ...]) -> tuple[str, ...]:
    """Return the components besides main that installing the package `name` takes in one of `suites`.

    All suites are asked where none is named. Empty for what is in main, and for what is not known.
    """
    known = _components().get(name)
    if known is None:
        return ()
    wanted = {base_suite(suite) for suite in suites} or set(known)
    return tuple(sorted({component for suite in wanted for component in known.get(suite, ())}))


@cache
def _components() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, suite, *needed in _rows(COMPONENTS_FILE):
        found.setdefault(name, {})[suite] = tuple(needed)
    return found


def _rows(path: Path) -> Iterator[list[str]]:
    """Yield the words of each line of a table."""
    for line in path.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            yield line.split()
