"""What a lint report says beside its hints: what came and went since the revision before, how the counts moved, and the facts.

Reports are compared only with what the same tool in the same version, mode and profile said of an earlier revision of the
branch: a hint that a newer lintian has learnt is no change of the recipe.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q

from recipes_app.limits import TREND_REVISIONS
from recipes_app.lint.protocol.report import HintSeverity
from recipes_app.models import LintHint, LintJob, LintState


def counting(prefix: str = "") -> Q:
    """Return the condition of hints that count, as `lint.protocol.report.counts` has it; a test holds the two together.

    `prefix` is the way to the hints from the table that is asked.
    """
    columns = {"overridden": False, "experimental": False, "reason": ""}
    wanted = Q(**{f"{prefix}{column}": value for column, value in columns.items()})
    return wanted & ~Q(**{f"{prefix}severity": HintSeverity.CLASSIFICATION})


COUNTING = counting()
# Severities of which a trend is drawn: all that are no mere facts, the worst first.
TREND_SEVERITIES = tuple(severity for severity in HintSeverity if severity is not HintSeverity.CLASSIFICATION)
# Classifications that say in a word how a package is made, in the order in which they are shown.
FACETS = ("source-format", "patch-system", "debhelper-compat-level", "standards-version", "debian-watch-file-standard")
_VERDICTS = (LintState.PASSED, LintState.FAILED)


@dataclass(frozen=True)
class HintChanges:
    """The hints that came and those that went between the report of `before` and this one."""

    before: LintJob
    new: tuple[LintHint, ...]
    gone: tuple[LintHint, ...]


@dataclass(frozen=True)
class TrendPoint:
    """How many hints of each severity counted at one revision."""

    version: str
    commit: str
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return how many hints counted."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class History:
    """A report among those that it can be compared with. `points` end with its own revision; `changes` is None for the first."""

    points: tuple[TrendPoint, ...] = ()
    changes: HintChanges | None = None


def history_of(job: LintJob, hints: Sequence[LintHint]) -> History:
    """Return what came before the report `job`, whose `hints` are given; empty where it has no verdict. Three queries at most."""
    if job.state not in _VERDICTS:
        return History()
    jobs = _comparable(job)
    before = jobs[1] if len(jobs) > 1 else None
    return History(_points(jobs), _changes(before, hints) if before else None)


def facets(hints: Iterable[LintHint]) -> dict[str, tuple[str, ...]]:
    """Return the facts of FACETS that `hints` hold, by tag; several where the packages differ."""
    found: dict[str, dict[str, None]] = {}
    for hint in hints:
        if hint.tag in FACETS and hint.severity == HintSeverity.CLASSIFICATION and hint.context:
            found.setdefault(hint.tag, {})[hint.context] = None
    return {tag: tuple(found[tag]) for tag in FACETS if tag in found}


def _comparable(job: LintJob) -> list[LintJob]:
    """Return `job` and the reports before it that can be compared with it, newest first. One query."""
    revision = job.revision
    earlier = Q(revision=revision) | revision.pushed_before("revision__")
    same = LintJob.objects.filter(
        earlier, revision__recipe=revision.recipe_id, revision__branch=revision.branch, state__in=_VERDICTS,
        stage=job.stage, suite=job.suite, mode=job.mode, tool=job.tool, tool_version=job.tool_version, profile=job.profile,
    )  # fmt: skip
    rows = same.select_related("revision").defer("log", "effects", "error", "revision__metadata", "revision__findings")
    return list(rows.order_by("-revision__pushed_at", "-revision_id")[:TREND_REVISIONS])


def _points(jobs: Sequence[LintJob]) -> tuple[TrendPoint, ...]:
    """Return the counts of `jobs`, oldest first. One query."""
    rows = LintHint.objects.filter(COUNTING, job__in=[job.pk for job in jobs]).order_by()
    counts: dict[int, dict[str, int]] = {}
    for job_id, severity, number in rows.values_list("job_id", "severity").annotate(number=Count("id")):
        counts.setdefault(job_id, {})[severity] = number
    return tuple(TrendPoint(job.revision.version, job.revision.commit, counts.get(job.pk, {})) for job in reversed(jobs))


def _changes(before: LintJob, hints: Sequence[LintHint]) -> HintChanges:
    """Return what differs between the report of `before` and `hints`. One query."""
    old, new = _faults(before.hints.order_by("position")), _faults(hints)
    return HintChanges(before, surplus(new, old), surplus(old, new))


def _faults(hints: Iterable[LintHint]) -> list[LintHint]:
    return [hint for hint in hints if hint.severity != HintSeverity.CLASSIFICATION]


def surplus(hints: list[LintHint], others: list[LintHint]) -> tuple[LintHint, ...]:
    """Return those of `hints` that `others` lacks. A hint that moved to another line of its file is the same one."""
    known = Counter(map(_key, others))
    result = []
    for hint in hints:
        if known[_key(hint)] > 0:
            known[_key(hint)] -= 1
        else:
            result.append(hint)
    return tuple(result)


def comparable_key(job: LintJob) -> tuple[str, ...]:
    """Return what two reports must share to be compared: `_comparable`'s rule, for reports that were read already."""
    return job.stage, job.suite, job.mode, job.tool, job.tool_version, job.profile


def _key(hint: LintHint) -> tuple[str, str, str, str]:
    return hint.package, hint.tag, hint.path, hint.context
