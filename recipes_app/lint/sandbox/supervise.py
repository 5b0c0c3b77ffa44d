"""Running one program to its end under the limits that only its parent can keep: wall clock, output, memory of the whole tree,
and where no tmpfs does it, what its folder holds.

What the program prints is read while it runs, so that a flood is stopped at the cap and not stored first. No Django here.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .cgroups import Group
from .disk import DiskWatch

_CHUNK = 64 * 1024
# How often limits are looked at. Two cores fill about 400 MB of fresh memory in this time.
_POLL_SECONDS = 0.1
# After the kill, the pipes of a dead tree close at once; a hung one is not waited for longer than this.
_GRACE_SECONDS = 5.0
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# What the kernel keeps of one file in a tmpfs, its name and its place in the folder: measured on Linux 6.1.
_INODE_BYTES = 1_088
_VM_PTE = re.compile(rb"^VmPTE:\s*([0-9]+) kB", re.MULTILINE)
_TMPFS = re.compile(r"(?m)^\S+ \S+ \S+ \S+ (\S+) .* - tmpfs ")


@dataclass(frozen=True)
class ParentLimits:
    """What the parent keeps. `output_bytes` bounds stdout and stderr together; `log_bytes` of stderr's end are kept."""

    wall_seconds: float
    output_bytes: int
    log_bytes: int
    memory_bytes: int


@dataclass(frozen=True)
class Keeper:
    """Says of a program that it ends all that it started when it is asked to end (`confine`); `disk` watches what is written."""

    disk: DiskWatch


@dataclass(frozen=True)
class ProcessResult:
    """How a program ended. `exit_status` is negative where a signal ended it, as in `subprocess`.

    At most one of `timed_out`, `output_truncated`, `memory_exceeded` and `disk_exceeded` is true: the limit for which the tree
    was killed.
    `duration` is in seconds; `peak_memory`, in bytes, is the kernel's count where there is a control group, and else the largest
    that the watch saw.
    """

    exit_status: int
    stdout: bytes
    stderr_tail: str
    timed_out: bool
    output_truncated: bool
    memory_exceeded: bool
    duration: float
    peak_memory: int = 0
    disk_exceeded: bool = False

    @property
    def limit_hit(self) -> str:
        """The limit for which the program was killed, in words; empty where it ended by itself."""
        if self.timed_out:
            return "it took too long"
        if self.output_truncated:
            return "it printed too much"
        if self.memory_exceeded:
            return "it used too much memory"
        if self.disk_exceeded:
            return "it wrote too much"
        return ""


def supervise(
    command: Sequence[str],
    *,
    limits: ParentLimits,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    group: Group | None = None,
    keeper: Keeper | None = None,
) -> ProcessResult:
    """Run `command` (a program and its arguments, no shell) with `stdin` as its input; return how it ended.

    It runs in a session of its own, in the control group `group` where there is one; whatever is left of its process group and of
    its control group is killed at the end. Raises OSError where the program cannot be started.
    """
    with subprocess.Popen(
        group.entering(command) if group else command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        pass_fds=pass_fds,
        cwd="/",
        start_new_session=True,
    ) as process:
        ending = _Ending(process, group, keeper)
        try:
            return _Watch(process, stdin, limits, ending).run()
        finally:
            ending.finish()


class _Watch:
    """One running program: feeds it, reads it, and kills it where it goes over a limit."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        stdin: bytes,
        limits: ParentLimits,
        ending: _Ending,
    ) -> None:
        self._process = process
        self._ending = ending
        self._group = ending.group
        self._disk = ending.keeper.disk if ending.keeper else None
        self._limits = limits
        self._pending = memoryview(stdin)
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._output_bytes = 0
        self._killed_for = ""
        self._peak_memory = 0
        self._next_look = 0.0
        self._started = time.monotonic()
        self._deadline = self._started + limits.wall_seconds

    def run(self) -> ProcessResult:
        with selectors.DefaultSelector() as selector:
            self._register(selector)
            while self._alive(selector):
                self._wait(selector)
                self._check_limits()
        self._ending.finish()
        status = self._process.wait()
        if self._group and not self._killed_for and self._group.ran_out_of_memory():
            self._killed_for = "memory"
        return ProcessResult(
            exit_status=status,
            stdout=bytes(self._stdout),
            stderr_tail=self._stderr.decode("utf-8", "replace"),
            timed_out=self._killed_for == "time",
            output_truncated=self._killed_for == "output",
            memory_exceeded=self._killed_for == "memory",
            disk_exceeded=self._killed_for == "disk",
            duration=time.monotonic() - self._started,
            peak_memory=(self._group.peak_memory() if self._group else 0) or self._peak_memory,
        )

    def _register(self, selector: selectors.BaseSelector) -> None:
        process = self._process
        for stream, event in (
            (process.stdin, selectors.EVENT_WRITE),
            (process.stdout, selectors.EVENT_READ),
            (process.stderr, selectors.EVENT_READ),
        ):
            if stream is None:
                raise ValueError("a program is supervised with three pipes")
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, event)

    def _wait(self, selector: selectors.BaseSelector) -> None:
        """Serve the pipes, or wait for the end where they have come to theirs; for a while each."""
        if not selector.get_map():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_POLL_SECONDS)
            return
        for key, _ in selector.select(_POLL_SECONDS):
            self._serve(selector, key.fileobj)  # type: ignore[arg-type]  # pipes alone

    def _alive(self, selector: selectors.BaseSelector) -> bool:
        """Whether there is still something to wait for: output, or the program's end."""
        ended = self._process.poll() is not None
        if (ended or self._killed_for) and time.monotonic() > self._deadline:
            return False
        if ended:
            # A child of it that keeps the pipe open is not waited for long.
            self._deadline = min(self._deadline, time.monotonic() + _GRACE_SECONDS)
        reading = any(key.events & selectors.EVENT_READ for key in selector.get_map().values())
        return reading or not ended

    def _serve(self, selector: selectors.BaseSelector, stream: IO[bytes]) -> None:
        if stream is self._process.stdin:
            self._feed(selector, stream)
            return
        chunk = os.read(stream.fileno(), _CHUNK)
        if not chunk:
            selector.unregister(stream)
            return
        room = self._limits.output_bytes - self._output_bytes
        self._output_bytes += len(chunk)
        if stream is self._process.stdout:
            self._stdout += chunk[: max(room, 0)]
        else:
            self._stderr = (self._stderr + chunk)[-self._limits.log_bytes :]

    def _feed(self, selector: selectors.BaseSelector, stream: IO[bytes]) -> None:
        try:
            written = os.write(stream.fileno(), self._pending[:_CHUNK]) if self._pending else 0
        except BrokenPipeError:
            # It ended or closed its input without reading all of it; its exit status tells the rest.
            self._pending = self._pending[:0]
            written = 0
        self._pending = self._pending[written:]
        if not self._pending:
            selector.unregister(stream)
            stream.close()

    def _check_limits(self) -> None:
        if self._killed_for or self._process.poll() is not None:
            return
        if time.monotonic() > self._deadline:
            self._kill("time")
        elif self._output_bytes > self._limits.output_bytes:
            self._kill("output")
        elif self._measured_memory() > self._limits.memory_bytes:
            self._kill("memory")
        elif self._disk and self._disk.is_full():
            self._kill("disk")

    def _measured_memory(self) -> int:
        """Return the tree's memory. Output may come in thousands of pieces a second: a look at /proc is not taken at each."""
        now = time.monotonic()
        if now < self._next_look:
            return 0
        self._next_look = now + _POLL_SECONDS / 2
        memory = tree_memory(self._process.pid)
        if self._group is None or "memory" not in self._group.controllers:
            memory += kernel_memory(self._process.pid)
        self._peak_memory = max(self._peak_memory, memory)
        return memory

    def _kill(self, reason: str) -> None:
        self._killed_for = reason
        self._deadline = time.monotonic() + _GRACE_SECONDS
        self._ending.begin()


