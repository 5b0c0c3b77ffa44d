"""From a licence as people write it to an SPDX expression and a class: dfsg-free, unknown, nonfree or nonfree-noredist.

Both grammars are read: the copyright format's (`GPL-2+ or Artistic, and Expat`, section 7.2) and SPDX's with parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .bounds import MAX_LICENCE_DEPTH, MAX_LICENCE_EXPRESSION
from .licence_table import ALIASES, DFSG_FREE, EXCEPTIONS, NONFREE, NONFREE_MARKS, NONFREE_NOREDIST, UNCLASSED
from .vocabulary import LicenceClass

# From the best to the worst. Unknown never upgrades, and is not yet the verdict "non-free".
_CLASSES: tuple[str, ...] = tuple(LicenceClass)

_SPELLING = {name.lower(): name for name in DFSG_FREE | NONFREE | NONFREE_NOREDIST | UNCLASSED}
_GNU = re.compile(r"(gpl|lgpl|agpl)(?:-?v?(\d+(?:\.\d+)?))?(\+|-or-later|-only)?")
# What a GNU licence without a version means: the first version and any later (the GPL's section 9 says so).
_GNU_FIRST = {"gpl": "1.0", "lgpl": "2.0", "agpl": "1.0"}
_GFDL = re.compile(r"gfdl(-niv)?-(1\.[123])(\+|-or-later|-only)?")
_NOT_FOR_A_REFERENCE = re.compile(r"[^A-Za-z0-9.-]+")
_OPERATORS = {"or": "OR", "and": "AND", "and/or": "AND", "|": "OR", "&": "AND"}


class Licence(NamedTuple):
    """A licence or an expression of several: in SPDX's words, its class, and the operator that joins its parts, if any."""

    spdx: str
    licence_class: str
    operator: str = ""


class _Unreadable(Exception):
    """The text is no expression; it is then a name as it stands."""


def worst_class(classes: Iterable[str]) -> str:
    """Return the worst of `classes`; unknown where there is none."""
    ranks = [_CLASSES.index(each) for each in classes]
    return _CLASSES[max(ranks)] if ranks else LicenceClass.UNKNOWN


def read_licence(text: str) -> Licence:
    """Return the licence that `text` names. What cannot be read becomes one `LicenseRef-…` of unknown class."""
    words = text.split()
    shown = " ".join(words)[:MAX_LICENCE_EXPRESSION]
    if not words or len(text) > MAX_LICENCE_EXPRESSION:
        return Licence(_reference(shown), LicenceClass.UNKNOWN)
    try:
        return _Expression(words).read()
    except _Unreadable:
        return _single(shown)


