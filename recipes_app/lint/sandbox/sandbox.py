"""The sandbox: one command without network, on a read-only system, without a capability, under every limit.

At the level `namespaces` it runs in bubblewrap; at the level `confined`, for machines without user namespaces, Landlock stands
for them (`confined`). LINT_SANDBOX chooses; docs/security.md says what each level promises.

As root, each run gets a user id of its own, so that limits that the kernel keeps by user hold for one run and no two runs can
touch each other; without root, the runner's own user id is the outer one. Where control groups can be had, each run gets one.
Input goes in by stdin and output comes out by stdout: no folder of the machine is shared but those that a `Room` names.

There is no switch that takes a guard away; `check_sandbox` proves on the machine at hand that each of them holds. No Django here.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recipes_app import limits as rules

from . import confined
from .cgroups import GroupLimits, job_group
from .disk import DiskWatch
from .levels import BUILDS_NEED_NAMESPACES, Level, SandboxUnavailable, wanted_level
from .seccomp import Calls, filter_program
from .supervise import Keeper, ParentLimits, ProcessResult, supervise

# What Perl, dpkg, groff and file read there; without /etc/groff lintian makes a false groff-message. Accounts are not shown.
_ETC = (
    "alternatives",
    "debian_version",
    "dpkg",
    "groff",
    "ld.so.cache",
    "magic",
    "magic.mime",
    "mime.types",
    "os-release",
    "perl",
)
_HOST_ROOT = (
    "--ro-bind", "/usr", "/usr",
    # Not Debian's: whatever the machine's owner keeps there is nobody's business.
    "--tmpfs", "/usr/local", "--remount-ro", "/usr/local",
    "--symlink", "usr/bin", "/bin",
    "--symlink", "usr/sbin", "/sbin",
    "--symlink", "usr/lib", "/lib",
    "--symlink", "usr/lib64", "/lib64",
    *(argument for name in _ETC for argument in ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")),
)  # fmt: skip
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "LC_ALL": "C.UTF-8", "TZ": "UTC"}  # noqa: S108
_SHARED_MEMORY_BYTES = 64 * rules.MIB
_OPEN_FILES = 1024
# bubblewrap's two processes, which the limit of processes inside does not count and a control group does.
_KEEPERS = 8
# Free by Debian Policy 9.2.2 (60000-64999 is given out on request, none of these is) and by systemd's table of ranges.
FIRST_UID = 61000
_UIDS = 100
SLOTS = Path("/run/recipe-lint")
_SLOT_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class SandboxLimits:
    """The limits of one run. `memory_bytes` is the resident memory of all its processes, and the address space of each."""

    wall_seconds: float = rules.LINT_WALL_SECONDS
    cpu_seconds: int = rules.LINT_CPU_SECONDS
    memory_bytes: int = rules.LINT_MEMORY_BYTES
    processes: int = rules.LINT_PROCESSES
    file_bytes: int = rules.LINT_FILE_BYTES
    tmpfs_bytes: int = rules.LINT_TMPFS_BYTES
    output_bytes: int = rules.LINT_OUTPUT_BYTES
    log_bytes: int = rules.LINT_LOG_BYTES
    cpus: float = rules.LINT_CPUS
    # At the level `confined`: what other programs may write to the same file system meanwhile.
    others_bytes: int = rules.LINT_OTHERS_BYTES
    # The address space of one process, where it may be larger than what all of them may use.
    address_bytes: int | None = None


@dataclass(frozen=True)
class Room:
    """What a run finds around it: arguments of bubblewrap for the root and for folders besides, and its system calls.

    The root is the machine's own /usr, without its accounts, its homes and its data. `folder` is where the command starts.
    `entrance` is a command of the runner that goes before everything else, into a mount namespace.
    """

    root: tuple[str, ...] = _HOST_ROOT
    binds: tuple[str, ...] = ()
    calls: Calls = Calls.LINT
    folder: str = "/tmp"  # noqa: S108
    entrance: tuple[str, ...] = ()


_LINT_ROOM = Room()


def run_sandboxed(
    command: Sequence[str],
    *,
    stdin: bytes = b"",
    limits: SandboxLimits | None = None,
    room: Room = _LINT_ROOM,
    user: int | None = None,
) -> ProcessResult:
    """Run `command` in a new sandbox of the chosen level; return how it ended.

    Its only writable places are its working folder and, with namespaces, /tmp and /dev/shm. `user` is the user id of an open
    `job_user`, for runs that belong together. Raises SandboxUnavailable where the level cannot be had, a program is missing or no
    user id is free. What the command does is never an exception.
    """
    limits = limits or SandboxLimits()
    if chosen_level() is Level.NAMESPACES:
        return _run_in_namespaces(command, stdin, limits, room, user)
    if room.root is not _HOST_ROOT or room.binds or room.entrance:
        raise SandboxUnavailable(BUILDS_NEED_NAMESPACES)
    return _run_confined(command, stdin, limits, user)


def chosen_level() -> Level:
    """Return the level of this machine's runs. Raises SandboxUnavailable where LINT_SANDBOX names none that there is."""
    wanted = wanted_level()
    return wanted if wanted is not None else _best_level()


