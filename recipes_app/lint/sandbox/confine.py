"""What stands around one run of the level `confined`: a keeper, and the child that gives up everything and becomes the command.

Run as a program of its own (`python3 -I -S confine.py PLAN -- COMMAND …`), with the few modules that start at once: typing, json
and signal's enums take longer than all the rest. The child gets Landlock (landlock(7)), the system call filter, hard limits and,
where the keeper is root, a user of its own. The keeper is the subreaper of all that the command starts (prctl(2)): it ends all of
it with the command, at SIGTERM, and when the runner dies. No Django here.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # quick to start
import ctypes
import os
import resource
import stat
import struct
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, NoReturn

# prctl(2), linux/prctl.h and linux/seccomp.h.
_SET_PDEATHSIG, _CAPBSET_READ, _CAPBSET_DROP = 1, 23, 24
_SET_SECCOMP, _SECCOMP_MODE_FILTER, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 22, 2, 36, 38
_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION = 0x20080522
# The three calls of Landlock have these numbers on every architecture (linux/landlock.h and the syscall tables).
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULESET_VERSION, _RULE_PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK, _IOCTL_DEV = 1 << 6, 1 << 9, 1 << 11, 1 << 15
# Every right that the oldest ABI which is good enough knows, 4; and those that came later, by ABI.
_FILE_SYSTEM = (1 << 15) - 1
_NETWORK = 0b11
_SCOPES = 0b11
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_LIBC = ctypes.CDLL(None, use_errno=True)
_ENDED_BY_KEEPER: int = 128 + signal.SIGKILL
_FAILED = 125
_MOST_FILES = 1 << 16


def landlock_abi() -> int:
    """Return the version of Landlock's interface in this kernel, 0 where it has none or it is switched off."""
    version = int(_LIBC.syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(_RULESET_VERSION)))
    return max(version, 0)


class Plan:
    """What the runner tells, word by word: NAME=VALUE, some names several times.

    `parent`, the runner's process; `user`, none where there is none to be had; `limit`, NAME:VALUE; `folder`, the only place to
    write; `program`, `readable` and `device`, paths; `filter`, the descriptor of the system call filter.
    """

    def __init__(self, words: Sequence[str]) -> None:
        said = [word.partition("=")[::2] for word in words]
        one = dict(said)
        self.parent, self.filter, self.folder = int(one["parent"]), int(one["filter"]), one["folder"]
        self.user = int(one["user"]) if "user" in one else None
        self.programs, self.readable, self.devices, limits = (
            [value for each, value in said if each == name] for name in ("program", "readable", "device", "limit")
        )
        self.limits = {name: int(value) for name, _, value in (each.partition(":") for each in limits)}


