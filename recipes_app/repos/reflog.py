"""Reading git's reflogs: the record, inside the repository itself, of who pushed what and when. No GitPython.

Its RefLog gives up a whole log at a line that a crash has torn, and the push hook reads NO_COMMIT here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

NO_COMMIT = "0" * 40
# The message of a line with which the portal itself moved a branch, after a review or a roll-back: it is no push.
REWIND = "rewind"
# gitformat: OLD NEW NAME <ADDRESS> SECONDS ZONE TAB MESSAGE. The address is ours: USERNAME@users.invalid; NAME is USERNAME, and
# behind a blank how the push came (`gitconfig.committer`).
_LINE = re.compile(
    rb"([0-9a-f]{40}) ([0-9a-f]{40}) (?:(?:[^<>\n]* )?([^<>\n ]+) )?"
    rb"<([^<>@\n]*)@users\.invalid> ([0-9]{1,11}) [+-][0-9]{4}(?:\t(.*))?"
)


@dataclass(frozen=True)
class PushRecord:
    """One accepted push to one branch. `old` is forty zeros where the push made the branch; `came_by` is how it came."""

    branch: str
    old: str
    new: str
    username: str
    pushed_at: datetime
    came_by: str = ""


def read_reflogs(repository: Path, tips: Mapping[str, str]) -> list[PushRecord]:
    """Return every push to the branches in `tips` (name to commit), oldest first.

    git writes a line before it moves the branch, so a crash leaves lines of pushes that never happened: a line counts where
    the next one goes on from it, and the last one where the branch stands at it.

    The order of a branch's log decides, not the clock: no push is older than the one before it in its log, so a clock that was
    ahead for a while cannot put an older push after a newer one.
    """
    records: list[PushRecord] = []
    for branch, tip in tips.items():
        path = log_path(repository, branch)
        lines = path.read_bytes() if path.is_file() else b""
        latest = datetime.min.replace(tzinfo=UTC)
        for record, message in _completed(list(_parse(branch, lines)), tip):
            latest = max(latest, record.pushed_at)
            if message != REWIND:
                records.append(replace(record, pushed_at=latest))
    # A stable sort: pushes to one branch within a second keep the order of its log.
    return sorted(records, key=lambda record: record.pushed_at)


def log_path(repository: Path, branch: str) -> Path:
    """Return where git keeps the reflog of `branch`."""
    return repository / "logs" / "refs" / "heads" / branch


def forget_commit(repository: Path, branches: Iterable[str], commit: str) -> None:
    """Take every push of `commit` out of the reflogs of `branches`, so that nothing keeps its objects; the rest stays in order.

    git keeps a log of HEAD as well. Each log is written anew in one step. The caller holds the store's lock of the name.
    """
    for path in (*(log_path(repository, branch) for branch in branches), repository / "logs" / "HEAD"):
        lines = path.read_bytes().split(b"\n") if path.is_file() else []
        kept: list[bytes] = []
        gone = commit.encode("ascii")
        before = b""
        for line in lines:
            old, new = line[:40], line[41:81]
            if new == gone:
                before = before or old
                continue
            if old == gone:
                line = before + line[40:]  # noqa: PLW2901 - the line goes on from what was there before the purged push
            if line[:40] != line[41:81] or not line:
                kept.append(line)
            before = b""
        if kept != lines:
            temporary = path.with_name(f".{path.name}.new")
            temporary.write_bytes(b"\n".join(kept))
            temporary.rename(path)


def _parse(branch: str, lines: bytes) -> Iterator[tuple[PushRecord, str]]:
    """Yield the records of one log, each with its message. What is no whole line (torn by a crash) is passed over."""
    for line in lines.split(b"\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        old, new, came_by, username, seconds, message = (group.decode("utf-8", "replace") for group in match.groups(b""))
        pushed_at = datetime.fromtimestamp(int(seconds), UTC)
        yield PushRecord(branch, old, new, username, pushed_at, came_by if "=" in came_by else ""), message


def _completed(records: list[tuple[PushRecord, str]], tip: str) -> Iterator[tuple[PushRecord, str]]:
    following = [record.old for record, _ in records[1:]] + [tip]
    for (record, message), goes_on_from in zip(records, following, strict=True):
        if record.new not in (NO_COMMIT, record.old) and record.new == goes_on_from:
            yield record, message
