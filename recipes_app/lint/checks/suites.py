"""The suites that a recipe can be meant for: Debian's own names, and nothing that depends on the day.

Source: Debian's list of releases (the package distro-info-data) and the archive's layout (Debian Policy 5.6.14, dupload's and
the backports' rules). A release that is announced later is added here; until then it is told as unknown, as a warning.
"""

from __future__ import annotations

from difflib import get_close_matches

RELEASES = (
    "buzz", "rex", "bo", "hamm", "slink", "potato", "woody", "sarge", "etch", "lenny", "squeeze", "wheezy", "jessie", "stretch",
    "buster", "bullseye", "bookworm", "trixie", "forky", "duke",
)  # fmt: skip
ALIASES = ("unstable", "sid", "testing", "stable", "oldstable", "oldoldstable", "experimental", "rc-buggy")
POCKETS = ("-backports", "-backports-sloppy", "-updates", "-proposed-updates", "-security")
UNRELEASED = "UNRELEASED"

_BASES = frozenset(RELEASES + ALIASES)
_NAMES = [*reversed(RELEASES), *ALIASES, *(f"{release}{pocket}" for release in reversed(RELEASES) for pocket in POCKETS)]
_LONGEST = 4 + max(map(len, _NAMES))


def base_suite(name: str) -> str:
    """Return the suite that `name` is a pocket of (`bookworm` of `bookworm-backports`), or the name itself."""
    pocket = next((each for each in sorted(POCKETS, key=len, reverse=True) if name.endswith(each)), "")
    return name.removesuffix(pocket)


def is_suite(name: str) -> bool:
    """Return whether Debian has, had or has announced a suite of this name."""
    return base_suite(name) in _BASES


def suggestion(name: str) -> str:
    """Return the known suite that looks most like `name`; empty where none does."""
    if len(name) > _LONGEST:
        return ""
    close = get_close_matches(name.lower(), _NAMES, n=1, cutoff=0.75)
    return close[0] if close else ""
