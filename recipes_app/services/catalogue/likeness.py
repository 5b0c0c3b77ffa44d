"""Whether a name may be taken for another one: affixes taken off, letters that look alike made one, one slip of the fingers.

Pure. `NameIndex` answers in a time that does not grow with the number of names: it makes up what a name could be a slip of and
looks each of these up, a thousand for a name of twelve letters.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from recipes_app.limits import LIKE_ANY_NAME_LENGTH, LIKE_KNOWN_NAME_LENGTH

# ruff: noqa: SIM905 - a list of words reads better without quotation marks

# What people put behind a well-known name to say that theirs is another build of it.
_SUFFIXES = frozenset(
    """
    bin git svn hg bzr cvs nightly latest beta alpha rc stable patched fixed custom modded mod fork cuda rocm hip opencl vulkan
    dkms appimage static native optimized optimised lto pgo avx avx2 avx512 sse v2 v3 v4 release prebuilt binary official
    unofficial free pro plus extra full new next edge dev devel debug dbg hwcaps march gpu cpu wayland portable deb ng improved ai
    """.split()
)
_PREFIXES = ("python3-", "python-", "lib")
# Names of one language or family begin alike: only what follows tells them apart.
_FAMILIES = (
    "python3-", "python-", "lib", "ruby-", "golang-github-", "golang-", "node-", "r-cran-", "r-bioc-", "rust-", "haskell-",
    "ocaml-", "lua-", "php-", "emacs-", "vim-", "gnome-shell-extension-", "fonts-", "kodi-", "libreoffice-", "plasma-",
    "hunspell-", "aspell-",
)  # fmt: skip
_MIN_CORE = 3
_ALPHABET = string.ascii_lowercase + string.digits + "+-."
_PUNCTUATION = re.compile(r"[-._+]")
_DOUBLED = re.compile(r"([a-z])\1+")
_NUMBERS = re.compile(r"[0-9.]+")


class How(StrEnum):
    """In what a name is like another one."""

    SAME = "same"
    AFFIX = "affix"
    LOOKS = "looks"
    SLIP = "slip"


@dataclass(frozen=True)
class Like:
    """A name that another one is like, and in what."""

    name: str
    how: How


def core(name: str) -> str:
    """Return `name` without the prefixes and suffixes of another build, binding or package of the same thing."""
    bare = _without_suffixes(name)
    prefix = next((each for each in _PREFIXES if bare.startswith(each) and len(bare) >= len(each) + _MIN_CORE), "")
    return bare[len(prefix) :]


def _without_suffixes(name: str) -> str:
    parts = name.split("-")
    while len(parts) > 1 and parts[-1] in _SUFFIXES and len("-".join(parts[:-1])) >= _MIN_CORE:
        parts.pop()
    return "-".join(parts)


def look(name: str) -> str:
    """Return `name` as a hasty eye sees it: 1 as l, 0 as o, rn as m, vv as w, no punctuation, no letter twice in a row."""
    plain = name.replace("1", "l").replace("0", "o").replace("rn", "m").replace("vv", "w")
    return _DOUBLED.sub(r"\1", _PUNCTUATION.sub("", plain))


def slips(name: str) -> Iterator[str]:
    """Yield every name that is one letter left out, added, changed, or two neighbours swapped, away from `name`."""
    for place in range(len(name) + 1):
        before, after = name[:place], name[place:]
        if after:
            yield before + after[1:]
            for letter in _ALPHABET:
                yield before + letter + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in _ALPHABET:
            yield before + letter + after


@dataclass
class NameIndex:
    """Names, and what they look like. `known` are those that everybody knows: already a short one is not taken for another."""

    names: set[str] = field(default_factory=set)
    known: set[str] = field(default_factory=set)
    _by_look: dict[str, list[str]] = field(default_factory=dict)

    def add(self, names: Iterable[str], known: Iterable[str] = ()) -> None:
        """Take names in, and of these (or of others) the known ones."""
        for name in names:
            if name not in self.names:
                self.names.add(name)
                self._by_look.setdefault(look(core(name)), []).append(name)
        self.known.update(known)

    def like(self, name: str) -> list[Like]:
        """Return the names that `name` may be taken for, each once, in the order of `How`.

        A name without affix is not like one with: whoever packages greeting does not pose as python-greeting.
        """
        found: dict[str, How] = {}
        bare = core(name)
        if name in self.names:
            found[name] = How.SAME
        for other in self._by_look.get(look(bare), ()):
            if look(name) == look(other):
                found.setdefault(other, How.LOOKS)
            elif bare != name and not _is_other_version(name, other):
                found.setdefault(other, How.AFFIX)
        for each in {name, _without_suffixes(name)}:
            for other in slips(each):
                if other != name and other in self.names and self._is_slip(each, other):
                    found.setdefault(other, How.SLIP)
        return [Like(other, how) for other, how in sorted(found.items(), key=lambda each: (list(How).index(each[1]), each[0]))]

    def _is_slip(self, name: str, other: str) -> bool:
        """Return whether a difference of one letter is more likely a trap than chance: names are long, or the other is known."""
        if _is_other_version(name, other):
            return False
        length = min(len(_stem(name)), len(_stem(other)))
        return length >= (LIKE_KNOWN_NAME_LENGTH if other in self.known else LIKE_ANY_NAME_LENGTH)


def _is_other_version(name: str, other: str) -> bool:
    """Return whether two names differ in their numbers alone, as lua5.3 and lua5.4 do, beside prefixes and suffixes."""
    one, two = core(name), core(other)
    return look(one) != look(two) and _NUMBERS.sub("", one) == _NUMBERS.sub("", two)


def _stem(name: str) -> str:
    """Return what follows the prefix of a family."""
    return name.removeprefix(next((each for each in _FAMILIES if name.startswith(each)), ""))
