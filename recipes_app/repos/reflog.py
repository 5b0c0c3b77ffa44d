"""Reading git's reflogs: the record, inside the repository itself, of who pushed what and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

NO_COMMIT = "0" * 40
# gitformat: OLD NEW NAME <ADDRESS> SECONDS ZONE TAB MESSAGE. The address is ours: USERNAME@users.invalid.
_LINE = re.compile(rb"([0-9a-f]{40}) ([0-9a-f]{40}) [^<>\n]*<([^<>@\n]*)@users\.invalid> ([0-9]{1,11}) [+-][0-9]{4}(?:\t.*)?")


@dataclass(frozen=True)
class PushRecord:
    """One accepted push to one branch. `old` is forty zeros where the push made the branch."""

    branch: str
    old: str
    new: str
    username: str
    pushed_at: datetime


def read_reflogs(repository: Path, tips: Mapping[str, str]) -> list[PushRecord]:
    """Return every push to the branches in `tips` (name to commit), oldest first.

    git writes a line before it moves the branch, so a crash leaves lines of pushes that never happened: a line counts where
    the next one goes on from it, and the last one where the branch stands at it.
    """
    records: list[PushRecord] = []
    for branch, tip in tips.items():
        path = repository / "logs" / "refs" / "heads" / branch
        lines = path.read_bytes() if path.is_file() else b""
        records.extend(_completed(list(_parse(branch, lines)), tip))
    # A stable sort: pushes to one branch within a second keep the order of its log.
    return sorted(records, key=lambda record: record.pushed_at)


def _parse(branch: str, lines: bytes) -> Iterator[PushRecord]:
    """Yield the records of one log. What is no whole line of a push (torn by a crash, an operator's doing) is passed over."""
    for line in lines.split(b"\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        old, new, username, seconds = (group.decode("ascii", "replace") for group in match.groups())
        yield PushRecord(branch, old, new, username, datetime.fromtimestamp(int(seconds), UTC))


def _completed(records: list[PushRecord], tip: str) -> Iterator[PushRecord]:
    following = [record.old for record in records[1:]] + [tip]
    for record, goes_on_from in zip(records, following, strict=True):
        if record.new not in (NO_COMMIT, record.old) and record.new == goes_on_from:
            yield record
