"""The lint report of a revision."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..limits import MAX_HINTS_SHOWN
from ..services import catalogue
from ..services.catalogue import ExplainedHint
from .access import revision_or_404
from .labels import HINT_SEVERITIES


@dataclass
class TagGroup:
    """All hints of one tag that are shown, with the tag's explanation once."""

    tag: str
    explanation_html: str
    see_also: tuple[str, ...]
    hints: list[ExplainedHint]


@dataclass
class SeverityGroup:
    """The tags of one severity, in the order of the report."""

    severity: str
    tags: list[TagGroup]
    number: int


@require_safe
def lint_report(request: HttpRequest, name: str, commit: str) -> HttpResponse:
    """Show each hint with its context, its place and what its tool says about it. Five queries."""
    revision = revision_or_404(name, commit)
    job = catalogue.latest_lint_job(revision)
    hints = catalogue.hints_with_explanations(job) if job else []
    context = {
        "recipe": revision.recipe,
        "revision": revision,
        "job": job,
        "groups": group_hints([each for each in hints if not each.hint.overridden][:MAX_HINTS_SHOWN]),
        "overridden": group_hints([each for each in hints if each.hint.overridden][:MAX_HINTS_SHOWN]),
        "hint_number": len(hints),
        "hints_shown": MAX_HINTS_SHOWN,
    }
    return render(request, "recipes/lint.html", context)


def group_hints(hints: list[ExplainedHint]) -> list[SeverityGroup]:
    """Return the hints by severity, worst first, and within by tag. A severity that this version does not know comes last."""
    order = {severity: position for position, severity in enumerate(HINT_SEVERITIES)}
    groups: dict[str, dict[str, TagGroup]] = {}
    for each in sorted(hints, key=lambda each: order.get(each.hint.severity, len(order))):
        tags = groups.setdefault(each.hint.severity, {})
        group = tags.setdefault(each.hint.tag, TagGroup(each.hint.tag, each.explanation_html, each.see_also, []))
        group.hints.append(each)
    return [
        SeverityGroup(severity, list(tags.values()), sum(len(tag.hints) for tag in tags.values()))
        for severity, tags in groups.items()
    ]
