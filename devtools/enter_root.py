"""Become a command in another root: `enter_root.py REQUEST`, started as root in new namespaces by `devtools.roots`.

Standard library only: Debian's own python3 runs it, and nothing of the old root can be reached after the pivot. The request is
JSON: `root`, `name` (of the host), `binds` (pairs of a folder outside and its place inside), `user`, `folder`, `environment`
and `command`.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

# mount(2), umount2(2).
_NOSUID, _NODEV, _BIND, _RECURSIVE, _PRIVATE, _DETACH = 2, 4, 4096, 16384, 1 << 18, 2
# pivot_root(2) has no wrapper in glibc; the number is that of x86-64, else of the generic table (arm64, riscv64).
_PIVOT_ROOT = 155 if os.uname().machine == "x86_64" else 41
_LIBC = ctypes.CDLL(None, use_errno=True)


def main(request: dict[str, Any]) -> int:
    """Enter the root and run the command; return its exit status, 128 and more for a signal. Raises OSError."""
    _enter(Path(request["root"]), request["name"], request["binds"])
    child = os.fork()
    if child == 0:
        _become(request)
    return _wait_as_init(child)


def _enter(root: Path, name: str, binds: list[tuple[str, str]]) -> None:
    """Make `root` the root of this mount namespace. A chroot would do, but in one the kernel refuses user namespaces."""
    socket.sethostname(name)
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    _mount(str(root), str(root), None, _BIND)
    for folder in ("/dev", "/sys"):
        _mount(folder, f"{root}{folder}", None, _BIND | _RECURSIVE)
    _mount("proc", f"{root}/proc", "proc", 0)
    _mount("tmpfs", f"{root}/dev/shm", "tmpfs", _NOSUID | _NODEV)  # noqa: S108 - a mount point
    for outside, inside in binds:
        Path(f"{root}{inside}").mkdir(parents=True, exist_ok=True)
        _mount(outside, f"{root}{inside}", None, _BIND)
    os.chdir(root)
    _check(_LIBC.syscall(_PIVOT_ROOT, b".", b"mnt"), f"pivot_root {root}")
    os.chdir("/")
    _check(_LIBC.umount2(b"/mnt", _DETACH), "umount of the old root")


def _become(request: dict[str, Any]) -> None:
    """Replace this process by the command, as the user and in the folder that are asked for. Every Debian has setpriv."""
    # A shell ignores it for what it starts in the background; who is in a root of its own gets Ctrl-C as any user.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        os.chdir(request["folder"])
        words = ["setpriv", "--reuid", request["user"], "--regid", request["user"], "--init-groups", "--", *request["command"]]
        os.execve("/usr/bin/setpriv", words, request["environment"])  # noqa: S606 - a program and a list; there is no shell to miss
    except OSError as error:
        print(f"enter_root: {error}", file=sys.stderr)
        os._exit(127)


def _wait_as_init(child: int) -> int:
    """Reap whatever ends until `child` does, as the first process of a process namespace has to."""
    # Ctrl-C reaches the child through the process group; what is sent to us alone is passed on.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return 128 - code if code < 0 else code


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    _check(_LIBC.mount(*words, ctypes.c_ulong(flags), None), f"mount {target}")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    try:
        sys.exit(main(json.loads(sys.argv[1])))
    except OSError as error:
        sys.exit(f"enter_root: {error}")
