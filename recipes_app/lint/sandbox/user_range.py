"""A user namespace with a range of ids of its own: who is root in it is nobody on the machine. No Django here.

Packages own files as root, man, mail and others, so one id is not enough: 65,536 of them, as many as Debian's own accounts and
those that packages make can have, lie far above the machine's accounts. Each run has a range of its own.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .levels import SandboxUnavailable
from .sandbox import FIRST_UID

IDS = 65_536
# Above what systemd gives to containers (up to 0x6FFFFFFF, its UIDS-GIDS.md), below 2^31, which some programs take for a sign.
_FIRST_RANGE = 30_518 * IDS
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# Fixed text: it lives until the maps are written.
_WAIT = "echo ready && exec cat > /dev/null"


@dataclass(frozen=True)
class UserRange:
    """An open user namespace. `first` is the id that root in it has outside, `descriptor` keeps the namespace."""

    descriptor: int
    first: int


@contextlib.contextmanager
def user_range(user: int) -> Iterator[UserRange]:
    """Yield the namespace of the run whose user id is `user`. For root alone. Raises SandboxUnavailable."""
    first = _FIRST_RANGE + (user - FIRST_UID) * IDS
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--user", "/bin/sh", "-c", _WAIT]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": _PATH}, cwd="/"
    ) as process:
        try:
            if process.stdout is None or process.stderr is None:
                raise ValueError("it is started with three pipes")
            if process.stdout.readline() != b"ready\n":
                reason = process.stderr.read().decode("utf-8", "replace").strip()
                raise SandboxUnavailable(f"no user namespace can be made on this machine: {reason}")
            for name in ("uid_map", "gid_map"):
                Path(f"/proc/{process.pid}/{name}").write_text(f"0 {first} {IDS}", encoding="ascii")
            descriptor = os.open(f"/proc/{process.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        finally:
            process.kill()
    try:
        yield UserRange(descriptor, first)
    finally:
        os.close(descriptor)