@dataclass(frozen=True)
class _Ending:
    """How a program is ended with all that it started."""

    process: subprocess.Popen[bytes]
    group: Group | None
    keeper: Keeper | None

    def begin(self) -> None:
        """Kill what is in the control group and the process group; ask a keeper to do so."""
        if self.group:
            self.group.kill()
        if self.keeper:
            self.process.terminate()
        else:
            self._kill_group()

    def finish(self) -> None:
        """As `begin`; return when a keeper has ended, or does not within the grace and is killed too.

        bubblewrap's death takes everything in its PID namespace with it.
        """
        self.begin()
        if self.keeper:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_GRACE_SECONDS)
        self._kill_group()

    def _kill_group(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            # Nobody of the group is left, which is what was wanted.
            return


def tree_memory(root: int) -> int:
    """Return the bytes of resident memory of process `root` and all of its descendants; pages that they share count each time.

    Processes in a PID namespace are seen by their outer ids; those whose parent died hang below the namespace's init.
    """
    return sum(_tree(root).values())


def kernel_memory(root: int) -> int:
    """Return the bytes that the kernel holds for process `root` and its descendants, and that no resident set shows.

    Those are their page tables, which a process fills by reading here and there in a large room of addresses, and what each file
    in their tmpfs costs, however empty it is. A control group with the memory controller counts them by itself.
    """
    pids = list(_tree(root))
    return sum(map(_page_tables, pids)) + _INODE_BYTES * _tmpfs_inodes(pids)


def _page_tables(pid: int) -> int:
    match = _VM_PTE.search(_read(pid, "status"))
    return int(match[1]) * 1024 if match else 0


def _read(pid: int, name: str) -> bytes:
    """Return /proc/`pid`/`name`, or nothing of a process that has ended or is about to.

    Which error comes then depends on the file and the moment: ENOENT, ESRCH, EACCES, and EINVAL from mountinfo.
    """
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def _tmpfs_inodes(pids: Sequence[int]) -> int:
    """Return how many files there are in the tmpfs of the mount namespace of `pids`, which is not ours."""
    ours = Path("/proc/self/ns/mnt").readlink()
    # The first is the sandbox's own process, and no process inside can make another namespace.
    for pid in pids:
        try:
            if Path(f"/proc/{pid}/ns/mnt").readlink() == ours:
                continue
        except OSError:
            # It has just ended, or is not yet what it will be: bubblewrap's first process still changes its rights.
            continue
        if places := _TMPFS.findall(os.fsdecode(_read(pid, "mountinfo"))):
            return sum(_inodes(f"/proc/{pid}/root{place}") for place in places)
    return 0


def _inodes(place: str) -> int:
    try:
        status = os.statvfs(place)
    except OSError:
        return 0
    return max(0, status.f_files - status.f_ffree)


def _tree(root: int) -> dict[int, int]:
    """Return process `root` and all of its descendants, each with its resident memory in bytes."""
    memory: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal() or not (line := _read(int(folder.name), "stat")):
            continue
        # The name, in parentheses, may hold anything; the fields after it are numbers (proc(5)).
        fields = line.rpartition(b")")[2].split()
        pid = int(folder.name)
        children.setdefault(int(fields[1]), []).append(pid)
        memory[pid] = int(fields[21]) * _PAGE_BYTES
    found: dict[int, int] = {}
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        if pid in memory:
            found[pid] = memory[pid]
        waiting.extend(children.get(pid, ()))
    return found
