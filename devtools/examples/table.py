"""What came of the examples: a table for the terminal, and docs/examples.md."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from ..bootstrap import ROOT
from .run import Outcome, Step

RESULTS = ROOT / "var" / "examples" / "results.json"
DOCUMENT = ROOT / "docs" / "examples.md"
DEBIAN = {"bookworm": "12", "trixie": "13"}
# Steps that have a column; the others (recipes that are needed, further variants) are told in a sentence.
COLUMNS = ("get", "build", "install", "check", "undo")
_SAME_COLUMN = {"all": "build", "clean": "build", "source package": "build"}
_BUSY = 1.5
_WIDTH = 130
_LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")


def keep(outcomes: Iterable[Outcome], path: Path = RESULTS) -> list[Outcome]:
    """Put the outcomes in the place of older ones of the same recipe and release in the file `path`; return all that it holds."""
    known = {(each.recipe, each.release): each for each in _read(path)}
    for outcome in outcomes:
        known[outcome.recipe, outcome.release] = outcome
    result = [known[key] for key in sorted(known)]
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps([asdict(each) for each in result], indent=1), encoding="utf-8")
    fresh.replace(path)
    return result


def _read(path: Path) -> list[Outcome]:
    """Return the outcomes in the file; none where it was written by another version of this program."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [
            Outcome(**{**row, "steps": [Step(**step) for step in row["steps"]], "packages": tuple(row["packages"])})
            for row in rows
        ]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return []


def text(outcomes: Sequence[Outcome]) -> str:
    """Return the table for the terminal, and below it what checks, benchmarks and faults say."""
    head = ["recipe", "Debian", "shell", *COLUMNS, "installed"]
    rows = [[each.recipe, DEBIAN[each.release], each.shell, *cells(each), _result(each)] for each in outcomes]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]]
    for each in outcomes:
        details = [*_indented(each.said), *_speeds(each), *(_indented(each.fault) if each.fault else [])]
        if details:
            lines += ["", f"{each.recipe} on Debian {DEBIAN[each.release]}:", *details]
    return "\n".join(lines)


def cells(outcome: Outcome) -> list[str]:
    """Return the seconds of each step that has a column; `failed` where the last one did, `–` where it was not reached."""
    seconds = {_SAME_COLUMN.get(step.name, step.name): f"{step.seconds:.0f} s" for step in outcome.steps}
    if outcome.fault and outcome.steps:
        failed = outcome.fault.partition(":")[0]
        seconds[_SAME_COLUMN.get(failed, failed)] = "failed"
    return [seconds.get(column, "–") for column in COLUMNS]


def _result(outcome: Outcome) -> str:
    if outcome.skipped:
        return f"not tried: {outcome.skipped}"
    if outcome.fault:
        return "FAILED"
    return ", ".join(outcome.packages) or "source package only"


def _indented(said: str) -> list[str]:
    return [f"    {line}" for line in said.splitlines()]


def _speeds(outcome: Outcome) -> list[str]:
    return [
        f"    {variant}: median {seconds:.3f} s of {len(outcome.benchmarks[variant])} runs, {ratio:.2f} × the first"
        for variant, (seconds, ratio) in outcome.ratios().items()
    ]


def document(outcomes: Sequence[Outcome]) -> str:
    """Return docs/examples.md: what it says of the machine is what matters for the figures, and nothing that names it."""
    parts = [
        "# The examples, built as their pages say",
        _paragraph(
            "`./dev examples` writes this page. It makes a fresh Debian system for each release (mmdebstrap, only packages of "
            "priority `required`, sudo, the component `main`), with an ordinary user. The user pastes the blocks of the recipe's "
            "page, as a running portal serves it, into an interactive `bash` or `sh`, answers the questions, runs the check "
            "`tests/examples/checks/NAME.sh` on the installed package, and pastes the block that removes everything before "
            "the next recipe. All that a step needs comes by the page's own lines; after a failure the next recipe gets a new system."
        ),
        _paragraph(
            f"Seen {_dates(outcomes)} on {machine()}. Packages that apt had downloaded before were taken from a cache."
            + _load(outcomes)
        ),
        _main_table(outcomes),
    ]
    if measured := [each for each in outcomes if each.benchmarks]:
        parts += ["## What variants are worth", _benchmark_table(measured)]
    if said := [each for each in outcomes if each.said and each.went_well]:
        parts += ["## What the checks say", *(_quoted(each, each.said) for each in said)]
    if faults := [each for each in outcomes if each.fault]:
        parts += ["## What fails", *(_quoted(each, each.fault) for each in faults)]
    return "\n\n".join(parts) + "\n"


def _paragraph(words: str) -> str:
    return textwrap.fill(words, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _dates(outcomes: Sequence[Outcome]) -> str:
    dates = sorted({each.date for each in outcomes})
    return "–".join(dict.fromkeys([dates[0], dates[-1]])) if dates else "never"


def _load(outcomes: Sequence[Outcome]) -> str:
    """Return a sentence about other work on the machine; nothing where there was none."""
    loads = [each.load for each in outcomes if each.load]
    if not loads or max(loads) < _BUSY:
        return ""
    return (
        f" Other work ran beside: up to {max(loads):.0f} processes wanted each core, so seconds of steps are longer than on a machine "
        "at rest, and benchmarks less exact."
    )


def machine() -> str:
    """Return what the figures depend on: cores, instruction set, kernel, release; no name, no path."""
    level = next((found for loader in _LOADERS if (found := _instruction_level(loader))), platform.machine())
    release = platform.freedesktop_os_release().get("PRETTY_NAME", "another system")
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} cores ({level}), {release}, Linux {kernel}"


def _instruction_level(loader: str) -> str:
    """Return the newest level of glibc-hwcaps that the loader takes on this machine; empty where it knows none."""
    try:
        said = subprocess.run([loader, "--help"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    return next((line.split()[0] for line in said.splitlines() if line.strip().endswith("(supported, searched)")), "")


def _main_table(outcomes: Sequence[Outcome]) -> str:
    head = ["recipe", "Debian", "shell", *COLUMNS, "result"]
    rows = [
        [f"`{each.recipe}`", DEBIAN[each.release], each.shell or "–", *cells(each), _result(each).replace("|", "\\|")]
        for each in outcomes
    ]
    return _markdown(head, rows)


def _benchmark_table(outcomes: Sequence[Outcome]) -> str:
    rows = [
        [f"`{each.recipe}`", DEBIAN[each.release], variant, f"{seconds:.3f}", f"{ratio:.2f} ×"]
        for each in outcomes
        for variant, (seconds, ratio) in each.ratios().items()
    ]
    return _markdown(["recipe", "Debian", "variant", "median seconds", "speed"], rows)


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows])


def _quoted(outcome: Outcome, words: str) -> str:
    return f"`{outcome.recipe}`, Debian {DEBIAN[outcome.release]}:\n\n" + "\n".join(f"    {line}" for line in words.splitlines())
