"""lintian's overrides, applied here and not by lintian, whose matcher takes minutes for a pattern with three stars.

The grammar is that of lintian's manual, chapter "Overrides"; a line that it does not allow is passed over, as lintian does.
No Django here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from recipes_app.formats.text import lines_of

from ..protocol.report import Hint, clean_text

_SOURCE_FILES = ("debian/source/lintian-overrides", "debian/source.lintian-overrides")
_BINARY_SUFFIX = ".lintian-overrides"
# The text that is matched: bounds the cost of one pattern, whatever it is.
_MAX_MATCHED = 4_096
# A package with more overrides than this has no use for a linter.
_MAX_OVERRIDES = 2_000


@dataclass(frozen=True)
class Override:
    """One line of an overrides file. `package` is as in `Hint`; `pattern` is empty where every context is meant."""

    package: str
    tag: str
    pattern: str
    justification: str


@dataclass(frozen=True)
class TagFacts:
    """What this machine's lintian says of its tags: which can't be overridden, and the new names of those that were renamed."""

    durable: frozenset[str] = frozenset()
    renamed: Mapping[str, str] | None = None

    def current_name(self, tag: str) -> str:
        """Return the name that `tag` has today."""
        return (self.renamed or {}).get(tag, tag)


def read_overrides(tree: Mapping[str, bytes], source: str, binaries: Iterable[str]) -> list[Override]:
    """Return the overrides that a recipe declares, for the source package `source` and its `binaries`.

    debian/lintian-overrides belongs to the first binary package, as debhelper has it (dh_lintian(1)).
    """
    result: list[Override] = []
    for path in _SOURCE_FILES:
        result += parse_overrides(_decode(tree, path), source, kind="source")
    for position, name in enumerate(binaries):
        paths = [f"debian/{name}{_BINARY_SUFFIX}"]
        if position == 0:
            paths.append("debian/lintian-overrides")
        for path in paths:
            result += parse_overrides(_decode(tree, path), name, kind="binary")
    return result[:_MAX_OVERRIDES]


def _decode(tree: Mapping[str, bytes], path: str) -> str:
    return tree.get(path, b"").decode("utf-8", "replace")


def parse_overrides(text: str, name: str, *, kind: str) -> Iterator[Override]:
    """Yield the overrides in `text`, the file of the package `name` of `kind` source or binary.

    A line is `[[package] [architectures] [type]:] tag [context]`; architectures are not looked at, since none is built for.
    The comment above an override is its justification; it carries over to the next line while the tag stays the same.
    """
    package = f"src:{name}" if kind == "source" else name
    comment: list[str] = []
    previous: Override | None = None
    for raw in lines_of(text):
        line = " ".join(raw.split())
        if not line:
            comment, previous = [], None
        elif line.startswith("#"):
            comment.append(line.lstrip("#").strip())
        elif rest := _strip_package(line, name, kind):
            tag, _, pattern = rest.partition(" ")
            justification = " ".join(filter(None, comment))
            if not justification and previous is not None and previous.tag == tag:
                justification = previous.justification
            previous = Override(package, tag, pattern, clean_text(justification))
            comment = []
            yield previous


def _strip_package(line: str, name: str, kind: str) -> str:
    """Return `line` without `package [architectures] type:`; empty where the colon that they need is missing."""
    rest, colon_needed = line, False
    for part in (re.escape(name), r"\[[^\]]*\]", re.escape(kind)):
        if match := re.match(rf"{part}(?=[ :])", rest):
            rest, colon_needed = rest[match.end() :].lstrip(), True
    if not colon_needed:
        return rest
    return rest[1:].lstrip() if rest.startswith(":") else ""


def apply_overrides(hints: Iterable[Hint], overrides: Iterable[Override], facts: TagFacts) -> Iterator[Hint]:
    """Yield each hint, marked as overridden with its justification where an override covers it.

    A tag that lintian always shows can't be overridden. Of several patterns the shortest is tried first, as lintian does.
    """
    by_tag: dict[tuple[str, str], list[Override]] = {}
    for override in overrides:
        by_tag.setdefault((override.package, facts.current_name(override.tag)), []).append(override)
    for candidates in by_tag.values():
        candidates.sort(key=lambda override: len(override.pattern))
    for hint in hints:
        covering = None
        if hint.tag not in facts.durable:
            text = matched_context(hint)
            covering = next((each for each in by_tag.get((hint.package, hint.tag), ()) if _covers(each, text)), None)
        yield hint if covering is None else replace(hint, overridden=True, justification=covering.justification)


def matched_context(hint: Hint) -> str:
    """Return the text that an override's context is compared with: the note, and the pointer in brackets."""
    place = hint.path + (f":{hint.line}" if hint.line else "")
    return f"{hint.context} [{place}]".strip() if place else hint.context


def _covers(override: Override, text: str) -> bool:
    return not override.pattern or matches(override.pattern, text[:_MAX_MATCHED])


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of `text` matches `pattern`: `*` is any text, `?` any one character, a backslash takes their meaning.

    After a star only the last one is ever come back to: at most len(pattern) × len(text) steps, for any pattern.
    """
    tokens = _tokens(pattern)
    position, index = 0, 0
    star, resume = -1, 0
    while position < len(text):
        if index < len(tokens) and tokens[index] == ("*", True):
            star, resume = index, position
            index += 1
        elif index < len(tokens) and (tokens[index] == ("?", True) or tokens[index] == (text[position], False)):
            position, index = position + 1, index + 1
        elif star >= 0:
            resume += 1
            position, index = resume, star + 1
        else:
            return False
    return all(token == ("*", True) for token in tokens[index:])


def _tokens(pattern: str) -> list[tuple[str, bool]]:
    """Return the characters of `pattern`, each with whether it is a wildcard; stars that follow each other are one."""
    result: list[tuple[str, bool]] = []
    characters = iter(pattern[:_MAX_MATCHED])
    for character in characters:
        if character == "\\":
            result.append((next(characters, "\\"), False))
        elif character == "*" and result and result[-1] == ("*", True):
            continue
        else:
            result.append((character, character in "*?"))
    return result
