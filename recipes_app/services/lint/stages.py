"""What the stages of a revision say together: which job of each stands, the state that lists show, the table for pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintJob, LintPriority, LintState, Recipe, Revision

# The worst first: what has failed stays failed, whatever still runs.
_WORST = (LintState.FAILED, LintState.ERROR, LintState.RUNNING, LintState.QUEUED, LintState.PASSED)
_VERDICTS = (LintState.PASSED, LintState.FAILED)


def jobs_of(revision: Revision) -> list[LintJob]:
    """Return every job of `revision`, newest first, without logs and effects, which are long. One query."""
    return list(LintJob.objects.filter(revision=revision).defer("log", "effects").order_by("-id"))


def standing(jobs: Iterable[LintJob]) -> list[LintJob]:
    """Return, of `jobs` of one revision, the one that stands for each (stage, suite), in the order of stages and suites.

    It is the newest, but a re-lint that has no verdict, and one that was cancelled, leave the older one standing.
    """
    newest: dict[tuple[int, str], LintJob] = {}
    for job in sorted(jobs, key=lambda job: -job.pk):
        key = (Stage(job.stage).rank, job.suite)
        held = newest.get(key)
        if held is None or (not _stands(held) and _stands(job)):
            newest[key] = job
    return [newest[key] for key in sorted(newest)]


def _stands(job: LintJob) -> bool:
    if job.priority == LintPriority.RELINT:
        return job.state in _VERDICTS
    return job.state != LintState.CANCELLED


def overall(jobs: Iterable[LintJob]) -> str:
    """Return the state of a revision from its `jobs`: the worst of those that stand and count; empty where there is none.

    A cancelled stage counts as `error`: there is no verdict, and the job says why. A trial build counts where it failed; that
    one waits, could not be made or was not wanted says nothing about the recipe.
    """
    states = set()
    for job in standing(jobs):
        state = LintState.ERROR if job.state == LintState.CANCELLED else LintState(job.state)
        if job.stage != Stage.TRIAL_BUILD or state == LintState.FAILED:
            states.add(state)
    return next((state.value for state in _WORST if state in states), "")


def show_on_recipe(revision_id: int) -> str:
    """Copy the state of a revision to its recipe's row, for lists and filters, where it is the current one. Two queries.

    Return that state once every stage has come to an end, and nothing while one waits or runs.
    """
    jobs = list(LintJob.objects.filter(revision_id=revision_id).only("stage", "suite", "state", "priority"))
    state = overall(jobs)
    Recipe.objects.filter(current_id=revision_id).update(lint_state=state)
    return "" if any(job.state in (LintState.QUEUED, LintState.RUNNING) for job in standing(jobs)) else state


@dataclass(frozen=True)
class SuiteStages:
    """One line of the table: a suite (empty: every suite) and, for each stage in its order, the job that stands, or None."""

    suite: str
    jobs: tuple[LintJob | None, ...]


def matrix(jobs: Sequence[LintJob]) -> list[SuiteStages]:
    """Return the table suite x stage of one revision's `jobs`."""
    found = {(job.suite, Stage(job.stage)): job for job in standing(jobs)}
    return [
        SuiteStages(suite, tuple(found.get((suite, stage)) for stage in Stage)) for suite in sorted({suite for suite, _ in found})
    ]
