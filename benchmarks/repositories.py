"""`./dev bench repositories --before FOLDER`: reading repositories and pushing, by this code and by another checkout's, in turns.

FOLDER is a checkout of the portal before a change, e.g. made by `git worktree add`. Both read the same repository, and take the
same pushes, on the same machine, one after the other; medians are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from devtools.bootstrap import ROOT, say
from devtools.supervisor import Supervisor

from . import push, reading
from .servers import git_environment, start_portal

GOAL_RATIO = 1.10
_BEFORE, _NOW = "before", "now"
# Readings follow each other so often before it is the other's turn: long enough for caches, short enough for even noise.
_IN_A_ROW = 10
_REVISIONS = 30
Times = dict[str, dict[str, list[float]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return 0 where nothing is slower than the goal allows, 1 where something is."""
    parser = argparse.ArgumentParser(prog="./dev bench repositories", description=__doc__)
    parser.add_argument("--before", type=Path, required=True, metavar="FOLDER", help="the checkout that is compared with")
    parser.add_argument("--rounds", type=int, default=40, help="rounds of ten readings each (default: 40)")
    parser.add_argument("--pushes", type=int, default=40, help="pushes to each portal (default: 40; 0: none)")
    chosen = parser.parse_args(arguments)
    roots = {_BEFORE: chosen.before.resolve(), _NOW: ROOT}
    with tempfile.TemporaryDirectory(prefix="bench-repositories-") as name:
        folder = Path(name)
        say("making the series of pushes")
        work = push.make_series(folder / "work", max(_REVISIONS, chosen.pushes))
        times = readings(roots, work, chosen.rounds)
        if chosen.pushes:
            times["push"] = pushes(roots, folder, work, chosen.pushes)
    return report(times, chosen.rounds)


def readings(roots: dict[str, Path], work: Path, rounds: int) -> Times:
    """Return the seconds of each reading of a revision with some history, by what is read and by whose code reads."""
    output = subprocess.run(
        ["git", "rev-parse", "1", str(_REVISIONS)], cwd=work, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    place = [str(work / ".git"), *output.split()]
    times: Times = {each: {who: [] for who in roots} for each in reading.READINGS}
    with ExitStack() as stack:
        readers = {who: stack.enter_context(_reader(root, place)) for who, root in roots.items()}
        for number in range(rounds):
            say(f"reading: round {number + 1} of {rounds}") if number % 10 == 0 else None
            for what, by in times.items():
                for who in _in_turn(number, roots):
                    by[who] += _asked(readers[who], what)
    return times


def pushes(roots: dict[str, Path], folder: Path, work: Path, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each push over HTTP, by whose portal took it."""
    times: dict[str, list[float]] = {who: [] for who in roots}
    with ExitStack() as stack:
        servers = {}
        for who, root in roots.items():
            supervisor = stack.enter_context(Supervisor(folder / f"log-{who}", working_folder=root))
            servers[who] = start_portal(supervisor, folder / f"portal-{who}", root)
        say(f"push: {rounds} rounds to each")
        for number in range(1, rounds + 1):
            for who in _in_turn(number, roots):
                times[who].append(push.push(work, servers[who], number))
    return times


def report(times: Times, rounds: int) -> int:
    """Print the table; return 1 where something takes longer than GOAL_RATIO times what it took."""
    print(f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {push.machine()}; {rounds} rounds in turns, medians\n")
    print(f"{'':12}{_BEFORE:>12}{_NOW:>12}{'ratio':>8}")
    slower = []
    for what, by in times.items():
        before, now = statistics.median(by[_BEFORE]), statistics.median(by[_NOW])
        print(f"{what:12}{before * 1000:>9.2f} ms{now * 1000:>9.2f} ms{now / before:>8.2f}")
        if now > before * GOAL_RATIO:
            slower.append(f"{what}: {now / before:.2f} times as long as before, at most {GOAL_RATIO:.2f}")
    print("\n" + "\n".join([f"MISSED  {each}" for each in slower] or ["Every goal is met."]))
    return 1 if slower else 0


@contextmanager
def _reader(root: Path, place: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Start `benchmarks.reading` with the code of `root`, which need not have that module; it ends with the block."""
    # -P: this folder's modules have names that others have, too.
    command = [sys.executable, "-P", str(Path(reading.__file__)), str(_IN_A_ROW), *place]
    environment = {**git_environment(), "PYTHONPATH": str(root), "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=root, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _asked(process: subprocess.Popen[str], what: str) -> list[float]:
    """Return the seconds of a few readings. Raises RuntimeError where the process has ended."""
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the reader was started without pipes")
    process.stdin.write(f"{what}\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError(f"the reader ended while it read: {what}")
    seconds: list[float] = json.loads(answer)
    return seconds


def _in_turn(number: int, roots: dict[str, Path]) -> list[str]:
    """Return whose turn it is, with who is first changing from round to round."""
    return list(roots) if number % 2 else list(roots)[::-1]


if __name__ == "__main__":
    sys.exit(main())
