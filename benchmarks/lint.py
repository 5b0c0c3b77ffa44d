"""What the lint pipeline costs beside the tools that it runs, on real packages, all in one run.

    ./dev bench lint [--cache DIRECTORY] [--packages 20]

Each package of agreement.txt is a recipe in a git repository. The pipeline fetches it, reads and parses it, makes a source
package, has it built and looked at in the sandbox, and reads the report; bare lintian looks at the very same source package,
outside. Both turns alternate, so that a busy machine slows both. Besides: what the sandbox adds to a program that does
nothing, the recipe checks, and the memory of the runner's own process.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from recipes_app.formats.tree import Tree
from recipes_app.lint.checks.base import CheckContext
from recipes_app.lint.checks.registry import CHECKS, run_checks
from recipes_app.lint.protocol.assignment import Assignment
from recipes_app.lint.protocol.report import Outcome
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.runner import run_assignment
from recipes_app.lint.sandbox.sandbox import run_sandboxed
from recipes_app.lint.source.lintian import lintian_command
from recipes_app.lint.source.source_package import SOURCE_FOLDER, SourcePackageRefused, make_source_package

from .agreement_cases import Case, KeptRuns, load, wanted
from .real_packages import Apt, Unavailable

# Goals of the project: shares and milliseconds at the median, mebibytes at the peak.
OVERHEAD, SANDBOX_MS, CHECKS_MS, MEMORY_MIB = 0.15, 30, 100, 250
_STARTS = 40
_ROUNDS = 2


@dataclass(frozen=True)
class Timed:
    """Seconds of both sides for one package."""

    name: str
    pipeline: float
    bare: float


def commit_of(case: Case, folder: Path) -> str:
    """Write the case's files as the one commit of a new repository in `folder`; return the commit."""
    folder.mkdir(parents=True)
    for path, content in case.tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755 if path in case.executables else 0o644)
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A", "-f"], [*identity, "commit", "-q", "-m", "bench"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return said.stdout.strip()


def build(case: Case, folder: Path) -> Path:
    """Build the source package that the pipeline makes of the case, in `folder`; return its .dsc."""
    folder.mkdir(parents=True)
    package = make_source_package(case.tree, name=case.identity.name, version=case.identity.version, executables=case.executables)
    subprocess.run(["tar", "-xf", "-"], cwd=folder, input=package.archive, check=True)
    subprocess.run(["dpkg-source", "--build", SOURCE_FOLDER], cwd=folder, check=True, capture_output=True)
    return folder / package.dsc


def time_package(case: Case, scratch: Path) -> Timed | str:
    """Return both sides' best seconds for one package, or why it is left out."""
    try:
        dsc = build(case, scratch / case.name / "package")
    except (SourcePackageRefused, subprocess.CalledProcessError) as error:
        return f"no source package: {error}"
    repository = scratch / case.name / "recipe"
    commit = commit_of(case, repository)
    assignment = Assignment(1, Stage.SOURCE_LINT, repository.as_uri(), commit, case.name)
    report = run_assignment(assignment, protocols=("file",))
    if report.state is Outcome.ERROR:
        return f"no verdict: {report.error}"
    pipeline, bare = [], []
    for _ in range(_ROUNDS):
        pipeline.append(_seconds(lambda: run_assignment(assignment, protocols=("file",))))
        bare.append(_seconds(lambda: subprocess.run(lintian_command(str(dsc)), check=True, capture_output=True)))
    return Timed(case.name, min(pipeline), min(bare))


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def sandbox_start() -> tuple[float, float]:
    """Return the median milliseconds of `true` in the sandbox, and of `true` alone."""
    inside = [_seconds(lambda: run_sandboxed(["true"])) for _ in range(_STARTS)]
    alone = [_seconds(lambda: subprocess.run(["true"], check=True)) for _ in range(_STARTS)]
    return statistics.median(inside) * 1000, statistics.median(alone) * 1000


