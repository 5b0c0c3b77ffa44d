"""What the measurements of API and pages share: their arguments, their runs, and when a run is made again."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from subprocess import CalledProcessError

import psycopg

from devtools.bootstrap import say
from devtools.supervisor import interrupt_on_termination, tail

from . import figures
from .figures import Figure
from .site import CannotMeasure, Site, Size, run, running_site
from .wrk import Load, Measured, Overloaded, drive

_WARM_UP_SECONDS = 2
_WARM_UP_ROUNDS = 4
_MOST_WARM_UP_SECONDS = 60.0
# A run that other work disturbed is made again so often; then it is kept, with its note.
_TRIES = 2
# A busy site's writes a second, votes and lint reports among them.
_WRITES = 10


@dataclass(frozen=True)
class Goal:
    """A kind of request, by the name of its list, and how many of it a second are promised; 0: none are."""

    name: str
    rate: float
    accept: str


def arguments(description: str) -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--recipes", type=int, default=100_000, metavar="N", help="recipes in the catalogue")
    parser.add_argument("--seconds", type=int, default=6, metavar="S", help="how long each run takes")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="keep the catalogue there for the next measurement")
    parser.add_argument("--only", action="append", metavar="NAME", help="this kind of request only; may be given again")
    parser.add_argument("--no-document", action="store_true", help="print the figures, and leave docs/performance.md as it is")
    return parser.parse_args()


def on_site(chosen: argparse.Namespace, measure: Callable[[Site, Path], int]) -> int:
    """Start the site, write the lists of requests, and measure; return the exit status, 2 where nothing could be measured."""
    interrupt_on_termination()
    try:
        with running_site(Size.of(chosen.recipes), chosen.data.resolve() if chosen.data else None) as site:
            lists = site.folder / "requests"
            lists.mkdir()
            say("choosing terms and names")
            run(site.environment, "benchmarks.requests", str(lists))
            try:
                return measure(site, lists)
            except Overloaded:
                print(tail(site.folder / "log" / "web.log"), file=sys.stderr)
                raise
    except (CannotMeasure, Overloaded, CalledProcessError, RuntimeError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2


def measured(site: Site, lists: Path, goals: Sequence[Goal], chosen: argparse.Namespace) -> list[Figure]:
    """Return the figures of each kind of request of which there is a list. Raises Overloaded."""
    found = []
    for goal in goals:
        path = lists / f"{goal.name}.txt"
        if chosen.only and goal.name not in chosen.only:
            continue
        if not path.is_file():
            print(f"{goal.name}: the site has no such address", flush=True)
            continue
        queries, unchanged = json.loads(
            run(site.environment, "benchmarks.counting", "queries", goal.accept, given=path.read_text())
        )
        first = drive(site.url, Load(path, goal.accept, close=True), max(1, chosen.seconds // 2), site.processes)
        warm_up(site.url, Load(path, goal.accept, close=True), site.processes)
        fresh, kept = (
            repeated(site.url, Load(path, goal.accept, close), chosen.seconds, site.processes) for close in (True, False)
        )
        found.append(Figure(goal.name, goal.rate, first, fresh, kept, queries, unchanged))
        print(figures.table(found)[-1], flush=True)
    return found


def warm_up(url: str, load: Load, processes: dict[str, Sequence[int]]) -> None:
    """Ask for everything in the list, so often that each worker has been asked for nearly all of it, in a bounded time.

    A run begins at the same places of the list as the one before: each is longer, until one has gone through the whole.
    """
    wanted = _WARM_UP_ROUNDS * len(load.requests.read_text(encoding="utf-8").splitlines())
    seconds, deadline = _WARM_UP_SECONDS, time.monotonic() + _MOST_WARM_UP_SECONDS
    while time.monotonic() < deadline and drive(url, load, seconds, processes).requests < wanted:
        seconds = min(2 * seconds, max(1, int(deadline - time.monotonic())))


def repeated(url: str, load: Load, seconds: int, processes: dict[str, Sequence[int]]) -> Measured:
    """Return a run that other work hardly disturbed, or the least disturbed one of a few."""
    runs: list[Measured] = []
    for _ in range(_TRIES):
        runs.append(drive(url, load, seconds, processes))
        if runs[-1].others <= figures.MOST_OTHERS:
            return runs[-1]
    return min(runs, key=lambda each: each.others)


def while_written(site: Site, lists: Path, goals: Sequence[Goal], found: Sequence[Figure], seconds: int) -> str:
    """Return a line with the rates of the kinds in `found` while somebody changes ten recipes a second, as votes do."""
    accepted = {goal.name: goal.accept for goal in goals}
    rates = []
    with _somebody_writes(site.environment["DATABASE_URL"]):
        for each in found:
            seen = repeated(site.url, Load(lists / f"{each.name}.txt", accepted[each.name], close=True), seconds, site.processes)
            rates.append(f"{each.name} {seen.rate:,.0f}")
    return f"While {_WRITES} recipes change each second, with new connections: {', '.join(rates)} requests a second."


@contextmanager
def _somebody_writes(url: str) -> Iterator[None]:
    """Change recipes, by turns, until the block ends: no value becomes another, and the database tells of each."""
    done = threading.Event()

    def write() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            ids = [each for (each,) in connection.execute("SELECT id FROM recipes_app_recipe ORDER BY id LIMIT 2000")]
            for each in cycle(ids):
                if done.wait(1 / _WRITES):
                    return
                connection.execute("UPDATE recipes_app_recipe SET vote_count = vote_count WHERE id = %s", [each])

    writer = threading.Thread(target=write, name="writer")
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


def report(name: str, lines: Sequence[str], missed: Sequence[str], chosen: argparse.Namespace) -> int:
    """Print and write the figures; return 1 where a goal was missed."""
    verdict = [f"MISSED  {each}" for each in missed] or ["Every goal is met."]
    whole = [figures.machine(), "", *lines, "", *verdict]
    print("\n".join(["", *whole]), flush=True)
    if not chosen.no_document:
        figures.write(name, [figures.machine() + ".", "", *lines, "", *(f"- {each}" for each in verdict)])
    return 1 if missed else 0
