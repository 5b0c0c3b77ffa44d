"""The confirmation of a re-lint: what differs from the verdict before counts only when a second run says the same.

lintian can say one thing in one run and another in the next (a check that timed out on a busy machine). A re-lint of the whole
catalogue would tell thousands of maintainers of it, so a tag that came or went is looked for twice. The first run's tags wait on
the job's row, without its key: until they are confirmed, no version has looked at the revision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Self

from recipes_app.lint.protocol.report import LintReport, Outcome, counts
from recipes_app.models import LintHint, LintJob, LintState, RelintChange

from .reading import COUNTING

_VERDICTS = (LintState.PASSED, LintState.FAILED)
_TAGS_NAMED = 8


class Step(Enum):
    """What is to be done with the report of a re-lint."""

    COUNTS = auto()
    AGAIN = auto()
    UNSTABLE = auto()
    KNOWN = auto()


@dataclass(frozen=True)
class Statement:
    """What a run said, as far as two are compared: the verdict, and the tags that count."""

    state: str
    tags: frozenset[str]

    @classmethod
    def by_report(cls, report: LintReport) -> Self:
        """Return what `report` says."""
        return cls(report.state.value, frozenset(hint.tag for hint in report.hints if counts(hint)))

    @classmethod
    def by_job(cls, job: LintJob) -> Self:
        """Return what the report of `job` says. One query."""
        return cls(job.state, frozenset(LintHint.objects.filter(COUNTING, job=job).values_list("tag", flat=True)))


def before(job: LintJob) -> Statement | None:
    """Return what stands of the stage beside `job`; None where it never had a verdict. Two queries."""
    others = LintJob.objects.filter(revision=job.revision_id, stage=job.stage, suite=job.suite, state__in=_VERDICTS)
    standing = others.exclude(pk=job.pk).defer("log", "effects").order_by("-pk").first()
    return Statement.by_job(standing) if standing else None


def judge(job: LintJob, report: LintReport, message: str, old: Statement | None) -> Step:
    """Return what is to be done with the `report` of a re-lint that was `old` before; `message` is the one that asked for it."""
    if job.first_run is None:
        has_verdict = report.state is not Outcome.ERROR
        return Step.AGAIN if has_verdict and old is not None and Statement.by_report(report) != old else Step.COUNTS
    if job.state != LintState.RUNNING or (message and job.first_run["message"] == message):
        # The broker has brought the first run's report once more: each run is asked for by a message of its own.
        return Step.KNOWN
    return Step.COUNTS if Statement.by_report(report) == _first(job) else Step.UNSTABLE


def first_run(report: LintReport, message: str) -> dict[str, Any]:
    """Return what is kept of the first run, in JSON types."""
    said = Statement.by_report(report)
    return {"message": message, "state": said.state, "tags": sorted(said.tags)}


def disagreement(job: LintJob, report: LintReport) -> str:
    """Return the words for two runs of `job` that did not say the same."""
    first, second = _first(job), Statement.by_report(report)
    opening = "two runs did not agree, so the verdict before stands: the first said"
    if report.state is Outcome.ERROR:
        return f"{opening} {first.state}, the second had no verdict: {report.error}"
    parts = [f"{opening} {first.state}, the second {second.state}"]
    for which, tags in (("first", first.tags - second.tags), ("second", second.tags - first.tags)):
        if tags:
            parts.append(f"only the {which} has {_named(tags)}")
    return "; ".join(parts)


def note_changes(job: LintJob, old: Statement | None, new: Statement) -> None:
    """Keep what the run of `job` changed about its revision, in the caller's transaction. One query at most."""
    if job.relint_id is None or old is None:
        return
    kinds = RelintChange.Kind
    found = [(kinds.CAME, tag) for tag in new.tags - old.tags] + [(kinds.WENT, tag) for tag in old.tags - new.tags]
    if new.state != old.state:
        found.append((kinds.NOW_PASSED if new.state == LintState.PASSED else kinds.NOW_FAILED, ""))
    RelintChange.objects.bulk_create(
        [RelintChange(run_id=job.relint_id, revision_id=job.revision_id, kind=kind, tag=tag) for kind, tag in sorted(found)],
        ignore_conflicts=True,
    )


def _first(job: LintJob) -> Statement:
    kept = job.first_run or {}
    return Statement(kept["state"], frozenset(kept["tags"]))


def _named(tags: Iterable[str]) -> str:
    names = sorted(tags)
    more = f" and {len(names) - _TAGS_NAMED} more" if len(names) > _TAGS_NAMED else ""
    return ", ".join(names[:_TAGS_NAMED]) + more
