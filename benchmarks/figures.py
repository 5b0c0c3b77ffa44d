"""What a measurement found: printed as a table, held against its goals, and written into docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .wrk import Measured

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
# The peer's figures were kept only where other work took at most so much of the processors.
MOST_OTHERS = 0.10
_COLUMNS = (
    "request", "goal /s", "first time /s", "new connections /s", "kept connections /s", "p50 ms", "p99 ms", "bytes",
    "queries", "304", "web ms", "database ms", "redis ms", "other work",
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """One kind of request: when it is asked for the first time, with a new connection for each, with connections that are kept.

    The first is what a crawler with ever new names sees, the others what people and clients do who ask for the same things.
    """

    name: str
    goal: float
    first: Measured
    fresh: Measured
    kept: Measured
    queries: int
    unchanged: int | None


def table(figures: Sequence[Figure]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" + "|--:" * (len(_COLUMNS) - 1) + "|"]
    for each in figures:
        seen, spent = each.fresh, each.fresh.processor
        rates = (each.goal, each.first.rate, each.fresh.rate, each.kept.rate)
        cells = [each.name, *(f"{rate:,.0f}" for rate in rates), f"{seen.p50:.1f}", f"{seen.p99:.1f}", f"{seen.bytes:,.0f}"]
        cells += [str(each.queries), "–" if each.unchanged is None else str(each.unchanged)]
        cells += [f"{spent[name]:.2f}" for name in ("web", "database", "redis")]
        cells.append(f"{max(each.fresh.others, each.kept.others):.0%}")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def missed(figures: Sequence[Figure]) -> list[str]:
    """Return a line for each goal that was missed; where other work disturbed the run, the line says so."""
    lines = []
    for each in figures:
        if each.fresh.rate < each.goal:
            noise = f" (other work took {each.fresh.others:.0%}: run again at rest)" if each.fresh.others > MOST_OTHERS else ""
            lines.append(f"{each.name}: {each.fresh.rate:,.0f} requests a second, at least {each.goal:,.0f}{noise}")
    return lines


def machine() -> str:
    """Return when and on what this was measured, in one line."""
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.findall(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[0]) / 2**20
    postgres = subprocess.run(["psql", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return (
        f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} processors ({processor[1] if processor else '?'}),"
        f" {memory:.0f} GiB; Linux {platform.release()}, Python {platform.python_version()}, PostgreSQL {postgres}"
    )


def write(name: str, lines: Sequence[str]) -> None:
    """Put `lines` in the place of the block `name` of docs/performance.md."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = DOCUMENT.read_text(encoding="utf-8")
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{DOCUMENT} has no block {begin} … {end}: put one where the figures belong")
    DOCUMENT.write_text(f"{before}{begin}\n\n" + "\n".join(lines) + f"\n\n{end}{after}", encoding="utf-8")
