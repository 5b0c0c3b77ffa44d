"""All cases, and what becomes of one at every entrance that it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recipes_app.lint.protocol.report import LintReport
from recipes_app.lint.protocol.stages import Stage

from . import objects, tarballs, texts
from .case import TAKEN, Case, Says, lines_of
from .entrances import careless_repository, new_repository, push, run_direct, run_full, run_whole
from .traces import Spent, spending

CASES = (*objects.CASES, *texts.CASES, *tarballs.CASES)


@dataclass(frozen=True)
class Seen:
    """What became of a case at one entrance: what was said, whether that is what must be said, and what it cost."""

    entrance: str
    said: str
    expected: bool
    spent: Spent


def look(case: Case, folder: Path) -> Iterator[Seen]:
    """Bring `case` in by each of its entrances; `folder` is empty, and holds the repositories."""
    material = case.make()
    if case.push is not None:
        target = new_repository(folder / "portal.git")
        with spending() as spent:
            lines = push(material, target)
        line = next((each for each in lines if case.push in each), " / ".join(lines))
        yield Seen("push", line or "taken", bool(lines) == (case.push != TAKEN) and case.push in line, spent)
        source = careless_repository(material, folder / "careless.git")
        if case.runner is not None:
            with spending() as spent:
                report = run_whole(material, source)
            yield _seen("runner", case.runner, report, spent)
    elif material.tree is not None and case.runner is not None:
        with spending() as spent:
            report = run_full(material.tree, material.files, folder)
        yield _seen("source lint with upstream's files", case.runner, report, spent)
    for entrance, stage, says in (("source lint", Stage.SOURCE_LINT, case.direct), ("checks", Stage.RECIPE_CHECKS, case.checks)):
        if says is not None and material.tree is not None:
            with spending() as spent:
                report = run_direct(material.tree, stage)
            yield _seen(entrance, says, report, spent)


def _seen(entrance: str, says: Says, report: LintReport, spent: Spent) -> Seen:
    line = next((each for each in lines_of(report) if says.words and says.words in each), "") or report.error
    return Seen(entrance, f"{report.state}: {line}" if line else str(report.state), says.fits(report), spent)
