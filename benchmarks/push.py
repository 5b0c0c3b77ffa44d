"""`./dev bench push`: the portal's push and clone against git-http-backend's, and queries by the catalogue's size.

The same commits go to both servers in turns, so that whatever else the machine does falls on both alike. Medians are
compared. The portal's pushes are authenticated, checked, parsed, published and indexed; the peer's are only stored.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from devtools.bootstrap import ROOT, say
from devtools.supervisor import Supervisor, tail

from .servers import Server, git_environment, make_bare, portal_environment, start_http_backend, start_portal

NAME = "hello-moon"
GOAL_PUSH_SECONDS = 0.350
GOAL_CLONE_RATIO = 1.15
GOAL_QUERIES = 6
SIZES = (10, 1000)

_ENTRY = """\
{name} (2.10-{number}) unstable; urgency=medium

  * Revision {number} of the benchmark.

 -- Demo Maintainer <demo@dur.invalid>  Mon, 16 Nov 2026 12:00:00 +0000

"""


@dataclass
class Times:
    """Seconds of each round, by server."""

    push: list[float] = field(default_factory=list)
    clone: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return 0 where every goal is met, 1 where one is not."""
    parser = argparse.ArgumentParser(prog="./dev bench push", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="pushes and clones to each server (default: 25)")
    rounds: int = parser.parse_args(arguments).rounds
    with _servers() as (folder, portal, backend):
        work = make_series(folder / "work", rounds)
        times = {portal.label: Times(), backend.label: Times()}
        say(f"push: {rounds} rounds to each")
        for number in range(1, rounds + 1):
            for server in _in_turn(number, portal, backend):
                times[server.label].push.append(push(work, server, number))
        say(f"clone: {rounds} rounds from each")
        for number in range(1, rounds + 1):
            for server in _in_turn(number, portal, backend):
                times[server.label].clone.append(clone(folder / "clone", server))
        say(f"queries at {' and '.join(map(str, SIZES))} recipes")
        queries = count_queries(folder / "portal")
    return report(rounds, times[portal.label], times[backend.label], queries)


@contextmanager
def _servers() -> Iterator[tuple[Path, Server, Server]]:
    """Start both servers in a temporary folder; both have ended and the folder is gone when this is left."""
    with tempfile.TemporaryDirectory(prefix="bench-push-") as name:
        folder = Path(name)
        with Supervisor(folder / "log", working_folder=ROOT) as supervisor:
            say("starting the portal, nginx and fcgiwrap")
            portal = start_portal(supervisor, folder / "portal")
            backend = start_http_backend(supervisor, folder / "peer")
            make_bare(folder / "peer", NAME)
            try:
                yield folder, portal, backend
            except subprocess.CalledProcessError:
                # The folder is about to go: what the servers said about it goes to the terminal.
                print("\n".join(tail(log) for log in sorted((folder / "log").glob("*.log"))), file=sys.stderr)
                raise


def _in_turn(number: int, *servers: Server) -> Sequence[Server]:
    """Return the servers, with who is first changing from round to round."""
    return servers if number % 2 else servers[::-1]


def make_series(work: Path, count: int) -> Path:
    """Make a repository whose tags 1 to `count` are revisions of a real recipe, each with one more changelog entry."""
    shutil.copytree(ROOT / "examples" / NAME, work)
    changelog = work / "debian" / "changelog"
    _git("init", "--quiet", "--initial-branch", "main", folder=work)
    for number in range(1, count + 1):
        # From 2.10-3 on: the example itself has two.
        changelog.write_text(
            _ENTRY.format(name=NAME, number=number + 2) + changelog.read_text(encoding="utf-8"), encoding="utf-8"
        )
        _git("add", "--all", folder=work)
        who = ("-c", "user.name=Bench", "-c", "user.email=bench@dur.invalid")
        _git(*who, "commit", "--quiet", "--message", f"Revision {number}", folder=work)
        _git("tag", str(number), folder=work)
    return work


def push(work: Path, server: Server, number: int) -> float:
    """Push revision `number` and return the seconds that the git command took."""
    return _timed("push", "--quiet", f"{server.url}{NAME}.git", f"{number}:refs/heads/main", folder=work)


def clone(target: Path, server: Server) -> float:
    """Clone, and return the seconds that the git command took."""
    seconds = _timed("clone", "--quiet", f"{server.url}{NAME}.git", str(target), folder=target.parent)
    shutil.rmtree(target)
    return seconds


def count_queries(data: Path) -> dict[str, dict[int, int]]:
    """Return the queries of each address at each size of the catalogue, counted in a process with the portal's database."""
    command = [sys.executable, "-m", "benchmarks.queries", NAME, *map(str, SIZES)]
    output = subprocess.run(
        command, env=portal_environment(data, 0), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    result: dict[str, dict[int, int]] = {}
    for line in output.splitlines():
        size, queries, address = line.split(maxsplit=2)
        result.setdefault(address, {})[int(size)] = int(queries)
    return result


def report(rounds: int, portal: Times, backend: Times, queries: dict[str, dict[int, int]]) -> int:
    """Print the table; return 1 where a goal is missed."""
    push_more = statistics.median(portal.push) - statistics.median(backend.push)
    clone_ratio = statistics.median(portal.clone) / statistics.median(backend.clone)
    # The first page draws plots that are kept for minutes; the figure is one of recipes and of the API.
    most = max(count for address, by_size in queries.items() if address != "/" for count in by_size.values())
    print(f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}; {rounds} rounds in turns, medians (90th percentile)\n")
    print(f"{'':24}{'portal':>20}{'git-http-backend':>20}")
    for label, ours, theirs in (("push", portal.push, backend.push), ("clone", portal.clone, backend.clone)):
        print(f"{label:24}{_milliseconds(ours):>20}{_milliseconds(theirs):>20}")
    print(f"\n{'queries, at recipes:':40}" + "".join(f"{size:>8}" for size in SIZES))
    for address, by_size in queries.items():
        print(f"{address:40}" + "".join(f"{by_size[size]:>8}" for size in SIZES))
    goals = (
        (
            f"push: {push_more * 1000:+.0f} ms against the peer, at most {GOAL_PUSH_SECONDS * 1000:.0f}",
            push_more <= GOAL_PUSH_SECONDS,
        ),
        (f"clone: {clone_ratio:.2f} of the peer's time, at most {GOAL_CLONE_RATIO}", clone_ratio <= GOAL_CLONE_RATIO),
        (f"queries: {most} for one answer, at most {GOAL_QUERIES}", most <= GOAL_QUERIES),
    )
    print()
    for text, met in goals:
        print(("met     " if met else "MISSED  ") + text)
    return 0 if all(met for _, met in goals) else 1


def machine() -> str:
    """Return what the figures were measured on, as far as they depend on it."""
    cores = len([line for line in Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines() if line.startswith("processor")])
    git = subprocess.run(["git", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[-1]
    return f"{cores} cores {platform.machine()}, Python {platform.python_version()}, git {git}"


def _milliseconds(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f} ({statistics.quantiles(seconds, n=10)[-1] * 1000:.0f}) ms"


def _timed(*arguments: str, folder: Path) -> float:
    start = time.perf_counter()
    _git(*arguments, folder=folder)
    return time.perf_counter() - start


def _git(*arguments: str, folder: Path) -> None:
    """Run git in `folder`; its words reach the terminal where it fails. Raises CalledProcessError."""
    subprocess.run(["git", *arguments], cwd=folder, env=git_environment(), check=True)


if __name__ == "__main__":
    sys.exit(main())
