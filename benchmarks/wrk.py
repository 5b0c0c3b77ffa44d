"""Driving a server with wrk: requests a second, latency, bytes, and the processor time that each process spent on it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = Path(__file__).with_name("requests.lua")
THREADS, CONNECTIONS = 2, 8
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


class Overloaded(Exception):
    """The server refused or broke requests; the text says how many."""


@dataclass(frozen=True)
class Measured:
    """What one run saw. Latencies in milliseconds; processor time in milliseconds a request, by who spent it.

    `others` is the share of all processors that went to processes that are no part of the measurement.
    """

    rate: float
    p50: float
    p99: float
    bytes: float
    processor: Mapping[str, float]
    others: float
    requests: int


@dataclass(frozen=True)
class Load:
    """A list of requests and how they are sent: `close` opens a connection for each, `alone` waits for each before the next.

    With a `cookie` they are somebody's own, and nothing that is kept for visitors is given.
    """

    requests: Path
    accept: str = "application/json"
    close: bool = False
    alone: bool = False
    cookie: str = ""


def drive(url: str, load: Load, seconds: int, processes: Mapping[str, Sequence[int]]) -> Measured:
    """Send the requests of `load` for some seconds; `processes` are the roots of those whose time is counted, by name.

    Raises Overloaded where an answer was no success, or a connection broke.
    """
    threads, connections = (1, 1) if load.alone else (THREADS, CONNECTIONS)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(_SCRIPT), url]
    environment = {
        **os.environ, "REQUESTS": str(load.requests), "ACCEPT": load.accept, "CLOSE": "1" if load.close else "0",
        "COOKIE": load.cookie,
    }  # fmt: skip
    before, machine_before, began = _spent(processes), _machine(), time.monotonic()
    own_before = os.times()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    own = os.times()
    if done.returncode != 0 or "{" not in done.stdout:
        raise Overloaded(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    seen = json.loads(done.stdout[done.stdout.rindex("{") :])
    if not seen["requests"]:
        raise Overloaded(f"{load.requests.stem}: no answer within {seconds} seconds: give --seconds more")
    if seen["refused"] or seen["broken"]:
        raise Overloaded(f"{load.requests.stem}: {seen['refused']} answers were errors and {seen['broken']} connections broke")
    after, machine = _spent(processes), _machine()
    spent = {name: after[name] - before[name] for name in processes}
    wrk = own.children_user + own.children_system - own_before.children_user - own_before.children_system
    possible = (time.monotonic() - began) * (os.cpu_count() or 1)
    number = seen["requests"]
    return Measured(
        rate=number / seen["microseconds"] * 1e6,
        p50=seen["p50"] / 1000,
        p99=seen["p99"] / 1000,
        bytes=seen["bytes"] / number,
        processor={name: seconds_spent / number * 1000 for name, seconds_spent in spent.items()},
        others=max(0.0, (machine - machine_before - sum(spent.values()) - wrk) / possible),
        requests=number,
    )


def memory_kib(roots: Sequence[int]) -> list[int]:
    """Return the resident memory of each child of `roots`: gunicorn's workers."""
    children = [child for root in roots for child in _children(root)]
    return [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_KIB for pid in children]


def _spent(processes: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """Return the seconds of processor time of each tree of processes, those that have ended among them."""
    return {name: sum(map(_tree_seconds, roots)) for name, roots in processes.items()}


def _tree_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    # utime, stime, and cutime, cstime: of children that were waited for (proc(5)).
    return sum(map(int, fields[11:15])) / _TICKS + sum(map(_tree_seconds, _children(pid)))


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []


def _machine() -> float:
    """Return the seconds that all processors have been busy."""
    fields = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]))
    return (sum(fields) - fields[3] - fields[4]) / _TICKS