class _Expression:
    """A descent over the words of an expression: commas bind least, then `or`, then `and` (copyright format 1.0, 7.2)."""

    def __init__(self, words: list[str]) -> None:
        self._tokens = [token for word in words for token in _tokens(word)]
        self._place = 0
        self._depth = 0

    def read(self) -> Licence:
        """Return the whole expression. Raises _Unreadable where a part is missing or left over."""
        licence = self._list()
        if self._place < len(self._tokens):
            raise _Unreadable
        return licence

    def _peek(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _list(self) -> Licence:
        licence = self._alternatives()
        while self._peek() == ",":
            self._place += 1
            operator = _OPERATORS.get(self._peek().lower())
            self._place += 1 if operator else 0
            licence = _join(operator or "AND", licence, self._alternatives())
        return licence

    def _alternatives(self) -> Licence:
        licence = self._all()
        while _OPERATORS.get(self._peek().lower()) == "OR":
            self._place += 1
            licence = _join("OR", licence, self._all())
        return licence

    def _all(self) -> Licence:
        licence = self._part()
        while _OPERATORS.get(self._peek().lower()) == "AND":
            self._place += 1
            licence = _join("AND", licence, self._part())
        return licence

    def _part(self) -> Licence:
        if self._peek() != "(":
            return self._name()
        self._depth += 1
        if self._depth > MAX_LICENCE_DEPTH:
            raise _Unreadable
        self._place += 1
        licence = self._list()
        if self._peek() != ")":
            raise _Unreadable
        self._place += 1
        self._depth -= 1
        return licence

    def _name(self) -> Licence:
        start = self._place
        while self._peek() not in {"", "(", ")", ","} and self._peek().lower() not in _OPERATORS:
            self._place += 1
        if start == self._place:
            raise _Unreadable
        return _single(" ".join(self._tokens[start : self._place]))


def _tokens(word: str) -> Iterable[str]:
    """Yield `word` with parentheses at its edges and a comma at its end taken off as tokens of their own."""
    core = word.lstrip("(")
    yield from "(" * (len(word) - len(core))
    inner = core.rstrip("),") if "(" not in core else core.rstrip(",")
    if inner:
        yield inner
    yield from core[len(inner) :]


def _join(operator: str, left: Licence, right: Licence) -> Licence:
    """Return both joined: of alternatives the user takes the best, of a conjunction he gets the worst."""
    pair = (_CLASSES.index(left.licence_class), _CLASSES.index(right.licence_class))
    rank = min(pair) if operator == "OR" else max(pair)
    sides = [f"({side.spdx})" if side.operator not in {"", operator} else side.spdx for side in (left, right)]
    return Licence(f" {operator} ".join(sides), _CLASSES[rank], operator)


def _single(text: str) -> Licence:
    """Return one licence, with its exception where it has one; what calls itself an exception and restricts is non-free."""
    name, found, exception = _split_exception(text)
    if name.lower() == "perl":
        return read_licence("GPL-1+ or Artistic")
    identifier = _identifier(name)
    licence_class = _class_of(identifier)
    if not found:
        return Licence(identifier, licence_class)
    spdx = EXCEPTIONS.get(exception.lower().replace(" ", "-")) or _exception_reference(_slug(exception))
    if _has_mark(spdx):
        licence_class = worst_class((licence_class, LicenceClass.NONFREE))
    return Licence(f"{identifier} WITH {spdx}", licence_class)


def _split_exception(text: str) -> tuple[str, bool, str]:
    """Return the name, whether an exception follows, and its name: `GPL-2+ with OpenSSL exception`, `GPL-2+ WITH X-exception`."""
    words = text.split()
    for place, word in enumerate(words):
        if word.lower() == "with" and 0 < place < len(words) - 1:
            rest = words[place + 1 :]
            if rest[-1].lower() in {"exception", "exceptions"} and len(rest) > 1:
                rest = rest[:-1]
            return " ".join(words[:place]), True, " ".join(rest)
    return text, False, ""


def _identifier(name: str) -> str:
    """Return the SPDX identifier of `name`, or a `LicenseRef-…` made of it."""
    lower = name.lower()
    if lower in ALIASES:
        return ALIASES[lower]
    if lower in _SPELLING:
        return _SPELLING[lower]
    if found := _gnu(lower) or _SPELLING.get(f"{lower}.0"):
        return found
    base = lower.removesuffix("+")
    if base != lower and (known := _SPELLING.get(base) or _SPELLING.get(f"{base}.0")):
        return f"{known}+"
    reference = _reference(name)
    return _SPELLING.get(reference.lower(), reference)


def _gnu(lower: str) -> str | None:
    """Return the identifier of a GNU licence in any of its spellings (`GPLv2+`, `LGPL-2.1`, `GFDL-NIV-1.3+`), or None."""
    if match := _GNU.fullmatch(lower):
        family, version, suffix = match[1], match[2], match[3]
        number = (version if "." in version else f"{version}.0") if version else _GNU_FIRST[family]
        later = suffix in {"+", "-or-later"} or not version
        return _SPELLING.get(f"{family}-{number}-{'or-later' if later else 'only'}")
    if match := _GFDL.fullmatch(lower):
        middle = "-no-invariants" if match[1] else ""
        return f"GFDL-{match[2]}{middle}-{'or-later' if match[3] in {'+', '-or-later'} else 'only'}"
    return None


def _exception_reference(slug: str) -> str:
    """Return SPDX's own identifier of an exception as it is, and a reference made of any other name."""
    return slug if "-exception" in slug.lower() or slug.startswith("AdditionRef-") else f"AdditionRef-{slug}-exception"


def _slug(text: str) -> str:
    return _NOT_FOR_A_REFERENCE.sub("-", text).strip("-") or "unnamed"


def _reference(name: str) -> str:
    """Return `name` as SPDX writes a licence that is not on its list."""
    return name if re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]+", name) else f"LicenseRef-{_slug(name)}"


def _class_of(identifier: str) -> str:
    """Return the class of one identifier. A trailing `+` (or any later version) keeps it."""
    known = identifier.removesuffix("+")
    if known in DFSG_FREE:
        return LicenceClass.DFSG_FREE
    if known in NONFREE_NOREDIST:
        return LicenceClass.NONFREE_NOREDIST
    if known in NONFREE or (known.startswith("LicenseRef-") and _has_mark(known)):
        return LicenceClass.NONFREE
    return LicenceClass.UNKNOWN


def _has_mark(identifier: str) -> bool:
    """Return whether the name gives a restriction away that no free licence has."""
    return any(mark in identifier.lower() for mark in NONFREE_MARKS)
