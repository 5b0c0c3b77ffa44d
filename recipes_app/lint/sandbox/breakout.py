"""What a hostile program would try inside the sandbox, one function for each promise that it tries to break.

This file's text runs inside, by the system's Python (`python3 -I -S -c TEXT NAME ARGUMENTS`), for `probes`: it imports nothing
of ours. Each function returns what got through, in words; an empty list means that the promise held.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import mmap
import os
import resource
import signal
import socket
import stat
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_CHUNK = 1024 * 1024


def _call(number: int, *arguments: int) -> int:
    """Make a system call by its number; return 0 or more, or the negative error number."""
    result = int(_LIBC.syscall(ctypes.c_long(number), *(ctypes.c_long(each) for each in arguments)))
    return result if result >= 0 else -ctypes.get_errno()


def _in_child(act: Callable[[], bool]) -> bool:
    """Return whether `act` was true in a child process: what it does to itself does not meet the next attempt."""
    child = os.fork()
    if child == 0:
        done = False
        try:
            done = act()
        finally:
            os._exit(0 if done else 1)
    return os.waitpid(child, 0)[1] == 0


def write_outside(places: list[str]) -> list[str]:
    """Write a file into each of `places`, and change what exists."""
    broken = []
    for place in places:
        path = Path(place, "recipe-lint-probe")
        try:
            path.write_text("x")
            path.unlink()
        except OSError:
            continue
        broken.append(f"a file was written in {place}")
    for existing in ("/usr/bin/env", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger"):
        try:
            os.close(os.open(existing, os.O_WRONLY))
        except OSError:
            continue
        broken.append(f"{existing} could be opened for writing")
    return broken


def host_files(forbidden: list[str], expected: list[str]) -> list[str]:
    """Open files of the machine; look at what stands in / and is not `expected`."""
    broken = [f"{path} was read" for path in forbidden if _readable(path)]
    return broken + [f"/{name} is there" for name in sorted(set(os.listdir("/")) - set(expected))]  # noqa: PTH208


def _readable(path: str) -> bool:
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):  # noqa: PTH116
            return bool(os.listdir(path))  # noqa: PTH208
        with open(path, "rb") as file:  # noqa: PTH123
            file.read(1)
    except OSError:
        return False
    return True


def environment(expected: list[str]) -> list[str]:
    """Look for variables of the runner in one's own environment, in that of the first process and of one's parent."""
    found = set(os.environ)
    for pid in (1, os.getppid()):
        try:
            entries = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        found |= {entry.partition(b"=")[0].decode() for entry in entries if entry}
    # Python itself sets one where the locale asks for it.
    return [f"the variable {name} is seen" for name in sorted(found - set(expected) - {"PWD", "LC_CTYPE"})]


def descriptors() -> list[str]:
    """Look for open files of the runner besides the three pipes."""
    broken = []
    for number in range(3, 1024):
        try:
            os.fstat(number)
        except OSError:
            continue
        broken.append(f"the descriptor {number} is open: {Path(f'/proc/self/fd/{number}').readlink()}")
    return broken


def network(port: int, abstract: str, path: str) -> list[str]:
    """Reach servers that listen outside: TCP on the loopback address, and UNIX sockets by name and by path."""
    broken = []
    families: tuple[tuple[str, int, Any], ...] = (
        ("TCP on the machine's loopback", socket.AF_INET, ("127.0.0.1", port)),
        ("an abstract UNIX socket", socket.AF_UNIX, "\0" + abstract),
        ("a UNIX socket in the file system", socket.AF_UNIX, path),
    )
    for what, family, address in families:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as client:
                client.settimeout(1)
                client.connect(address)
        except OSError:
            continue
        broken.append(f"{what} was reached")
    try:
        devices = [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
    except OSError:
        devices = []
    return broken + [f"the network device {name} is there" for name in devices if name != "lo"]


def sockets(families: dict[str, int]) -> list[str]:
    """Make a socket of every family."""
    broken = []
    for name, family in families.items():
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
            except OSError as error:
                if error.errno in (errno.EPERM, errno.EAFNOSUPPORT):
                    continue
            broken.append(f"a socket of the family {name} was not refused")
            break
    return broken


def fork_bomb(limit: int) -> list[str]:
    """Fork until it fails, or until it is plain that it will not."""
    children: list[int] = []
    try:
        while len(children) <= limit + 8:
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError:
        return []
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
    return [f"{len(children)} processes ran at once, over the limit of {limit}"]


def memory(size: int) -> list[str]:
    """Take more memory than one process may have."""
    try:
        with mmap.mmap(-1, size):
            return [f"one process took {size} bytes"]
    except (OSError, MemoryError):
        return []


def memory_together(processes: int, size: int, seconds: float) -> list[str]:
    """Fill memory in several processes, each under its own limit; not to be killed for it is the breach."""
    for _ in range(processes):
        if os.fork() == 0:
            block = mmap.mmap(-1, size)
            for offset in range(0, size, mmap.PAGESIZE):
                block[offset] = 1
            signal.pause()
    time.sleep(seconds)
    return [f"{processes} processes held {processes * size} bytes together for {seconds} seconds"]


def page_tables(processes: int, room: int, step: int, seconds: float) -> list[str]:
    """Let the kernel make page tables: read one byte in each `step` of a large room of addresses, in several processes."""
    for _ in range(processes):
        if os.fork() == 0:
            reserved = mmap.mmap(-1, room, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=mmap.PROT_READ)
            reserved.madvise(15)
            for offset in range(0, room, step):
                reserved[offset]
            signal.pause()
    time.sleep(seconds)
    return [f"{processes} processes had page tables for {processes * room // step} places for {seconds} seconds"]


def inodes(place: str, number: int) -> list[str]:
    """Make empty files, which take no room in a file system and much in the kernel."""
    for each in range(number):
        os.close(os.open(f"{place}/{each:x}", os.O_CREAT | os.O_WRONLY))
    return [f"{number} empty files were made"]


def disk(places: dict[str, int]) -> list[str]:
    """Fill each place over its size, in files that are each under their own limit."""
    broken = []
    for place, size in places.items():
        written, number = 0, 0
        try:
            while written <= size:
                with Path(place, f"fill-{number}").open("wb", buffering=0) as file:
                    written += file.write(b"x" * _CHUNK)
                number += 1
        except OSError:
            continue
        broken.append(f"{place} took {written} bytes, its size is {size}")
    return broken


def file_size(limit: int) -> list[str]:
    """Let one file grow over its limit."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        os.truncate(os.open("large", os.O_CREAT | os.O_RDWR), limit + 1)
    except OSError:
        return []
    return [f"a file grew over {limit} bytes"]


