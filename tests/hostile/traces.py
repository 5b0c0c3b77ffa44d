"""What an act costs, and what it leaves behind: processes, files, mounts, open files, user ids of the sandbox."""

from __future__ import annotations

import contextlib
import ctypes
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recipes_app.lint.build.build_room import FOLDER
from recipes_app.lint.sandbox.sandbox import SLOTS
from recipes_app.lint.sandbox.supervise import tree_memory

from .case import CANARY

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, prctl(2)
_LOOK_SECONDS = 0.05
_PAGE = os.sysconf("SC_PAGE_SIZE")
# Where something that got out of its folder would lie; none of them is searched below its top.
_OUTSIDE = ("/", "/etc", "/root", "/tmp", "/var/tmp", "/dev/shm", "/run", "/srv", "/usr", "/usr/local")


@dataclass
class Spent:
    """Seconds; the largest memory of all programs that were started, together; by how much our own process grew; in bytes."""

    seconds: float = 0
    programs: int = 0
    own: int = 0


@contextlib.contextmanager
def spending() -> Iterator[Spent]:
    """Measure what is done inside."""
    spent, ended = Spent(), threading.Event()
    before = _own_memory()

    def watch() -> None:
        while not ended.wait(_LOOK_SECONDS):
            own = _own_memory()
            spent.own = max(spent.own, own - before)
            spent.programs = max(spent.programs, tree_memory(os.getpid()) - own)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    started = time.perf_counter()
    try:
        yield spent
    finally:
        spent.seconds = time.perf_counter() - started
        ended.set()
        watcher.join()


def _own_memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


@contextlib.contextmanager
def leaves_nothing(scratch: Path) -> Iterator[None]:
    """Fail where something is left of what is done inside. `scratch` is where the runner makes its folders, and empty.

    For that time whatever loses its parent becomes a child of ours: nothing of ours can hide as a daemon among the processes
    of others, who may use the same machine.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SUBREAPER, 1, 0, 0, 0)
    children, mounts, descriptors = _children(), _mounts(scratch), _descriptors()
    earlier = tempfile.tempdir
    tempfile.tempdir = str(scratch)
    try:
        yield
        assert _children() <= children, "a process is left"
        assert list(scratch.iterdir()) == [], "a file is left in the runner's folder"
        assert sorted(_mounts(scratch) - mounts) == [], "a mount is left"
        assert _descriptors() <= descriptors, "an open file is left; it may hold a user id of the sandbox"
        assert _escaped(scratch) == [], "something was written outside"
    finally:
        tempfile.tempdir = earlier
        libc.prctl(_SUBREAPER, 0, 0, 0, 0)


def _children() -> set[int]:
    """Return the living children of ours; those that have ended are taken note of, so that none stays a zombie."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        # A thread may end while it is looked at; it hands its children to another one, and none of ours starts any.
        with contextlib.suppress(FileNotFoundError):
            found |= set(map(int, (task / "children").read_text().split()))
    return {pid for pid in found if _alive(pid)}


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in (b"Z", b"X")


def _mounts(scratch: Path) -> set[str]:
    """Return what is mounted where the runner has its folders; elsewhere others may mount what they like meanwhile."""
    points = {line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()}
    return {point for point in points if point.startswith((str(scratch.parent), str(FOLDER), str(SLOTS)))}


def _descriptors() -> set[str]:
    """Return the open files that may keep something alive: locks of user ids, deleted files, memory files."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(link.readlink())
            if target.startswith((str(SLOTS), "/memfd:")) or target.endswith("(deleted)"):
                found.add(target)
    return found


def _escaped(scratch: Path) -> list[str]:
    folders = {Path(each) for each in _OUTSIDE} | {Path.cwd(), *scratch.parents}
    return [str(path) for folder in folders if folder.is_dir() for path in folder.glob(f"*{CANARY}*")]