def checks_milliseconds(trees: Sequence[Tree]) -> list[float]:
    """Return how long the recipe checks take for each of `trees`, the best of three, in order."""
    context = CheckContext()
    looks = [functools.partial(run_checks, tree, context) for tree in trees]
    return sorted(min(_seconds(look) for _ in range(_ROUNDS)) * 1000 for look in looks)


def runner_memory(assignments: Sequence[dict[str, object]]) -> float:
    """Return the peak MiB of a runner's own process after it has worked through `assignments`. To be called in a fresh one."""
    # What a runner imports, Celery among it, is part of its memory; it asks for a broker when it is imported.
    os.environ["BROKER_URL"] = "memory://"
    import recipes_app.lint.runner_app  # noqa: F401, PLC0415

    for each in assignments:
        run_assignment(Assignment.from_json(dict(each)), protocols=("file",))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print; return 0 where every goal is met."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "agreement", help="what is kept between runs")
    parser.add_argument("--packages", type=int, default=20)
    options = parser.parse_args()
    cache = options.cache.resolve()
    scratch = Path(tempfile.mkdtemp(prefix="bench-lint-"))
    try:
        return 0 if _measure(cache, scratch, options.packages) else 1
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _measure(cache: Path, scratch: Path, number: int) -> bool:
    timed: list[Timed] = []
    cases: list[Case] = []
    for case in cases_of(cache, number * 2):
        if len(timed) == number:
            break
        result = time_package(case, scratch)
        if isinstance(result, str):
            print(f"{case.name:28} left out: {result[:90]}")
            continue
        timed.append(result)
        cases.append(case)
        print(f"{case.name:28} pipeline {result.pipeline:6.2f} s  bare lintian {result.bare:6.2f} s", flush=True)
    overhead = sum(each.pipeline for each in timed) / sum(each.bare for each in timed) - 1
    inside, alone = sandbox_start()
    checks = checks_milliseconds([case.tree for case in cases])
    memory = _memory(cases, scratch)
    goals = [
        _goal(f"the pipeline's own cost over bare lintian, {len(timed)} packages", overhead * 100, OVERHEAD * 100, "%"),
        _goal(f"start of the sandbox (`true`: {inside:.1f} ms inside, {alone:.1f} ms alone)", inside - alone, SANDBOX_MS, "ms"),
        _goal(
            f"the {len(CHECKS)} recipe checks, median (slowest {checks[-1]:.0f} ms)", statistics.median(checks), CHECKS_MS, "ms"
        ),
        _goal("the runner's own memory, peak", memory, MEMORY_MIB, "MiB"),
    ]
    return all(goals)


def cases_of(cache: Path, number: int) -> list[Case]:
    """Return up to `number` packages of the list, from each kind in turn, that can be had."""
    apt, run = Apt(cache / ".apt"), KeptRuns(cache / "runs")
    apt.update()
    kinds: dict[str, list[str]] = {}
    for kind, name in wanted():
        kinds.setdefault(kind, []).append(name)
    found: list[Case] = []
    while len(found) < number and any(kinds.values()):
        for kind, names in kinds.items():
            while names:
                try:
                    found.append(load(apt, names.pop(0), kind, cache, run))
                except Unavailable:
                    continue
                break
    return found[:number]


def _memory(cases: Sequence[Case], scratch: Path) -> float:
    assignments = []
    for case in cases:
        repository = scratch / case.name / "recipe"
        said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, check=True, capture_output=True, text=True)
        assignment = Assignment(1, Stage.SOURCE_LINT, repository.as_uri(), said.stdout.strip(), case.name)
        assignments.append(json.loads(json.dumps(assignment.to_json())))
    # A process that has not seen this one's memory.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(runner_memory, assignments).result()


def _goal(what: str, found: float, goal: float, unit: str) -> bool:
    print(f"{'met   ' if found <= goal else 'MISSED'} {what}: {found:.1f} {unit} (goal: at most {goal:.0f} {unit})")
    return found <= goal


if __name__ == "__main__":
    sys.exit(main())