def main(words: Sequence[str]) -> int:
    """Keep a run by `words`, a plan, --, and a command; return the exit status, 128 and the signal where one ended it."""
    end = words.index("--")
    plan, command = Plan(words[:end]), words[end + 1 :]
    _prctl(_SET_CHILD_SUBREAPER, 1)
    watched = {signal.SIGTERM, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    _prctl(_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != plan.parent:
        return _ENDED_BY_KEEPER
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        _become(plan, command, keeper)
    # The pipes are the command's: they have to end with it.
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.closerange(3, _MOST_FILES)
    status = _wait_for(child, watched)
    _end_all(plan.user)
    return status


def _wait_for(child: int, watched: set[int]) -> int:
    """Return how `child` ended, or at once where the keeper is told to end. What else is left to us is reaped."""
    while signal.sigwait(watched) != signal.SIGTERM:
        for pid, status in _ended():
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
    return _ENDED_BY_KEEPER


def _ended() -> Iterator[tuple[int, int]]:
    """Yield the children that have ended. Raises ChildProcessError where there is no child at all any more."""
    while (ended := os.waitpid(-1, os.WNOHANG))[0]:
        yield ended


def _end_all(user: int | None) -> None:
    """Kill all that the command has left, and return when nothing of it is left. Whoever loses its parent becomes our child."""
    while True:
        if user is None:
            _kill_descendants(os.getpid())
        else:
            _kill_as(user, os.getpid())
        try:
            for _ in _ended():
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _kill_as(user: int, keeper: int) -> None:
    """Kill what descends from the keeper, as the run's user: a number that has gone to another process meanwhile is no danger."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            _kill_descendants(keeper)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _kill_descendants(keeper: int) -> None:
    """Kill all that descends from `keeper`. Each is stopped first, until a look finds no new one: who is stopped cannot fork."""
    stopped: set[int] = {os.getpid()}
    while found := _descendants(keeper) - stopped:
        for pid in found:
            _signal(pid, signal.SIGSTOP)
        stopped |= found
    for pid in stopped - {os.getpid()}:
        _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        # It has ended, which is what is wanted, and its number may be another one's.
        return


def _descendants(keeper: int) -> set[int]:
    children: dict[int, list[int]] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
        try:
            with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                parent = int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            # It has ended.
            continue
        children.setdefault(parent, []).append(int(name))
    found: set[int] = set()
    waiting = [keeper]
    while waiting:
        of_this = children.get(waiting.pop(), [])
        found.update(of_this)
        waiting += of_this
    return found


def _become(plan: Plan, command: Sequence[str], keeper: int) -> NoReturn:
    """Give up everything and become the command. Where one step fails, nothing is run: one line says why."""
    try:
        os.setsid()
        program = os.pread(plan.filter, os.fstat(plan.filter).st_size, 0)
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123
            # Where the machine's memory runs out, the run goes before its keeper.
            score.write("1000")
        os.chdir(plan.folder)
        os.umask(0o022)
        for name, value in plan.limits.items():
            _limit(getattr(resource, name), value)
        rules = _rules(plan)
        _give_up_rights(plan.user)
        # Only now: a change of the user takes it back.
        _prctl(_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(_ENDED_BY_KEEPER)
        _landlock_call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint(0))
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            # Python ignores both, and what is ignored stays so in the program that we become.
            signal.signal(number, signal.SIG_DFL)
        os.closerange(3, _MOST_FILES)
        _load_filter(program)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.execvp(command[0], [*command])  # noqa: S606 - a program and a list; there is no shell to miss
    except BaseException as error:  # noqa: BLE001 - whatever it is: this process must not go on as the keeper's twin
        os.write(2, f"confine: {type(error).__name__}: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(_FAILED)


def _limit(kind: int, value: int) -> None:
    """Set a hard limit. Where this process may not have as much, it keeps what it has."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _give_up_rights(user: int | None) -> None:
    """Give up every capability and, with a `user`, become that user; no program gives anything back."""
    if user is not None:
        capability = 0
        while _LIBC.prctl(_CAPBSET_READ, capability, 0, 0, 0) >= 0:
            _prctl(_CAPBSET_DROP, capability)
            capability += 1
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _prctl(_CAP_AMBIENT, _CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    if _LIBC.capset(header, bytes(24)) != 0:
        raise OSError(ctypes.get_errno(), "the capabilities cannot be given up")
    _prctl(_SET_NO_NEW_PRIVS, 1)


def _rules(plan: Plan) -> int:
    """Return a ruleset: everything that Landlock knows is refused, but what the plan names."""
    abi = landlock_abi()
    handled = _FILE_SYSTEM | (_IOCTL_DEV if abi >= 5 else 0)
    scoped = _SCOPES if abi >= 6 else 0
    attributes = struct.pack("QQQ", handled, _NETWORK, scoped)[: 24 if scoped else 16]
    rules = _landlock_call(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    folder = handled & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK | _MAKE_SOCK | _IOCTL_DEV)
    of_paths = [(path, _READ) for path in plan.programs] + [(path, _READ_FILE | _READ_DIR) for path in plan.readable]
    of_paths += [(path, _READ_FILE | _WRITE_FILE) for path in plan.devices] + [(plan.folder, folder)]
    for path, rights in of_paths:
        _allow(rules, path, rights)
    return rules


def _allow(rules: int, path: str, rights: int) -> None:
    """Let `path`, and what is below it, have `rights`. One that is not there is nobody's."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(opened).st_mode):
        rights &= _OF_FILES
    rule = struct.pack("=Qi", rights, opened)
    _landlock_call(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_RULE_PATH_BENEATH), rule, ctypes.c_uint(0))
    os.close(opened)


def _landlock_call(number: int, *arguments: Any) -> int:
    result = int(_LIBC.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result


def _load_filter(program: bytes) -> None:
    """Load a BPF program, struct sock_filter of 8 bytes after the other (linux/filter.h)."""
    code = ctypes.create_string_buffer(program, len(program))
    _prctl(_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(code), program=len(program) // 8)


def _prctl(option: int, value: int, address: int = 0, *, program: int = 0) -> None:
    """Call prctl(2). With a `program`, `address` is that of so many instructions."""
    third: Any = ctypes.c_ulong(0)
    if program:
        header = ctypes.create_string_buffer(struct.pack("H6xQ", program, address))
        third = header
    if _LIBC.prctl(ctypes.c_int(option), ctypes.c_ulong(value), third, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"prctl {option}: {os.strerror(code)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