def other_processes(pid: int, backwards: str) -> list[str]:
    """See, read and signal a process of the machine, whose command line and environment hold a token, spelled `backwards`."""
    token = backwards[::-1].encode()
    broken = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        for name in ("cmdline", "environ"):
            try:
                if token in (folder / name).read_bytes():
                    broken.append(f"the {name} of the process {folder.name} outside was read")
            except OSError:
                continue
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return broken
    except PermissionError:
        # There is such a process; only its owner stands in the way.
        return [*broken, f"the process {pid} outside can be named in a signal"]
    return [*broken, f"the process {pid} outside could be signalled"]


def trace(ptrace: int, readv: int) -> list[str]:
    """Trace a process of one's own, and read its memory."""
    broken = []
    if _in_child(lambda: _call(ptrace, 0, 0, 0, 0) >= 0):  # PTRACE_TRACEME
        broken.append("ptrace was allowed")
    if _call(readv, os.getpid(), 0, 0, 0, 0, 0) >= 0:
        broken.append("process_vm_readv was allowed")
    return broken


def namespaces(unshare: int, clone: int, flags: dict[str, int]) -> list[str]:
    """Make a namespace of each kind, in which more of the kernel could be reached, alone and within a new user namespace."""
    broken = []
    user = flags["user"]
    for name, flag in flags.items():
        if _in_child(lambda flag=flag: _call(unshare, flag) >= 0 or _call(unshare, user | flag) >= 0):  # type: ignore[misc]  # a default in a lambda
            broken.append(f"unshare made a namespace: {name}")
        child = _call(clone, user | flag | signal.SIGCHLD, 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            os.waitpid(child, 0)
            broken.append(f"clone made a namespace: {name}")
    return broken


def own_namespaces(outside: dict[str, int]) -> list[str]:
    """Compare one's namespaces with the runner's."""
    return [
        f"the namespace {name} is the runner's own"
        for name, inode in outside.items()
        if os.stat(f"/proc/self/ns/{name}").st_ino == inode  # noqa: PTH116
    ]


def refused_calls(numbers: dict[str, int], clone3: int) -> list[str]:
    """Make each call of the list with arguments that do nothing; only the filter's own answer will do."""
    broken = []
    for name, number in numbers.items():
        result = _call(number, -1, 0, 0, 0, 0, 0)
        if result != -errno.EPERM:
            broken.append(f"{name} was not refused: {errno.errorcode.get(-result, result)}")
    if _call(clone3, 0, 0) != -errno.ENOSYS:
        broken.append("clone3 was not refused")
    for request in (0x5412, 0x541C):
        try:
            fcntl.ioctl(0, request, b"\0")
        except OSError as error:
            if error.errno == errno.EPERM:
                continue
        broken.append(f"the terminal request {request:#x} was not refused")
    return broken


def foreign_calls(code: str) -> list[str]:
    """Make a call by the door of 32-bit programs, whose numbers mean something else; `code` is the machine code that does it."""
    if not code:
        return []

    def call_by_the_other_door() -> bool:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        page.write(bytes.fromhex(code))
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        return bool(ctypes.CFUNCTYPE(ctypes.c_int)(address)() == os.getpid())

    return ["a 32-bit system call was answered"] if _in_child(call_by_the_other_door) else []


def limits(expected: dict[str, int]) -> list[str]:
    """Compare each limit with what it should be, and raise it."""
    broken = []
    for name, value in expected.items():
        kind = getattr(resource, name)
        if resource.getrlimit(kind) != (value, value):
            broken.append(f"{name} is {resource.getrlimit(kind)}, not {value}")
        for higher in (value + 1, resource.RLIM_INFINITY):
            try:
                resource.setrlimit(kind, (higher, higher))
            except (OSError, ValueError):
                continue
            broken.append(f"{name} could be raised to {higher}")
    return broken


def rights(bounding: bool) -> list[str]:
    """Look for capabilities, in the bounding set too where that is promised, and become another user."""
    held = ctypes.create_string_buffer(24)
    # _LINUX_CAPABILITY_VERSION_3, and ourselves; effective, permitted, inheritable, low words before high ones.
    if _LIBC.capget(struct.pack("Ii", 0x20080522, 0), held) != 0:
        return ["its capabilities cannot be read"]
    words = struct.unpack("6I", held.raw)
    broken = [f"{name} holds {words[at] | words[at + 3] << 32:016x}" for at, name in enumerate(("CapEff", "CapPrm", "CapInh"))
              if words[at] | words[at + 3]]  # fmt: skip
    for name, ask in (("CapBnd", (23,)), ("CapAmb", (47, 1))):
        # PR_CAPBSET_READ, and PR_CAP_AMBIENT with PR_CAP_AMBIENT_IS_SET; negative: there is no such capability.
        found = [number for number in range(64) if _LIBC.prctl(*ask, number, 0, 0, 0) > 0]
        if found and (bounding or name != "CapBnd"):
            broken.append(f"{name} holds {found}")
    if _LIBC.prctl(39, 0, 0, 0, 0) != 1:  # PR_GET_NO_NEW_PRIVS
        broken.append("a setuid program would give new rights")
    for act, what in ((os.setuid, "user"), (os.setgid, "group")):
        if _in_child(lambda act=act: act(0) is None):  # type: ignore[misc]  # a default in a lambda
            broken.append(f"it became the {what} 0")
    return broken


def devices(expected: list[str]) -> list[str]:
    """Look for devices of the machine, and make one."""
    broken = [f"/dev/{name} is there" for name in sorted(set(os.listdir("/dev")) - set(expected))]  # noqa: PTH208
    for kind, name in ((stat.S_IFCHR, "character"), (stat.S_IFBLK, "block")):
        try:
            os.mknod(f"/tmp/{name}", kind | 0o600, os.makedev(1, 1))  # noqa: S108
        except OSError:
            continue
        broken.append(f"a {name} device was made")
    return broken


def outlive(token: str) -> list[str]:
    """Leave processes behind: in sessions of their own, deaf to every signal, their parent gone."""
    for _ in range(2):
        if os.fork() == 0:
            os.setsid()
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGPIPE):
                signal.signal(number, signal.SIG_IGN)
            for descriptor in range(3):
                os.close(descriptor)
            os.execv("/usr/bin/sleep", [token, "60"])  # noqa: S606
    return []


def main(name: str, arguments: str) -> None:
    """Try to break the promise `name`; print what got through as JSON."""
    print(json.dumps(globals()[name](**json.loads(arguments))))


if __name__ == "__main__":
    main(*sys.argv[1:])
