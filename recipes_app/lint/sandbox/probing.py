"""What a probe is, and what attempts are made with: runs under small limits, bait, a look for what is left. No Django here."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recipes_app.limits import MIB

from .levels import Level
from .sandbox import Room, SandboxLimits, run_sandboxed
from .seccomp import Calls
from .supervise import ProcessResult

SMALL = SandboxLimits(
    # Reached on an overloaded machine only: no probe waits for it where its promise holds.
    wall_seconds=20,
    cpu_seconds=5,
    memory_bytes=256 * MIB,
    processes=24,
    file_bytes=2 * MIB,
    tmpfs_bytes=4 * MIB,
    output_bytes=1 * MIB,
)
ATTACKS = Path(__file__).with_name("breakout.py")
# How long a dead tree may take to be gone.
GONE_SECONDS = 5.0
EVERY_LEVEL = frozenset(Level)


@dataclass(frozen=True)
class Probe:
    """One promise, what is tried against it, and the attempt, which returns what got through; and the levels that promise it."""

    name: str
    promise: str
    tried: str
    attempt: Callable[[], Sequence[str]]
    levels: frozenset[Level] = EVERY_LEVEL


def attack(
    what: str,
    *,
    limits: SandboxLimits = SMALL,
    calls: Calls = Calls.LINT,
    user: int | None = None,
    source: Path = ATTACKS,
    **arguments: object,
) -> list[str]:
    """Return what `breakout`'s function says got through. One that does not answer has proved nothing, which is a breach too."""
    result = inside(what, limits=limits, calls=calls, user=user, source=source, **arguments)
    try:
        return [str(each) for each in json.loads(result.stdout)]
    except ValueError:
        reason = result.limit_hit or result.stderr_tail.strip()[-300:] or f"status {result.exit_status}"
        return [f"the probe did not get to its end: {reason}"]


def inside(
    what: str,
    *,
    limits: SandboxLimits = SMALL,
    calls: Calls = Calls.LINT,
    user: int | None = None,
    source: Path = ATTACKS,
    **arguments: object,
) -> ProcessResult:
    """Run the function `what` of the attacks in `source` in a sandbox."""
    command = ["/usr/bin/python3", "-I", "-S", "-c", source.read_text(encoding="utf-8"), what, json.dumps(arguments)]
    return run_sandboxed(command, limits=limits, room=Room(calls=calls), user=user)


def left_behind(token: str) -> list[str]:
    """Return what still runs under the name `token` after a moment, and end it."""
    if wait_until(lambda: not processes(token), GONE_SECONDS):
        return []
    left = processes(token)
    end_processes(left)
    return [f"{len(left)} processes were left behind"]


def end_processes(pids: Sequence[int]) -> None:
    """Kill each of these processes that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def processes(token: str) -> list[int]:
    """Return the processes that are named `token`."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                if (folder / "cmdline").read_bytes().startswith(token.encode() + b"\0"):
                    found.append(int(folder.name))
    return found


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether `condition` comes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@contextlib.contextmanager
def variable(name: str, value: str) -> Iterator[None]:
    """Set a variable of the runner's environment."""
    os.environ[name] = value
    try:
        yield
    finally:
        del os.environ[name]


@contextlib.contextmanager
def listening(address: str) -> Iterator[None]:
    """Listen on a UNIX socket that anyone may connect to."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(address)
        server.listen()
        if not address.startswith("\0"):
            Path(address).chmod(0o777)
        yield
