"""`./dev bench start`: how long `./dev run` takes to be ready, on an empty folder and on one that has its data."""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from devtools.bootstrap import ROOT, say
from devtools.programs import free_port

from .push import machine

GOAL_SECONDS = 5.0
_LAST_WORDS = "Ctrl-C stops everything"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the figures, and return 0 where the second start is within the goal, 1 where it is not."""
    parser = argparse.ArgumentParser(prog="./dev bench start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="starts on a folder that has its data (default: 5)")
    rounds: int = parser.parse_args(arguments).rounds
    with tempfile.TemporaryDirectory(prefix="bench-start-") as name:
        say("first start: schema, demo catalogue")
        first = start(Path(name))
        say(f"{rounds} starts on the same folder")
        again = [start(Path(name)) for _ in range(rounds)]
    median = statistics.median(again)
    print(f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}\n")
    print(f"first start   {first:5.1f} s (what has to be installed was there)")
    print(f"second start  {median:5.1f} s at the median of {rounds}, {max(again):.1f} s at most")
    met = median < GOAL_SECONDS
    print(f"\n{'met     ' if met else 'MISSED  '}second start: {median:.1f} s, under {GOAL_SECONDS:.0f}")
    return 0 if met else 1


def start(data: Path) -> float:
    """Run `./dev run` on the folder until it says that it is ready; return the seconds. It has ended on return.

    Raises RuntimeError with its words where it ends by itself.
    """
    ports = {"PORTAL_PORT": str(free_port()), "PORTAL_SSH_PORT": str(free_port()), "PORTAL_DATA": str(data)}
    began = time.monotonic()
    process = subprocess.Popen(
        [str(ROOT / "dev"), "run"], env={**os.environ, **ports}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said: list[str] = []
    for line in process.stdout or ():
        said.append(line)
        if _LAST_WORDS in line:
            break
    else:
        raise RuntimeError("./dev run ended:\n" + "".join(said))
    seconds = time.monotonic() - began
    process.send_signal(signal.SIGINT)
    process.communicate()
    return seconds


if __name__ == "__main__":
    sys.exit(main())
