"""Reading what lint says of a revision: its stages, their hints with explanations, the numbers. No writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from ..lint.stages import Stage
from ..models import LintHint, LintJob, LintState, LintTag, Revision
from . import explanations, lint_stages
from .lint_reading import COUNTING, History, history_of


@dataclass(frozen=True)
class RevisionLint:
    """What stands of a revision's lint. `jobs` are in the order of stages and suites, one each, and never empty."""

    jobs: tuple[LintJob, ...]
    state: str

    @property
    def main(self) -> LintJob:
        """The job of the source lint, which every revision has; where it has not, the last stage's."""
        return next((job for job in self.jobs if job.stage == Stage.SOURCE_LINT), self.jobs[-1])

    @property
    def error(self) -> str:
        """Why there is no verdict, or not every one: each reason, those of other stages than the source lint with their name."""
        main = self.main
        reasons = [job.error if job is main else f"{job.stage}: {job.error}" for job in self.jobs if job.error]
        return "\n".join(reasons)

    def history(self, hints: Sequence[ExplainedHint]) -> History:
        """Return the source lint's report among those of earlier revisions; `hints` are those of all jobs. Three queries."""
        main = self.main
        return history_of(main, [each.hint for each in hints if each.hint.job_id == main.pk])


def lint_of(revision: Revision) -> RevisionLint | None:
    """Return what stands of the lint of `revision`, or None where none was queued. One query."""
    jobs = lint_stages.jobs_of(revision)
    for job in jobs:
        job.revision = revision
    return RevisionLint(tuple(lint_stages.standing(jobs)), lint_stages.overall(jobs)) if jobs else None


@dataclass(frozen=True)
class ExplainedHint:
    """A hint and what its tool says about the tag. `explanation_html` was cleaned when it was stored; empty where unknown."""

    hint: LintHint
    stage: str
    explanation_html: str
    see_also: tuple[str, ...]


def hints_with_explanations(jobs: Sequence[LintJob]) -> list[ExplainedHint]:
    """Return the hints of `jobs`, in their order and that of their reports, each with its explanation. Two queries."""
    order = {job.pk: number for number, job in enumerate(jobs)}
    hints = sorted(LintHint.objects.filter(job__in=order), key=lambda hint: (order[hint.job_id], hint.position))
    stages = {job.pk: job.stage for job in jobs}
    tools = {job.pk: (job.tool, job.tool_version) for job in jobs}
    versions = Q(pk=None)
    for tool, version in set(tools.values()):
        versions |= Q(tool=tool, tool_version=version)
    tags = LintTag.objects.filter(versions, tag__in={hint.tag for hint in hints}) if hints else ()
    known = {(tag.tool, tag.tool_version, tag.tag): tag for tag in tags}
    explained = []
    for hint in hints:
        tag = known.get((*tools[hint.job_id], hint.tag)) or explanations.of_own(hint.tag)
        words, see_also = (tag.explanation, tuple(tag.see_also)) if tag else ("", ())
        explained.append(ExplainedHint(hint, stages[hint.job_id], words, see_also))
    return explained


def logs_of(jobs: Sequence[LintJob]) -> list[tuple[LintJob, str]]:
    """Return the log of each of `jobs` that has one. One query: elsewhere they are left out, since they are long."""
    logs = dict(LintJob.objects.filter(pk__in=[job.pk for job in jobs]).exclude(log="").values_list("pk", "log"))
    return [(job, logs[job.pk]) for job in jobs if job.pk in logs]


def hint_counts(jobs: Sequence[LintJob]) -> dict[str, int]:
    """Return how many hints of each severity count in `jobs` (see `lint.report.counts`). One query."""
    hints = LintHint.objects.filter(COUNTING, job__in=[job.pk for job in jobs])
    return dict(hints.values_list("severity").annotate(number=Count("id")).order_by())


def hint_counts_of(revision: Revision) -> dict[str, int]:
    """Return how many hints of each severity count in what stands of the lint of `revision`. One query, for a page's budget."""
    rows = (
        LintJob.objects.filter(revision=revision)
        .values_list("id", "stage", "suite", "state", "priority", "hints__severity")
        .annotate(number=Count("hints", filter=Q(hints__overridden=False)))
        .order_by()
    )
    found: dict[int, LintJob] = {}
    counts: dict[int, Counter[str]] = {}
    for key, stage, suite, state, priority, severity, number in rows:
        found[key] = LintJob(id=key, stage=stage, suite=suite, state=LintState(state), priority=priority)
        if number:
            counts.setdefault(key, Counter())[severity] += number
    return dict(sum((counts.get(job.pk, Counter()) for job in lint_stages.standing(found.values())), Counter()))