def why_not(level: Level) -> str:
    """Return the one reason for which `level` cannot be had on this machine, and what to do; empty where it can."""
    return why_no_namespaces() if level is Level.NAMESPACES else confined.why_not_confined()


@functools.cache
def why_no_namespaces() -> str:
    """Return in one line why bubblewrap cannot make a sandbox here, and what to do; empty where it can. It is tried once."""
    try:
        result = _run_in_namespaces(["true"], b"", SandboxLimits(wall_seconds=20), _LINT_ROOM, None)
    except SandboxUnavailable as error:
        return str(error)
    if result.exit_status == 0 or result.limit_hit:
        # A machine that is too busy refuses nothing.
        return ""
    said = (result.stderr_tail.strip().splitlines() or [f"it ended with status {result.exit_status}"])[0]
    said = said.partition(". ")[0][:160]
    return f'user namespaces are refused on this machine ({said}): allow them (docs/operators.md, "Sandbox")'


@functools.cache
def _best_level() -> Level:
    reasons = []
    for level in Level:
        reason = why_not(level)
        if not reason:
            return level
        reasons.append(reason)
    raise SandboxUnavailable("; ".join(reasons))


def _run_in_namespaces(
    command: Sequence[str], stdin: bytes, limits: SandboxLimits, room: Room, user: int | None
) -> ProcessResult:
    _require_programs()
    with (
        job_user(user) as uid,
        job_group(_group_limits(limits)) as group,
        filter_descriptor(room.calls) as seccomp,
    ):
        guarded = [*_drop_rights(uid), *_resource_limits(limits), *_bubblewrap(limits, room, seccomp), *_inner_limits(limits)]
        return supervise(
            [*room.entrance, *guarded, *command],
            limits=_parent_limits(limits),
            stdin=stdin,
            environment=ENVIRONMENT,
            pass_fds=[seccomp],
            group=group,
        )


def _run_confined(command: Sequence[str], stdin: bytes, limits: SandboxLimits, user: int | None) -> ProcessResult:
    if reason := confined.why_not_confined():
        raise SandboxUnavailable(reason)
    with (
        job_user(user) as uid,
        confined.private_folder(uid) as folder,
        job_group(_group_limits(limits)) as group,
        filter_descriptor(confined.calls_here()) as seccomp,
    ):
        launch = confined.Launch(
            folder=folder,
            user=uid,
            limits=_hard_limits(limits, shared=uid is None),
            readable=tuple(f"/etc/{name}" for name in _ETC),
            seccomp=seccomp,
        )
        return supervise(
            launch.command(command),
            limits=_parent_limits(limits),
            stdin=stdin,
            environment={**ENVIRONMENT, "HOME": str(folder), "TMPDIR": str(folder)},
            pass_fds=[seccomp],
            group=group,
            keeper=Keeper(DiskWatch(folder, limits.tmpfs_bytes, limits.others_bytes)),
        )


def _hard_limits(limits: SandboxLimits, *, shared: bool) -> dict[str, int]:
    """Return the limits that the kernel keeps, by their names; those of processes count what the user has already."""
    return {
        "RLIMIT_AS": limits.address_bytes or limits.memory_bytes,
        "RLIMIT_CPU": limits.cpu_seconds,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_NPROC": limits.processes + (confined.tasks_of_this_user() if shared else 0),
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }


