"""`./dev bench api`: requests a second of the API over a large catalogue, as production serves it.

Each kind of request is measured twice: with a new connection for each request, and with connections that are kept.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from devtools.bootstrap import say

from . import figures
from .measuring import Goal, arguments, measured, on_site, repeated, report, while_written
from .site import Site, run, running_bare
from .wrk import Load, drive, memory_kib

_JSON = "application/json"
GOALS = (
    Goal("search", 400, _JSON),
    Goal("detail", 1_000, _JSON),
    Goal("batch", 410, _JSON),
    Goal("lookup-1000", 0, _JSON),
    Goal("suggest", 1_000, _JSON),
    Goal("feed", 2_100, "application/atom+xml"),
    Goal("deep-page", 500, _JSON),
)
MOST_QUERIES = 6
MOST_QUERIES_UNCHANGED = 2
MOST_QUERIES_LOOKUP = 4
LEAST_OF_BARE = 0.6
_MEMORY_REQUESTS = 50_000
_MEMORY_RUN_SECONDS = 8
_MOST_MEMORY_SECONDS = 120.0
# After the first fifth, caches are full; what grows then is lost.
_MOST_GROWTH = 0.05


def main() -> int:
    """Measure; return 1 where a goal was missed."""
    chosen = arguments(__doc__ or "")

    def measure(site: Site, lists: Path) -> int:
        found = measured(site, lists, GOALS, chosen)
        missed = figures.missed(found) + _too_many_queries(found)
        lines = [*figures.table(found), "", while_written(site, lists, GOALS, found, chosen.seconds)]
        if not chosen.only:
            for more, faults in (_against_bare(site, lists, chosen), _memory(site, lists)):
                lines += ["", *more]
                missed += faults
        return report("bench api", lines, missed, chosen)

    return on_site(chosen, measure)


def _too_many_queries(found: list[figures.Figure]) -> list[str]:
    missed = []
    for each in found:
        most = MOST_QUERIES_LOOKUP if each.name == "lookup-1000" else MOST_QUERIES
        if each.queries > most:
            missed.append(f"{each.name}: {each.queries} queries, at most {most}")
        if each.unchanged is not None and each.unchanged > MOST_QUERIES_UNCHANGED:
            missed.append(f"{each.name}: {each.unchanged} queries for a 304, at most {MOST_QUERIES_UNCHANGED}")
    return missed


def _against_bare(site: Site, lists: Path, chosen: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Compare detail with a view that returns the same bytes from memory: by turns, so that both have the same weather."""
    say("comparing with a bare view")
    path = lists / "detail.txt"
    bodies = site.folder / "bodies.jsonl"
    bodies.write_text(run(site.environment, "benchmarks.counting", "bodies", _JSON, given=path.read_text()), encoding="utf-8")
    lines, ratios = [], []
    with running_bare(site, bodies) as (address, process):
        for close in (True, False):
            load = Load(path, _JSON, close)
            drive(address, load, 1, {})
            bare = repeated(address, load, max(1, chosen.seconds // 2), {"web": [process]})
            detail = repeated(site.url, load, max(1, chosen.seconds // 2), site.processes)
            ratios.append(detail.rate / bare.rate)
            lines.append(
                f"With {'new' if close else 'kept'} connections detail does {detail.rate:,.0f} requests a second, a bare Django"
                f" view with the same bytes from memory {bare.rate:,.0f}: {ratios[-1]:.0%}."
            )
    worst = min(ratios)
    return lines, [f"detail: {worst:.0%} of a bare view, at least {LEAST_OF_BARE:.0%}"] if worst < LEAST_OF_BARE else []


def _memory(site: Site, lists: Path) -> tuple[list[str], list[str]]:
    """Send 50,000 requests, searches and details by turns, and look at the workers' memory meanwhile."""
    say(f"memory over {_MEMORY_REQUESTS:,} requests")
    mixed = lists / "mixed.txt"
    searches, details = ((lists / f"{name}.txt").read_text().splitlines() for name in ("search", "detail"))
    mixed.write_text(
        "".join(f"{details[place]}\n{searches[place % len(searches)]}\n" for place in range(len(details))), encoding="utf-8"
    )
    done, seen = 0, [(0, max(memory_kib([site.web])))]
    deadline = time.monotonic() + _MOST_MEMORY_SECONDS
    while done < _MEMORY_REQUESTS and time.monotonic() < deadline:
        done += drive(site.url, Load(mixed, _JSON), _MEMORY_RUN_SECONDS, site.processes).requests
        seen.append((done, max(memory_kib([site.web]))))
    settled = next(kib for number, kib in seen if number >= min(done, _MEMORY_REQUESTS) / 5)
    growth = seen[-1][1] / settled - 1
    steps = ", ".join(f"{number:,}: {kib / 1024:.0f}" for number, kib in seen)
    short = "" if done >= _MEMORY_REQUESTS else f" (it was too slow for {_MEMORY_REQUESTS:,})"
    lines = [f"Memory of the larger worker in MiB, after so many requests{short}: {steps}."]
    fault = f"memory: {growth:.0%} more after the first fifth, at most {_MOST_GROWTH:.0%}"
    return lines, [fault] if growth > _MOST_GROWTH else []


if __name__ == "__main__":
    sys.exit(main())
