"""Reading what lint says of a revision: its stages, their hints with explanations, the numbers. No writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import MD5

from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintHint, LintJob, LintTag, Revision

from . import explanations
from . import stages as lint_stages
from .reading import COUNTING, History, counting, history_of

# What makes two hints the same one, besides the digest of their context, by the name that a query over jobs gives it.
_IDENTITY = {f"hint_{column}": column for column in ("severity", "package", "tag", "path", "line")}
# The columns of a job that say whether it stands, and by which tool.
_JOB = ("id", "stage", "suite", "state", "priority", "tool", "tool_version")


@dataclass(frozen=True)
class RevisionLint:
    """What stands of a revision's lint. `jobs` are in the order of stages and suites, one each, and never empty.

    `unconfirmed` are newer re-lints whose two runs did not agree; the verdicts before them stand.
    """

    jobs: tuple[LintJob, ...]
    state: str
    unconfirmed: tuple[LintJob, ...] = ()

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
    if not jobs:
        return None
    standing = tuple(lint_stages.standing(jobs))
    unconfirmed = tuple(job for job in jobs if job.is_unstable and _is_newer(job, standing))
    return RevisionLint(standing, lint_stages.overall(jobs), unconfirmed)


def _is_newer(job: LintJob, standing: Sequence[LintJob]) -> bool:
    """Return whether `job` came to its end after the one that stands for its stage."""
    held = next(each for each in standing if (each.stage, each.suite) == (job.stage, job.suite))
    return held != job and bool(held.finished_at and job.finished_at and job.finished_at > held.finished_at)


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
    """Return how many hints of each severity count in `jobs` (see `lint.protocol.report.counts`). One query.

    What the reports of several jobs have in common counts once: a trial build for each suite looks at the same source package.
    """
    hints = LintHint.objects.filter(COUNTING, job__in=[job.pk for job in jobs]).order_by()
    said: dict[int, Counter[tuple[object, ...]]] = {}
    for key, *identity in hints.values_list("job_id", *_IDENTITY.values()).annotate(context_digest=MD5("context")):
        said.setdefault(key, Counter())[tuple(identity)] += 1
    return _by_severity(said.values())


@dataclass(frozen=True)
class LintNumbers:
    """What stands of a revision's lint, in numbers: `counts` are hints by severity, the tool is the main job's."""

    state: str
    tool: str
    tool_version: str
    counts: dict[str, int]


def numbers_of(revision: Revision) -> LintNumbers | None:
    """Return the numbers of what stands of the lint of `revision`, or None where none was queued. One query, for budgets."""
    here = FilteredRelation("hints", condition=counting("hints__"))
    columns = {name: F(f"here__{column}") for name, column in _IDENTITY.items()}
    rows = LintJob.objects.filter(revision=revision).annotate(here=here, **columns, context_digest=MD5("here__context"))
    found: dict[int, LintJob] = {}
    said: dict[int, Counter[tuple[object, ...]]] = {}
    for row in rows.order_by().values_list(*_JOB, *_IDENTITY, "context_digest"):
        job = LintJob(**dict(zip(_JOB, row, strict=False)))
        found[job.pk] = job
        # A job without a hint has a row, too: it may be the one that stands.
        identity = row[len(_JOB) :]
        if identity[0] is not None:
            said.setdefault(job.pk, Counter())[identity] += 1
    if not found:
        return None
    lint = RevisionLint(tuple(lint_stages.standing(found.values())), lint_stages.overall(found.values()))
    counts = _by_severity(said.get(job.pk, Counter()) for job in lint.jobs)
    return LintNumbers(lint.state, lint.main.tool, lint.main.tool_version, counts)


def _by_severity(reports: Iterable[Counter[tuple[object, ...]]]) -> dict[str, int]:
    """Return the number of hints of each severity in `reports`, each a count of hints by identity, the severity first."""
    together: Counter[tuple[object, ...]] = Counter()
    for report in reports:
        # As often as the report has it that has it most often: the same hint twice in one report is two places.
        together |= report
    numbers: Counter[str] = Counter()
    for identity, number in together.items():
        numbers[str(identity[0])] += number
    return dict(numbers)
