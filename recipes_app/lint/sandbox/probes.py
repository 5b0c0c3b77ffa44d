"""The sandbox's promises, each with an attempt to break it on the machine at hand. `check_sandbox` runs them.

An attempt says in words what got through; nothing got through where it says nothing. What runs inside is `breakout`. Each has a
test that takes the guard away and sees the attempt succeed: a probe that cannot fail proves nothing. No Django here.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from recipes_app.limits import MIB

from . import sandbox
from .confined import calls_here
from .levels import Level
from .probes_confined import CONFINED_PROBES
from .probing import (
    GONE_SECONDS,
    SMALL,
    Probe,
    attack,
    end_processes,
    inside,
    left_behind,
    listening,
    processes,
    variable,
    wait_until,
)
from .sandbox import ENVIRONMENT, chosen_level, run_sandboxed
from .seccomp import Calls, call_number, refused_calls

_ROOT_FOLDERS = ["bin", "dev", "etc", "lib", "lib64", "proc", "sbin", "tmp", "usr"]
_DEVICES = [
    "console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom",
    "zero",
]  # fmt: skip
_PLACES = ["/", "/usr", "/usr/bin", "/usr/local", "/etc", "/dev", "/proc", "/var", "/run"]
_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
_NAMESPACE_FLAGS = {
    "mnt": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000, "ipc": 0x08000000,
    "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000,
}  # fmt: skip
_TMPFS_SIZES = {"/tmp": SMALL.tmpfs_bytes, "/dev/shm": 64 * MIB}  # noqa: S108
# Each process shows the pages that it shares with its parent as its own.
_FOR_FORKS = replace(SMALL, memory_bytes=1024 * MIB)
_FAMILIES = ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG", "AF_BLUETOOTH", "AF_CAN", "AF_TIPC")
# mov $20, %eax; int $0x80; ret: getpid by the door of i386.
_FOREIGN_CODE = {"x86_64": "b814000000cd80c3"}
_NAMESPACES_ALONE = frozenset({Level.NAMESPACES})
# How long an endless loop may take to use up its second, on a machine that has much else to do.
_SLOW_SECONDS = 30.0


def _write_outside() -> list[str]:
    return attack("write_outside", places=_PLACES)


def _host_files() -> list[str]:
    with tempfile.NamedTemporaryFile(prefix="recipe-lint-bait-") as bait:
        # For everyone to read: only the wall stands before it, not its mode.
        Path(bait.name).chmod(0o644)
        forbidden = [
            bait.name,
            "/etc/shadow",
            "/etc/passwd",
            "/etc/ssh",
            "/home",
            "/root",
            "/run",
            "/sys",
            "/var",
            "/srv",
            "/opt",
        ]
        return attack("host_files", forbidden=forbidden, expected=_ROOT_FOLDERS)


def _environment() -> list[str]:
    with variable("RECIPE_LINT_BAIT", secrets.token_hex()):
        return attack("environment", expected=[*ENVIRONMENT])


def _descriptors() -> list[str]:
    with tempfile.TemporaryFile() as open_file:
        os.set_inheritable(open_file.fileno(), True)
        return attack("descriptors")


def _network() -> list[str]:
    token = f"recipe-lint-{secrets.token_hex(8)}"
    with (
        tempfile.TemporaryDirectory(prefix="recipe-lint-bait-") as folder,
        socket.create_server(("127.0.0.1", 0)) as tcp,
        listening(f"\0{token}"),
        listening(f"{folder}/socket"),
    ):
        Path(folder).chmod(0o755)
        return attack("network", port=tcp.getsockname()[1], abstract=token, path=f"{folder}/socket")


def _sockets() -> list[str]:
    families = {name: int(getattr(socket, name)) for name in _FAMILIES if hasattr(socket, name)}
    lint = attack("sockets", families={"AF_UNIX": int(socket.AF_UNIX), **families})
    if chosen_level() is Level.CONFINED:
        return lint
    return lint + [f"in a build: {each}" for each in attack("sockets", calls=Calls.BUILD, families=families)]


def _namespaces() -> list[str]:
    return attack("namespaces", unshare=call_number("unshare"), clone=call_number("clone"), flags=_NAMESPACE_FLAGS)


def _own_namespaces() -> list[str]:
    outside = {name: Path(f"/proc/self/ns/{name}") for name in _NAMESPACES}
    return attack("own_namespaces", outside={name: path.stat().st_ino for name, path in outside.items() if path.exists()})


def _refused_calls() -> list[str]:
    broken = []
    for calls in (Calls.LINT, Calls.BUILD) if chosen_level() is Level.NAMESPACES else (calls_here(),):
        # A socket call of a build is judged by its family, which the probe of sockets tries.
        numbers = {name: call_number(name) for name in refused_calls(calls)}
        found = attack("refused_calls", calls=calls, numbers=numbers, clone3=call_number("clone3"))
        broken += [f"{calls}: {each}" for each in found]
    return broken


def _other_processes() -> list[str]:
    token = f"recipe-lint-{secrets.token_hex(8)}"
    # As the very user of the run where that can be chosen: nothing but the namespace stands between the two.
    with (
        sandbox.job_user() as uid,
        subprocess.Popen([token, "60"], executable="/usr/bin/sleep", env={"TOKEN": token}, user=uid, group=uid) as bait,
    ):
        try:
            # Spelled backwards, since the command that asks is seen inside itself.
            return attack("other_processes", user=uid, pid=bait.pid, backwards=token[::-1])
        finally:
            bait.kill()


def _own_user() -> list[str]:
    """Two runs at once have different users outside, and neither is root. Without root there is nothing to choose from."""
    if os.geteuid() != 0:
        return []
    token = f"recipe-lint-{secrets.token_hex(8)}"
    command = ["/bin/bash", "-c", f"exec -a {token} sleep 60"]
    threads = [threading.Thread(target=run_sandboxed, args=(command,), kwargs={"limits": SMALL}) for _ in range(2)]
    for each in threads:
        each.start()
    started = wait_until(lambda: len(processes(token)) == len(threads), GONE_SECONDS)
    running = processes(token)
    owners = [Path(f"/proc/{pid}").stat().st_uid for pid in running]
    end_processes(running)
    for each in threads:
        each.join()
    if not started:
        return ["the probe did not get to its end: two runs at once did not start"]
    broken = ["a run is root outside"] if 0 in owners else []
    return broken + ([f"two runs at once have the same user outside: {owners[0]}"] if len(set(owners)) < len(owners) else [])


def _rights() -> list[str]:
    # Without root at the level confined the bounding set cannot be emptied: nothing can be taken out of it.
    return attack("rights", bounding=chosen_level() is Level.NAMESPACES or os.geteuid() == 0)


def _limits() -> list[str]:
    expected = {
        "RLIMIT_AS": SMALL.memory_bytes, "RLIMIT_CPU": SMALL.cpu_seconds, "RLIMIT_FSIZE": SMALL.file_bytes,
        "RLIMIT_NPROC": SMALL.processes, "RLIMIT_CORE": 0, "RLIMIT_MEMLOCK": 0, "RLIMIT_MSGQUEUE": 0,
    }  # fmt: skip
    if chosen_level() is Level.CONFINED and os.geteuid() != 0:
        # It counts what else the user runs, so it has no fixed value; the fork bomb tries it.
        del expected["RLIMIT_NPROC"]
    return attack("limits", expected=expected)


def _memory_together() -> list[str]:
    result = inside("memory_together", limits=SMALL, calls=Calls.LINT, user=None, processes=4, size=96 * MIB, seconds=4)
    return [] if result.memory_exceeded else [f"four processes went on over the limit: {result.stdout.decode()}"]


def _page_tables() -> list[str]:
    """Of builds alone: every other run may have no more addresses than memory."""
    limits = replace(SMALL, address_bytes=64 * 1024 * MIB, memory_bytes=128 * MIB)
    result = inside(
        "page_tables", limits=limits, calls=Calls.BUILD, user=None, processes=6, room=24 * 1024 * MIB, step=2 * MIB, seconds=4
    )
    return [] if result.memory_exceeded else [f"page tables went on over the limit: {result.stdout.decode()}"]


def _empty_files() -> list[str]:
    # Files in a tmpfs take memory of the kernel, of which half a gigabyte would be free for the taking.
    result = inside(
        "inodes",
        limits=replace(SMALL, memory_bytes=96 * MIB),
        calls=Calls.BUILD,
        user=None,
        place="/tmp",  # noqa: S108
        number=400_000,
    )
    return [] if result.memory_exceeded else [f"empty files went on over the limit: {result.stdout.decode()}"]


def _wall_clock() -> list[str]:
    token = f"recipe-lint-{secrets.token_hex(8)}"
    script = 'setsid bash -c "exec -a $0 sleep 60" "$0" & sleep 60'
    result = run_sandboxed(["/bin/sh", "-c", script, token], limits=replace(SMALL, wall_seconds=0.3))
    broken = (
        []
        if result.timed_out and result.duration < 2
        else [f"it was not ended at its time, 0.3 s, but after {result.duration:.1f}"]
    )
    return broken + left_behind(token)


def _cpu() -> list[str]:
    # Ended by the kernel, long before the wall clock.
    result = run_sandboxed(
        ["/bin/sh", "-c", "while :; do :; done"], limits=replace(SMALL, cpu_seconds=1, wall_seconds=_SLOW_SECONDS)
    )
    return [] if not result.limit_hit and result.exit_status != 0 else ["it burnt the processor past its limit of one second"]


def _outlive() -> list[str]:
    token = f"recipe-lint-{secrets.token_hex(8)}"
    unfinished = attack("outlive", token=token)
    return unfinished + left_behind(token)


def _runner_killed() -> list[str]:
    """A runner that is killed takes its sandbox along: here it is a fork of this process."""
    token = f"recipe-lint-{secrets.token_hex(8)}"
    child = os.fork()
    if child == 0:
        try:
            run_sandboxed(["/bin/bash", "-c", f"exec -a {token} sleep 60"], limits=replace(SMALL, wall_seconds=60))
        finally:
            os._exit(0)
    started = wait_until(lambda: bool(processes(token)), GONE_SECONDS)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return left_behind(token) if started else ["the sandbox did not start"]


def _output() -> list[str]:
    result = run_sandboxed(["yes"], limits=replace(SMALL, wall_seconds=_SLOW_SECONDS))
    broken = [] if result.output_truncated else ["the flood was not ended at its cap"]
    return broken + ([f"{len(result.stdout)} bytes were kept"] if len(result.stdout) > SMALL.output_bytes else [])


PROBES = (
    # First: it forks, which a process should do before it has threads.
    Probe("runner-killed", "it dies with the runner", "the runner was killed while a run was going on", _runner_killed),
    Probe("write-outside", "the system is read-only", "files were written in /, /usr, /etc, /dev, /proc …", _write_outside),
    Probe("host-files", "the machine's files are not there", "/etc/shadow, /home, /root, a file in the runner's /tmp … were read",
          _host_files, levels=_NAMESPACES_ALONE),
    Probe("environment", "the runner's environment is not seen", "a secret was put there and looked for", _environment),
    Probe("descriptors", "no open file of the runner is inherited", "one was left open and looked for", _descriptors),
    Probe("network", "there is no network", "servers on the machine's loopback and UNIX sockets were called", _network),
    Probe("sockets", "sockets are refused, in a build all but UNIX", f"one of each of {len(_FAMILIES) + 1} families was made",
          _sockets),
    Probe("own-namespaces", "every namespace is its own", f"compared with the runner's: {', '.join(_NAMESPACES)}",
          _own_namespaces, levels=_NAMESPACES_ALONE),
    Probe("nested-namespace", "no namespace can be made inside", "unshare and clone, each kind, with and without a new user",
          _namespaces),
    Probe("other-processes", "other processes are not seen", "one of the same user was looked for, read and signalled",
          _other_processes, levels=_NAMESPACES_ALONE),
    Probe("ptrace", "no process is traced", "ptrace and process_vm_readv on processes of its own",
          lambda: attack("trace", ptrace=call_number("ptrace"), readv=call_number("process_vm_readv"))),
    Probe("own-user", "each run has a user of its own, not root", "two runs at once were compared", _own_user),
    Probe("rights", "no capability, no new privilege", "its status was read, and it asked to be root", _rights),
    Probe("calls", "dangerous system calls are refused", f"each of {len(refused_calls())} was made", _refused_calls),
    Probe("foreign-calls", "no system call of another architecture", "getpid by the door of 32-bit programs",
          lambda: attack("foreign_calls", code=_FOREIGN_CODE.get(os.uname().machine, ""))),
    Probe("devices", "the machine's devices are not there", "/dev was read, and devices were made",
          lambda: attack("devices", expected=_DEVICES), levels=_NAMESPACES_ALONE),
    Probe("limits", "limits cannot be raised", "each was compared and raised", _limits),
    Probe("fork-bomb", "a fork bomb stops", f"more than {SMALL.processes} processes were forked",
          lambda: attack("fork_bomb", limits=_FOR_FORKS, limit=SMALL.processes)),
    Probe("memory", "a process cannot fill memory", "one took more than its limit",
          lambda: attack("memory", size=SMALL.memory_bytes)),
    Probe("memory-together", "processes together cannot fill memory", "four filled more than the limit", _memory_together),
    Probe("page-tables", "the kernel's memory cannot be filled by page tables",
          "six processes read here and there in 24 GiB of addresses", _page_tables, levels=_NAMESPACES_ALONE),
    Probe("empty-files", "the kernel's memory cannot be filled by empty files", "400,000 were made in /tmp",
          _empty_files, levels=_NAMESPACES_ALONE),
    Probe("disk", "the disk cannot be filled", f"{' and '.join(_TMPFS_SIZES)} were filled over their sizes",
          lambda: attack("disk", places=_TMPFS_SIZES), levels=_NAMESPACES_ALONE),
    Probe("file-size", "a file cannot grow without end", "one grew over the limit",
          lambda: attack("file_size", limit=SMALL.file_bytes)),
    Probe("output", "a flood of output is cut", f"more than {SMALL.output_bytes} bytes were printed", _output),
    Probe("cpu", "the processor cannot be burnt", "an endless loop ran with one second", _cpu),
    Probe("wall-clock", "the whole tree ends at its time", "it slept on, in sessions of its own", _wall_clock),
    Probe("outlive", "nothing outlives a run", "daemons deaf to every signal were left behind", _outlive),
    *CONFINED_PROBES,
)  # fmt: skip


def probes_of(level: Level) -> tuple[Probe, ...]:
    """Return the promises of `level`."""
    return tuple(probe for probe in PROBES if level in probe.levels)
