"""Whose line it is: blame and history of one file, told in revisions, which are what was pushed.

A commit's own author and date are whatever its writer claimed; who pushed it, and when, is known. A push may bring many
commits, so each is led back to the oldest revision that has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..limits import MAX_BLAME_COMMITS, MAX_BLAME_CPU_SECONDS, MAX_BLAME_OUTPUT
from .bounded import run_bounded
from .objects import OBJECT_ID
from .repository import GitFailed

_BLAME_HEAD = re.compile(rb"([0-9a-f]{40}) \d+ (\d+) (\d+)")


class HistoryError(Exception):
    """The history cannot be told within the limits; the text says why."""


@dataclass(frozen=True)
class BlamedLines:
    """`count` lines from number `first` on, which `commit` wrote. `author` is what the commit claims.

    `previous` is the commit before in which the file, then at `previous_path`, has other lines there; empty where none has.
    """

    commit: str
    first: int
    count: int
    author: str
    previous: str
    previous_path: str


def blame(repo_path: Path, commit: str, path: str) -> list[BlamedLines]:
    """Return who wrote the lines of the file `path` of `commit`, from the first to the last. Raises HistoryError."""
    # Incremental: places and facts without the lines themselves, which are at hand, in the order in which git finds them.
    output = _run(repo_path, "blame", "--no-textconv", "--incremental", _checked(commit), "--", path)
    facts: dict[str, dict[bytes, bytes]] = {}
    runs: list[tuple[int, int, str]] = []
    current = ""
    for line in output.split(b"\n"):
        if head := _BLAME_HEAD.fullmatch(line):
            current = head[1].decode("ascii")
            runs.append((int(head[2]), int(head[3]), current))
        elif current:
            key, _, value = line.partition(b" ")
            facts.setdefault(current, {})[key] = value
    joined: list[tuple[int, int, str]] = []
    for first, count, each in sorted(runs):
        if joined and joined[-1][2] == each:
            joined[-1] = (joined[-1][0], joined[-1][1] + count, each)
        else:
            joined.append((first, count, each))
    return [_blamed(each, first, count, facts.get(each, {})) for first, count, each in joined]


def _blamed(commit: str, first: int, count: int, facts: Mapping[bytes, bytes]) -> BlamedLines:
    previous, _, previous_path = facts.get(b"previous", b"").partition(b" ")
    author = facts.get(b"author", b"").decode("utf-8", "replace")
    return BlamedLines(commit, first, count, author, previous.decode("ascii"), previous_path.decode("utf-8", "replace"))


def touching(repo_path: Path, commit: str, path: str) -> list[str]:
    """Return the commits up to `commit` that changed the file `path`, newest first. Raises HistoryError."""
    return _run(repo_path, "rev_list", _limit(), _checked(commit), "--", path).decode("ascii").split()


def brought_by(repo_path: Path, commit: str, revisions: Iterable[str]) -> dict[str, str]:
    """Return, for each ancestor of `commit`, the first of `revisions` (commits, oldest push first) that has it.

    Raises HistoryError.
    """
    lines = _run(repo_path, "rev_list", "--parents", _limit(), _checked(commit)).decode("ascii").splitlines()
    parents = {line[:40]: line[41:].split() for line in lines}
    found: dict[str, str] = {}
    for revision in revisions:
        waiting = [revision] if revision in parents else []
        while waiting:
            each = waiting.pop()
            if each not in found:
                found[each] = revision
                waiting.extend(parents.get(each, ()))
    return found


def _limit() -> str:
    return f"--max-count={MAX_BLAME_COMMITS}"


def _checked(commit: str) -> str:
    if not OBJECT_ID.fullmatch(commit):
        raise HistoryError(f"{commit!r} is not a full commit id of 40 lower-case hexadecimal digits")
    return commit


def _run(repo_path: Path, command: str, *arguments: str) -> bytes:
    try:
        output, is_cut = run_bounded(
            repo_path, command, *arguments, max_bytes=MAX_BLAME_OUTPUT, cpu_seconds=MAX_BLAME_CPU_SECONDS
        )
    except GitFailed as error:
        raise HistoryError(f"git could not tell the history of this file: {error}") from error
    if is_cut:
        raise HistoryError(f"the history is longer than {MAX_BLAME_OUTPUT} bytes")
    return output
