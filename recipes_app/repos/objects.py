"""Git objects: what trees and commits hold, read through one `git cat-file`. No Django, no GitPython.

Trees are parsed here and blobs are read raw, so that no attribute, filter or checkout has a say in what is read.

GitPython starts the process (`repository.objects_of`), and the push hook by itself: the hook is a new process for each push, and
importing GitPython takes as long as all that it does. The talk with the process is ours in both. GitPython has one process for
sizes and another for contents, which doubles what git costs a page, and takes 15 % longer for an object and 27 % for a size.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

MODE_TREE = 0o40000
MODE_FILE = 0o100644
MODE_EXECUTABLE = 0o100755
MODE_SYMLINK = 0o120000
MODE_SUBMODULE = 0o160000
REGULAR_MODES = frozenset({MODE_FILE, MODE_EXECUTABLE})

OBJECT_ID = re.compile(r"[0-9a-f]{40}")
_OBJECT_ID_BYTES = 20


class ObjectError(Exception):
    """An object that is missing, is of another kind than expected, or cannot be read; the text names it."""


@dataclass(frozen=True)
class ObjectInfo:
    """Kind (`commit`, `tree`, `blob`, `tag`) and size in bytes of an object."""

    kind: str
    size: int


@dataclass(frozen=True)
class TreeEntry:
    """One entry of a tree object; `name` is as in git, which need not be UTF-8."""

    mode: int
    name: bytes
    oid: str


@dataclass(frozen=True)
class TreeFile:
    """Something in a whole tree that is not itself a tree, by its full path."""

    path: bytes
    mode: int
    oid: str


class ObjectReader:
    """Reads objects of one repository by their full id through `process`, a `git cat-file --batch-command`; a context manager.

    Not for several threads at once.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process: subprocess.Popen[bytes] | None = process

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        process = self._process
        self._process = None
        if process is None:
            return
        # Closing the input ends git; after an error half an object may stand in the pipe, which git would wait to write.
        if kind is not None:
            process.kill()
        with process:
            return

    def info(self, oid: str) -> ObjectInfo:
        """Return kind and size of the object. Raises ObjectError where there is none."""
        return self._ask("info", oid)

    def read(self, oid: str) -> tuple[ObjectInfo, bytes]:
        """Return kind, size and content of the object, whole: ask `info` first where the size is not known to be bounded.

        Raises ObjectError where there is none.
        """
        info = self._ask("contents", oid)
        content = self._output.read(info.size)
        if len(content) != info.size or self._output.read(1) != b"\n":
            raise ObjectError(f"object {oid}: git stopped in the middle of it")
        return info, content

    def commit(self, oid: str) -> bytes:
        """Return a commit object as it is. Raises ObjectError where there is none or it is no commit."""
        return self._content(oid, "commit")

    def blob(self, oid: str) -> bytes:
        """Return the content of a blob. Raises ObjectError where there is none or it is no blob."""
        return self._content(oid, "blob")

    def tree(self, oid: str) -> list[TreeEntry]:
        """Return the entries of a tree object, in git's order. Raises ObjectError where there is none or it is no tree."""
        return list(parse_tree(self._content(oid, "tree")))

    def root_tree(self, commit: str) -> str:
        """Return the id of a commit's tree. Raises ObjectError where there is none or it is no commit."""
        header = self.commit(commit).partition(b"\n")[0]
        name, _, oid = header.decode("ascii", "replace").partition(" ")
        if name != "tree" or not OBJECT_ID.fullmatch(oid):
            raise ObjectError(f"commit {commit} has no tree")
        return oid

    def walk(self, tree: str, prefix: bytes = b"") -> Iterator[TreeFile]:
        """Yield every file, link and submodule below a tree in git's order. For trees that passed the push rules."""
        for entry in self.tree(tree):
            path = prefix + entry.name
            if entry.mode == MODE_TREE:
                yield from self.walk(entry.oid, path + b"/")
            else:
                yield TreeFile(path, entry.mode, entry.oid)

    def _content(self, oid: str, kind: str) -> bytes:
        info, content = self.read(oid)
        if info.kind != kind:
            raise ObjectError(f"object {oid} is a {info.kind}, not a {kind}")
        return content

    def _ask(self, command: str, oid: str) -> ObjectInfo:
        """Send one command and read its header line. Only full ids are sent: a name could be an expression of git's."""
        if not OBJECT_ID.fullmatch(oid):
            raise ObjectError(f"{oid!r} is not a full object id of 40 lower-case hexadecimal digits")
        stdin = cast(IO[bytes], self._running.stdin)  # a pipe was asked for
        try:
            stdin.write(f"{command} {oid}\n".encode("ascii"))
            stdin.flush()
        except BrokenPipeError as error:
            raise ObjectError(f"object {oid}: git ended; the repository cannot be read") from error
        fields = self._output.readline().decode("ascii", "replace").split()
        if len(fields) != 3 or not fields[2].isdigit():
            raise ObjectError(f"object {oid} is missing or cannot be read")
        return ObjectInfo(fields[1], int(fields[2]))

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ObjectError("the reader is closed: use it in a with statement")
        return self._process

    @property
    def _output(self) -> IO[bytes]:
        return cast(IO[bytes], self._running.stdout)  # a pipe was asked for


def quarantined_objects(repo_path: Path, env: Mapping[str, str]) -> ObjectReader:
    """Return a reader of what a push brings; `env` is git's own environment, as the hook has it: it names the quarantine."""
    process = subprocess.Popen(
        ["git", "--git-dir", str(repo_path), "cat-file", "--batch-command"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        cwd="/" if repo_path.is_absolute() else None,
    )
    return ObjectReader(process)


def parse_tree(content: bytes) -> Iterator[TreeEntry]:
    """Yield the entries of a raw tree object: `MODE NAME NUL` and 20 bytes of id, again and again.

    Raises ObjectError where the content is not that.
    """
    position = 0
    while position < len(content):
        space = content.find(b" ", position)
        end = content.find(b"\0", space + 1)
        stop = end + 1 + _OBJECT_ID_BYTES
        mode = content[position:space]
        if space < 0 or end < 0 or stop > len(content) or not mode or mode.strip(b"01234567"):
            raise ObjectError("a tree object is damaged")
        yield TreeEntry(int(mode, 8), content[space + 1 : end], content[end + 1 : stop].hex())
        position = stop
