"""What the lint report of a revision shows, and what can be done about its stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from recipes_app.limits import MAX_HINTS_SHOWN
from recipes_app.lint.protocol.report import HintSeverity
from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintJob, Revision
from recipes_app.services.builds import build_effects, lights
from recipes_app.services.lint import actions, reading, reports, stages
from recipes_app.services.lint.reports import ExplainedHint

from ..shared.access import revision_or_404
from ..shared.labels import HINT_SEVERITIES
from ..shared.refusals import forbidden_page, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required
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


def report_context(revision: Revision) -> dict[str, Any]:
    """Return what `recipes/_lint_report.html` shows of the report itself: each stage, each hint, what changed, the trend."""
    lint = reports.lint_of(revision)
    jobs = lint.jobs if lint else ()
    hints = reports.hints_with_explanations(jobs) if lint else []
    history = lint.history(hints) if lint else reading.History()
    return {
        "recipe": revision.recipe,
        "revision": revision,
        "lint": lint,
        "stages": list(Stage),
        "matrix": stages.matrix(jobs),
        "lights": lights.rows_of(revision, jobs),
        "installs": build_effects.installed_by(revision, jobs),
        "logs": reports.logs_of(jobs),
        **_sections(hints),
        "hint_number": len(hints),
        "hints_shown": MAX_HINTS_SHOWN,
        "facets": reading.facets(each.hint for each in hints),
        "changes": history.changes,
        "trend": draw_trend(history.points),
    }


@account_required
@require_POST
def lint_act(request: AccountRequest, name: str, commit: str, job_id: int) -> HttpResponse:
    """Run a stage of the revision again, or cancel it with `act=cancel`."""
    revision = revision_or_404(name, commit)
    job = get_object_or_404(LintJob, pk=job_id, revision=revision)
    job.revision = revision
    with forbidden_page(), said_on_next_page(request):
        if request.POST.get("act") == "cancel":
            actions.cancel(request.user, job)
            messages.success(request, _("It is cancelled."))
        else:
            actions.retry(request.user, job)
            messages.success(request, _("It runs again as soon as a runner is free; the old report stands until then."))
    return redirect("lint", name, commit)


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
