"""The row of lights of a revision: for each suite, how checks, lint, build and installation stand. Pure reading of jobs.

Checks and source lint are the same for every suite; build, installation and the lint of what was built are steps of the suite's
trial build. A light that is out says so: nothing is green that nobody has tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recipes_app.lint.protocol.build_report import StepName, StepState
from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintJob, LintState, Revision

from ..lint import stages, trial_builds

CHECKS, LINT, BUILD, INSTALL = "checks", "lint", "build", "install"
NAMES = (CHECKS, LINT, BUILD, INSTALL)
NONE = "none"
_UNSETTLED = (LintState.QUEUED, LintState.RUNNING, LintState.CANCELLED)
# The worst first, for a light that several steps stand behind.
_WORST = ("failed", "error", "running", "queued", "cancelled", "passed", "skipped", NONE)
_OF_BUILD = (StepName.FETCH, StepName.DEPENDENCIES, StepName.BUILD)
_OF_INSTALL = (StepName.INSTALL, StepName.TESTS)


@dataclass(frozen=True)
class Light:
    """One light: its state (`none`: nobody tries), what is to be said of it, and how long it took."""

    name: str
    state: str
    line: str = ""
    duration_ms: int = 0


@dataclass(frozen=True)
class SuiteLights:
    """The lights of one suite, and the steps of its trial build, as they are stored."""

    suite: str
    lights: tuple[Light, ...]
    steps: tuple[Mapping[str, Any], ...] = ()

    @property
    def rebuild(self) -> Mapping[str, Any] | None:
        """The step of the second build; None where there was none."""
        return next((each for each in self.steps if each["name"] == StepName.REBUILD), None)

    @property
    def reproducible(self) -> str:
        """`yes`, `no`, or empty where it is not known."""
        step = self.rebuild
        return {StepState.PASSED: "yes", StepState.FAILED: "no"}.get(step["state"], "") if step else ""


def rows_of(revision: Revision, jobs: Iterable[LintJob]) -> tuple[SuiteLights, ...]:
    """Return a row for each suite that `revision` is for and is built in here, from its `jobs`. No query."""
    standing = stages.standing(jobs)
    found = {(job.stage, job.suite): job for job in standing}
    suites = dict.fromkeys((*trial_builds.suites_of(revision), *(job.suite for job in standing if job.suite)))
    checks, lint = found.get((Stage.RECIPE_CHECKS, "")), found.get((Stage.SOURCE_LINT, ""))
    return tuple(_row(suite, checks, lint, found.get((Stage.TRIAL_BUILD, suite))) for suite in suites)


def _row(suite: str, checks: LintJob | None, lint: LintJob | None, build: LintJob | None) -> SuiteLights:
    steps = tuple(build.steps) if build is not None and build.state not in _UNSETTLED else ()
    return SuiteLights(
        suite,
        (
            _of_job(CHECKS, checks),
            _worst(LINT, [_of_job(LINT, lint), *_of_steps(LINT, steps, (StepName.LINT,))]),
            _of_build(build, steps),
            _of_install(build, steps),
        ),
        steps,
    )


def _of_job(name: str, job: LintJob | None) -> Light:
    if job is None:
        return Light(name, NONE)
    return Light(name, job.state, job.error, (job.duration_ms or 0) if job.state not in _UNSETTLED else 0)


def _of_build(job: LintJob | None, steps: Sequence[Mapping[str, Any]]) -> Light:
    parts = _of_steps(BUILD, steps, _OF_BUILD)
    if job is None or not parts:
        return _of_job(BUILD, job)
    light = _worst(BUILD, parts)
    if light.state == "passed" and not any(each["name"] == StepName.BUILD for each in steps):
        # It ended on the way: the job says why.
        return Light(BUILD, job.state, job.error, light.duration_ms)
    return light


def _of_install(job: LintJob | None, steps: Sequence[Mapping[str, Any]]) -> Light:
    if job is None or job.state in _UNSETTLED:
        return _of_job(INSTALL, job)
    parts = _of_steps(INSTALL, steps, _OF_INSTALL)
    return _worst(INSTALL, parts) if parts else Light(INSTALL, "skipped")


def _of_steps(name: str, steps: Sequence[Mapping[str, Any]], wanted: Sequence[StepName]) -> list[Light]:
    return [Light(name, each["state"], each["line"], each["duration_ms"]) for each in steps if each["name"] in wanted]


def _worst(name: str, parts: Sequence[Light]) -> Light:
    """Return one light for several: the worst state with its line, and all that they took. What was not done does not count."""
    tried = [each for each in parts if each.state not in ("skipped", NONE)] or list(parts)
    worst = min(tried, key=lambda each: _WORST.index(each.state))
    return Light(name, worst.state, worst.line, sum(each.duration_ms for each in parts))
