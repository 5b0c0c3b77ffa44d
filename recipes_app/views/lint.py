"""The lint report of a revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..limits import MAX_HINTS_SHOWN
from ..lint.report import HintSeverity
from ..services import catalogue, lint_reading
from ..services.catalogue import ExplainedHint
from .access import revision_or_404
from .labels import HINT_SEVERITIES
from .trend import draw_trend


@dataclass
class TagGroup:
    """All hints of one tag that are shown, with the tag's explanation, and the reason why it does not count, once."""

    tag: str
    explanation_html: str
    see_also: tuple[str, ...]
    reason: str
    hints: list[ExplainedHint]

    @classmethod
    def of(cls, first: ExplainedHint) -> Self:
        """Return the group that `first` opens, still empty."""
        return cls(first.hint.tag, first.explanation_html, first.see_also, first.hint.reason, [])


@dataclass
class SeverityGroup:
    """The tags of one severity, in the order of the report."""

    severity: str
    tags: list[TagGroup]
    number: int


@require_safe
def lint_report(request: HttpRequest, name: str, commit: str) -> HttpResponse:
    """Show each hint with its context, its place and what its tool says about it; what changed, and the trend. Eight queries."""
    revision = revision_or_404(name, commit)
    job = catalogue.latest_lint_job(revision)
    hints = catalogue.hints_with_explanations(job) if job else []
    rows = [each.hint for each in hints]
    history = lint_reading.history_of(job, rows) if job else lint_reading.History()
    context = {
        "recipe": revision.recipe,
        "revision": revision,
        "job": job,
        **_sections(hints),
        "hint_number": len(hints),
        "hints_shown": MAX_HINTS_SHOWN,
        "facets": lint_reading.facets(rows),
        "changes": history.changes,
        "trend": draw_trend(history.points),
    }
    return render(request, "recipes/lint.html", context)


def _sections(hints: list[ExplainedHint]) -> dict[str, list[SeverityGroup]]:
    """Return the hints in the parts of the page: what is to be mended, what does not count here, what is overridden, facts."""
    parts: dict[str, list[ExplainedHint]] = {"groups": [], "discounted": [], "overridden": [], "classified": []}
    for each in hints:
        if each.hint.severity == HintSeverity.CLASSIFICATION:
            parts["classified"].append(each)
        elif each.hint.overridden:
            parts["overridden"].append(each)
        else:
            parts["discounted" if each.hint.reason else "groups"].append(each)
    return {part: group_hints(members[:MAX_HINTS_SHOWN]) for part, members in parts.items()}


def group_hints(hints: list[ExplainedHint]) -> list[SeverityGroup]:
    """Return the hints by severity, worst first, and within by tag. A severity that this version does not know comes last."""
    order = {severity: position for position, severity in enumerate(HINT_SEVERITIES)}
    groups: dict[str, dict[str, TagGroup]] = {}
    for each in sorted(hints, key=lambda each: order.get(each.hint.severity, len(order))):
        tags = groups.setdefault(each.hint.severity, {})
        group = tags.setdefault(each.hint.tag, TagGroup.of(each))
        group.hints.append(each)
    return [
        SeverityGroup(severity, list(tags.values()), sum(len(tag.hints) for tag in tags.values()))
        for severity, tags in groups.items()
    ]