def _parent_limits(limits: SandboxLimits) -> ParentLimits:
    return ParentLimits(limits.wall_seconds, limits.output_bytes, limits.log_bytes, limits.memory_bytes)


def _require_programs() -> None:
    for program, package in (("bwrap", "bubblewrap"), ("setpriv", "util-linux"), ("prlimit", "util-linux")):
        if shutil.which(program, path=ENVIRONMENT["PATH"]) is None:
            raise SandboxUnavailable(f"the program {program} is missing: install the package {package}")


def _drop_rights(uid: int | None) -> list[str]:
    """Return the command that gives up every right; with a `uid`, from root to that user."""
    if uid is None:
        return ["setpriv", "--no-new-privs"]
    return [
        "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups",
        "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs",
    ]  # fmt: skip


def _resource_limits(limits: SandboxLimits) -> list[str]:
    """Return the command that sets the limits of the kernel, which nothing below can raise again."""
    return [
        "prlimit",
        f"--as={limits.address_bytes or limits.memory_bytes}",
        f"--cpu={limits.cpu_seconds}",
        f"--fsize={limits.file_bytes}",
        f"--nofile={_OPEN_FILES}",
        "--core=0",
        "--memlock=0",
        "--msgqueue=0",
    ]


def _inner_limits(limits: SandboxLimits) -> list[str]:
    """Return the command, run inside, that limits processes: there it counts the sandbox's own and not all of the user's."""
    return ["prlimit", f"--nproc={limits.processes}"]


def _group_limits(limits: SandboxLimits) -> GroupLimits:
    """Return what the control group keeps. It counts what lies in tmpfs as memory, and bubblewrap's processes too."""
    memory = limits.memory_bytes + limits.tmpfs_bytes + _SHARED_MEMORY_BYTES
    return GroupLimits(memory, limits.processes + _KEEPERS, limits.cpus)


def _bubblewrap(limits: SandboxLimits, room: Room, seccomp: int) -> list[str]:
    arguments = ["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
    arguments += ["--cap-drop", "ALL", "--clearenv", "--hostname", "lint"]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    arguments += room.root
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(_SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm"]  # noqa: S108
    arguments += ["--size", str(limits.tmpfs_bytes), "--tmpfs", "/tmp"]  # noqa: S108
    arguments += room.binds
    # After everything has been bound: else / and /dev could be written to, bounded by the machine's memory alone.
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", room.folder]
    return [*arguments, "--seccomp", str(seccomp), "--"]


@contextlib.contextmanager
def filter_descriptor(calls: Calls) -> Iterator[int]:
    """Yield a descriptor from which bubblewrap reads the system call filter."""
    descriptor = os.memfd_create("seccomp")
    try:
        os.write(descriptor, filter_program(calls))
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def job_user(chosen: int | None = None) -> Iterator[int | None]:
    """Yield a user id that no other run on this machine has, or None where the runner is not root and cannot choose.

    A lock on a file per id keeps it; the kernel drops the lock with the runner, however it dies. An id with processes is left
    alone: a container beside this one may have locks of its own, and what has ended counts until it is reaped, which would leave
    the next run too few processes. An id that the caller holds already, `chosen`, is yielded as it is. Raises SandboxUnavailable
    where none becomes free.
    """
    if chosen is not None or os.geteuid() != 0:
        yield chosen
        return
    SLOTS.mkdir(mode=0o700, exist_ok=True)
    deadline = time.monotonic() + _SLOT_WAIT_SECONDS
    while True:
        for uid in sorted(set(range(FIRST_UID, FIRST_UID + _UIDS)) - _users_with_processes()):
            with (SLOTS / str(uid)).open("wb") as slot:
                try:
                    fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield uid
                return
        if time.monotonic() > deadline:
            raise SandboxUnavailable(f"all {_UIDS} user ids of the sandbox are in use: run fewer lint workers on this machine")
        time.sleep(1)


def _users_with_processes() -> set[int]:
    """Return the user ids that processes of this machine have, ended ones among them."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found.add(folder.stat().st_uid)
    return found
