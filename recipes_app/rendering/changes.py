"""A difference as a page lays it out: bounded in lines, files and time, with the words marked that changed inside a line."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from ..limits import (
    MAX_DIFF_LINE,
    MAX_DIFF_NAMED_FILES,
    MAX_DIFF_PAGE_FILES,
    MAX_DIFF_PAGE_LINES,
    MAX_WORD_DIFF_LINE,
    MAX_WORD_DIFF_SECONDS,
    MAX_WORD_DIFF_TOKENS,
)
from ..repos.diff import Diff, DiffLine, FileDiff

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
# Two lines that share less than this are two lines, not one that was changed: marks would cover all of both.
_ALIKE = 0.4
_Parts = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Line:
    """A line with its parts, each with whether it is what changed. `left_out` characters of it are not shown."""

    kind: str
    old_number: int | None
    new_number: int | None
    parts: _Parts
    left_out: int = 0
    findings: Sequence[Any] = ()


@dataclass(frozen=True)
class Pair:
    """A row of the side-by-side view. A line of a hunk's heading or a note stands in `left` alone, over both sides."""

    left: Line | None
    right: Line | None
    is_across: bool = False


@dataclass
class FileChanges:
    """One file of the page: its lines, or its pairs where the two sides are asked for. `is_closed`: named, its lines left out."""

    file: FileDiff
    lines: list[Line] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    is_cut: bool = False
    is_closed: bool = False
    # Findings at lines that the difference does not show.
    findings: list[Any] = field(default_factory=list)


@dataclass
class DiffLayout:
    """What a page shows. `unnamed` files are only counted."""

    files: list[FileChanges]
    number: int
    added: int
    deleted: int
    unnamed: int
    is_cut: bool


_Findings = Mapping[str, Mapping[int, Sequence[Any]]]


def lay_out(diff: Diff, findings: _Findings, *, split: bool) -> DiffLayout:
    """Return `diff` as a page shows it; `findings` of the new side, by path and line, stand at their lines."""
    room = MAX_DIFF_PAGE_LINES
    marker = _WordMarker()
    files = []
    for number, file in enumerate(diff.files[:MAX_DIFF_NAMED_FILES]):
        taken = file.lines[:room] if number < MAX_DIFF_PAGE_FILES else []
        room -= len(taken)
        shown = FileChanges(file, is_cut=file.is_cut or len(taken) < len(file.lines), is_closed=bool(file.lines) and not taken)
        here = findings.get(file.path, {})
        shown.lines = list(_lines(taken, here, marker))
        seen = {line.new_number for line in shown.lines}
        shown.findings = [hint for line, hints in sorted(here.items()) if line not in seen for hint in hints]
        if split:
            shown.pairs, shown.lines = list(_side_by_side(shown.lines)), []
        files.append(shown)
    return DiffLayout(
        files,
        number=len(diff.files),
        added=sum(file.added for file in diff.files),
        deleted=sum(file.deleted for file in diff.files),
        unnamed=max(len(diff.files) - MAX_DIFF_NAMED_FILES, 0),
        is_cut=diff.is_cut or any(each.is_cut for each in files),
    )


def _lines(lines: Sequence[DiffLine], findings: Mapping[int, Sequence[Any]], marker: _WordMarker) -> Iterator[Line]:
    for deleted, added, other in _blocks(lines):
        parts = [marker.mark(old.text, new.text) for old, new in zip(deleted, added, strict=False)]
        for number, line in enumerate(deleted):
            yield _line(line, parts[number][0] if number < len(parts) else None)
        for number, line in enumerate(added):
            yield _line(line, parts[number][1] if number < len(parts) else None, findings.get(line.new_number or -1, ()))
        for line in other:
            yield _line(line, None, findings.get(line.new_number or -1, ()))


def _blocks(lines: Sequence[DiffLine]) -> Iterator[tuple[list[DiffLine], list[DiffLine], list[DiffLine]]]:
    """Yield what was deleted with what was added in its place, then the lines up to the next change."""
    deleted: list[DiffLine] = []
    added: list[DiffLine] = []
    other: list[DiffLine] = []
    for line in lines:
        if (line.kind == "deleted" and (added or other)) or (line.kind == "added" and other):
            yield deleted, added, other
            deleted, added, other = [], [], []
        {"deleted": deleted, "added": added}.get(line.kind, other).append(line)
    yield deleted, added, other


def _line(line: DiffLine, parts: _Parts | None, findings: Sequence[Any] = ()) -> Line:
    shown = parts if parts is not None else ((line.text[:MAX_DIFF_LINE], False),)
    left_out = max(len(line.text) - MAX_DIFF_LINE, 0) if parts is None else 0
    return Line(line.kind, line.old_number, line.new_number, shown, left_out, findings)


def _side_by_side(lines: Sequence[Line]) -> Iterator[Pair]:
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if line.kind == "deleted" and not right:
            left.append(line)
        elif line.kind == "added":
            right.append(line)
        else:
            yield from _paired(left, right)
            left, right = ([line], []) if line.kind == "deleted" else ([], [])
            if line.kind == "context":
                yield Pair(line, line)
            elif line.kind != "deleted":
                yield Pair(line, None, is_across=True)
    yield from _paired(left, right)


def _paired(left: list[Line], right: list[Line]) -> Iterator[Pair]:
    for number in range(max(len(left), len(right))):
        yield Pair(left[number] if number < len(left) else None, right[number] if number < len(right) else None)


class _WordMarker:
    """Marks what differs between two lines until the page's time for it is up; then lines stand without marks."""

    def __init__(self) -> None:
        self._left = MAX_WORD_DIFF_SECONDS

    def mark(self, old: str, new: str) -> tuple[_Parts | None, _Parts | None]:
        """Return the parts of both lines; None for both where they are too long, too different, or time is up."""
        if self._left <= 0 or max(len(old), len(new)) > MAX_WORD_DIFF_LINE:
            return None, None
        start = time.monotonic()
        try:
            return self._compare(_TOKEN.findall(old), _TOKEN.findall(new))
        finally:
            self._left -= time.monotonic() - start

    @staticmethod
    def _compare(old: list[str], new: list[str]) -> tuple[_Parts | None, _Parts | None]:
        if max(len(old), len(new)) > MAX_WORD_DIFF_TOKENS:
            return None, None
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        codes = matcher.get_opcodes()
        shared = sum(_weight(old[start:end]) for kind, start, end, _, _ in codes if kind == "equal")
        if 2 * shared < _ALIKE * (_weight(old) + _weight(new)):
            return None, None
        before, after = [], []
        for kind, old_start, old_end, new_start, new_end in codes:
            is_changed = kind != "equal"
            before.append(("".join(old[old_start:old_end]), is_changed))
            after.append(("".join(new[new_start:new_end]), is_changed))
        return tuple(part for part in before if part[0]), tuple(part for part in after if part[0])


def _weight(tokens: Sequence[str]) -> int:
    """Return how much stands in `tokens`; blanks between words make no two lines alike."""
    return sum(len(token) for token in tokens if not token.isspace())
