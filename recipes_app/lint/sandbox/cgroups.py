"""Control groups, version 2: one group for each run, where this machine lets the runner make one.

A group counts everything that the processes of a run use together, pages of tmpfs and of the kernel's buffers among it, and kills
all of them at once. Where none can be made, or it offers no such controller, the limits of each process (`sandbox`) and the
watch over the tree (`supervise`) stand alone. No Django here.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# A folder that the operator made for the runner, with the controllers handed down to it.
FOLDER_VARIABLE = "LINT_CGROUP"
CONTROLLERS = ("memory", "pids", "cpu")
_OWN = "recipe-lint"
_RUNNER = "runner"
# The name says which process of which process namespace made it: a number means another process elsewhere.
_GROUP = re.compile(r"job-(\d+)-(\d+)-\d+")
_CPU_PERIOD = 100_000
# Killed processes are gone within milliseconds; one that hangs in the kernel is left to the next sweep.
_REMOVAL_SECONDS = 2.0
# Fixed text, run by the last process that is still root: it enters the group, and becomes the command.
_ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
_numbers = itertools.count()


@dataclass(frozen=True)
class GroupLimits:
    """What a group keeps. `cpus` is how many processors' worth of time it gets."""

    memory_bytes: int
    processes: int
    cpus: float


@dataclass(frozen=True)
class Group:
    """One run's group. `controllers` are those that keep a limit in it."""

    folder: Path
    controllers: frozenset[str]

    def entering(self, command: Sequence[str]) -> list[str]:
        """Return `command` with the one before it that enters the group."""
        return ["/bin/sh", "-c", _ENTER, str(self.folder), *command]

    def kill(self) -> None:
        """Kill every process in the group, whatever sessions and process groups they made."""
        (self.folder / "cgroup.kill").write_text("1")

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process for the memory limit of the group."""
        return bool(re.search(r"^oom_kill [1-9]", self._read("memory.events"), re.MULTILINE))

    def peak_memory(self) -> int:
        """Return the largest number of bytes that the group held at once, 0 where it is not counted (Linux 5.19)."""
        return int(self._read("memory.peak") or 0)

    def _read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            return ""


@contextlib.contextmanager
def job_group(limits: GroupLimits) -> Iterator[Group | None]:
    """Yield an empty group with `limits`, gone with all its processes afterwards; None where this machine gives none."""
    parent = parent_folder()
    if parent is None:
        yield None
        return
    folder = parent / f"job-{process_namespace()}-{os.getpid()}-{next(_numbers)}"
    folder.mkdir()
    try:
        yield Group(folder, _set_limits(folder, limits))
    finally:
        _remove(folder)


@functools.cache
def parent_folder() -> Path | None:
    """Return the folder in which this process makes groups, or None. Groups that a killed runner left behind are removed.

    It is the one that LINT_CGROUP names; or the one that systemd delegated to this service; or, for root in the machine's root
    group, one of our own.
    """
    try:
        parent = _named() or _delegated() or _below_root()
        if parent is None or not os.access(parent, os.W_OK):
            return None
        _hand_down(parent)
    except OSError:
        # Not ours to write to, however it looked: a container's view, most often.
        return None
    _remove_left_behind(parent)
    return parent


def _named() -> Path | None:
    return Path(os.environ[FOLDER_VARIABLE]) if os.environ.get(FOLDER_VARIABLE) else None


def _delegated() -> Path | None:
    """Return this process's own group where systemd delegated it (Delegate=yes), after leaving it for one below.

    A group that hands controllers down may hold no process itself (cgroup-v2.rst, "No Internal Process Constraint").
    """
    root, own = _mount_point(), _own_path()
    if root is None or own in ("", "/"):
        return None
    folder = root / own.lstrip("/")
    if folder.name == _RUNNER and _is_delegated(folder.parent):
        # A sibling process, or this one before it was forked, has moved already.
        return folder.parent
    if not _is_delegated(folder):
        return None
    leaf = folder / _RUNNER
    leaf.mkdir(exist_ok=True)
    for pid in (folder / "cgroup.procs").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            # One write moves one process; it may have ended meanwhile.
            (leaf / "cgroup.procs").write_text(pid)
    return folder


def _below_root() -> Path | None:
    """Return a folder of our own below the machine's root group; only root may, and the root group may hold processes."""
    root = _mount_point()
    if root is None or os.geteuid() != 0 or _own_path() != "/":
        return None
    _hand_down(root)
    folder = root / _OWN
    folder.mkdir(exist_ok=True)
    return folder


def _mount_point() -> Path | None:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 "):
            return Path(before.split()[4])
    return None


def _own_path() -> str:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        if line.startswith("0::"):
            return line.removeprefix("0::")
    return ""


def _is_delegated(folder: Path) -> bool:
    """Whether systemd marked `folder` as handed over (systemd's CGROUP_DELEGATION.md)."""
    for attribute in ("user.delegate", "trusted.delegate"):
        with contextlib.suppress(OSError):
            if os.getxattr(folder, attribute) == b"1":
                return True
    return False


def _hand_down(folder: Path) -> None:
    """Give the groups below `folder` the controllers that it has itself."""
    offered = set((folder / "cgroup.controllers").read_text().split())
    given = set((folder / "cgroup.subtree_control").read_text().split())
    for controller in CONTROLLERS:
        if controller in offered - given:
            (folder / "cgroup.subtree_control").write_text(f"+{controller}")


def _set_limits(folder: Path, limits: GroupLimits) -> frozenset[str]:
    """Write the limits of those controllers that are there; return their names."""
    offered = frozenset((folder / "cgroup.controllers").read_text().split()) & frozenset(CONTROLLERS)
    if "memory" in offered:
        (folder / "memory.max").write_text(str(limits.memory_bytes))
        # All of the run or nothing: a half-killed lintian would print half a report.
        (folder / "memory.oom.group").write_text("1")
        swap = folder / "memory.swap.max"
        if swap.exists():
            # Not there on a kernel without swap.
            swap.write_text("0")
    if "pids" in offered:
        (folder / "pids.max").write_text(str(limits.processes))
    if "cpu" in offered:
        (folder / "cpu.max").write_text(f"{round(limits.cpus * _CPU_PERIOD)} {_CPU_PERIOD}")
    return offered


def _remove(folder: Path) -> None:
    """Kill what is in the group, and remove it. One whose processes hang in the kernel stays for the next sweep."""
    deadline = time.monotonic() + _REMOVAL_SECONDS
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > deadline:
                return
            (folder / "cgroup.kill").write_text("1")
            time.sleep(0.01)
        else:
            return


def process_namespace() -> int:
    """Return the number of this process's own process namespace; a container has one of its own."""
    return Path("/proc/self/ns/pid").stat().st_ino


def _remove_left_behind(parent: Path) -> None:
    """Remove the groups of runners that do not run any more. Those of another process namespace are not ours to judge."""
    for folder in parent.glob("job-*"):
        match = _GROUP.fullmatch(folder.name)
        if match and int(match[1]) == process_namespace() and not Path("/proc", match[2]).exists():
            _remove(folder)
