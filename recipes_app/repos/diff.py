"""The difference between two commits, made by git with nothing of the repository's own having a say, and read here.

Why git and not difflib: on hostile input (a hundred thousand equal lines) difflib needs minutes, git milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..limits import MAX_DIFF_BYTES, MAX_DIFF_CPU_SECONDS, MAX_DIFF_FILE_LINES
from .bounded import run_bounded
from .objects import OBJECT_ID
from .repository import GitFailed

_STATUS = {"A": "added", "D": "deleted", "M": "changed", "R": "renamed", "T": "changed"}
_FILE_START = b"diff --git "
_HUNK = re.compile(rb"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


class DiffError(Exception):
    """Git could not compare the two commits; the text says which."""


@dataclass(frozen=True)
class DiffLine:
    """A line of a hunk: `kind` is context, added, deleted, hunk or note; the numbers are None where the side has no such line."""

    kind: str
    old_number: int | None
    new_number: int | None
    text: str


@dataclass
class FileDiff:
    """What changed in one file. `is_cut` says that more was changed than `lines` shows."""

    status: str
    path: str
    old_path: str
    lines: list[DiffLine] = field(default_factory=list)
    added: int = 0
    deleted: int = 0
    is_binary: bool = False
    is_cut: bool = False
    mode_change: str = ""


@dataclass
class Diff:
    """The difference of two commits. `is_cut` says that its text went over the limit: the last files have no lines."""

    files: list[FileDiff]
    is_cut: bool = False


class _RawEntry(NamedTuple):
    status: str
    old_mode: str
    new_mode: str
    old_path: str
    new_path: str


def diff(repo_path: Path, old: str, new: str) -> Diff:
    """Return what has to be done to get from commit `old` to commit `new`. Raises DiffError, also for anything but full ids."""
    output, is_cut = _run(repo_path, old, new)
    entries, patch = _split_raw(output)
    files = [_file_of(entry) for entry in entries]
    blocks = _blocks(patch)
    for number, block in enumerate(blocks[: len(files)]):
        _read_block(files[number], block)
    if is_cut:
        # The last block ends anywhere, perhaps in the middle of a line.
        for unfinished in files[max(len(blocks) - 1, 0) :]:
            unfinished.is_cut = True
    return Diff(files, is_cut)


def patch(repo_path: Path, old: str, new: str) -> bytes:
    """Return the same difference as text that `git apply` takes. Raises DiffError, also where it is over MAX_DIFF_BYTES."""
    output, is_cut = _run(repo_path, old, new)
    if is_cut:
        raise DiffError(f"the difference is larger than {MAX_DIFF_BYTES} bytes: clone the recipe and let git show it")
    return _split_raw(output)[1]


def _run(repo_path: Path, old: str, new: str) -> tuple[bytes, bool]:
    """Return git's output, at most MAX_DIFF_BYTES of it, and whether there was more. Raises DiffError."""
    for each in (old, new):
        if not OBJECT_ID.fullmatch(each):
            raise DiffError(f"{each!r} is not a full commit id of 40 lower-case hexadecimal digits")
    arguments = [
        "-r", "-z", "--raw", "-p", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--unified=3",
        old, new, "--",
    ]  # fmt: skip
    try:
        return run_bounded(repo_path, "diff_tree", *arguments, max_bytes=MAX_DIFF_BYTES, cpu_seconds=MAX_DIFF_CPU_SECONDS)
    except GitFailed as error:
        raise DiffError(f"git could not compare {old} and {new}: {error}") from error


def _split_raw(output: bytes) -> tuple[list[_RawEntry], bytes]:
    """Read the head that `--raw -z` writes, an entry for each file; return it and the patch that follows."""
    entries = []
    fields = iter(output.split(b"\0"))
    position = 0
    for head in fields:
        if not head.startswith(b":"):
            break
        old_mode, new_mode, _, _, status = head[1:].decode("ascii").split(" ")
        paths = [next(fields, b"") for _ in range(2 if status[0] in "RC" else 1)]
        position += len(head) + sum(map(len, paths)) + 1 + len(paths)
        names = [path.decode("utf-8", "replace") for path in paths]
        entries.append(_RawEntry(status[0], old_mode, new_mode, names[0], names[-1]))
    return entries, output[position:].lstrip(b"\0")


def _file_of(entry: _RawEntry) -> FileDiff:
    changed_mode = entry.status not in "AD" and entry.old_mode != entry.new_mode
    return FileDiff(
        status=_STATUS.get(entry.status, "changed"),
        path=entry.new_path,
        old_path=entry.old_path if entry.old_path != entry.new_path else "",
        mode_change=f"{entry.old_mode} → {entry.new_mode}" if changed_mode else "",
    )


def _blocks(patch: bytes) -> list[list[bytes]]:
    """Split a patch at its file headers. A line of content starts with a blank, `+`, `-` or a backslash, never like a header."""
    blocks: list[list[bytes]] = []
    for line in patch.split(b"\n"):
        if line.startswith(_FILE_START):
            blocks.append([])
        elif blocks:
            blocks[-1].append(line)
    return blocks


def _read_block(file: FileDiff, block: list[bytes]) -> None:
    """Read one file's header and hunks into `file`."""
    for line in _lines(block):
        if line.kind == "binary":
            file.is_binary = True
            return
        file.added += line.kind == "added"
        file.deleted += line.kind == "deleted"
        if len(file.lines) < MAX_DIFF_FILE_LINES:
            file.lines.append(line)
        else:
            file.is_cut = True


def _lines(block: list[bytes]) -> Iterator[DiffLine]:
    old = new = 0
    in_hunk = False
    for raw in block:
        text = raw.decode("utf-8", "replace")
        if match := _HUNK.match(raw):
            in_hunk = True
            old, new = int(match[1]), int(match[2])
            yield DiffLine("hunk", None, None, text)
        elif not in_hunk:
            if raw.startswith((b"Binary files ", b"GIT binary patch")):
                yield DiffLine("binary", None, None, text)
        elif raw.startswith(b"+"):
            yield DiffLine("added", None, new, text[1:])
            new += 1
        elif raw.startswith(b"-"):
            yield DiffLine("deleted", old, None, text[1:])
            old += 1
        elif raw.startswith(b" "):
            yield DiffLine("context", old, new, text[1:])
            old, new = old + 1, new + 1
        elif raw.startswith(b"\\"):
            yield DiffLine("note", None, None, text[2:])
