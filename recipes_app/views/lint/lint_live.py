"""The lint report's page, and the part of a page that tells how far lint is, alone: an open page asks for it till the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from recipes_app.etags import etag_of
from recipes_app.lint.protocol.stages import Stage
from recipes_app.models import LintJob, Revision
from recipes_app.services.builds import build_effects, lights
from recipes_app.services.core.permissions import acts_of
from recipes_app.services.lint import progress as lint_progress
from recipes_app.services.lint import reports, stages

from ..shared.access import revision_or_404
from .lint import report_context

REPORT, STAGES, LIGHTS = "report", "stages", "lights"


def live_context(request: HttpRequest, revision: Revision, jobs: Sequence[LintJob], part: str) -> dict[str, Any]:
    """Return what `part` of a page needs to be replaced by a newer one as long as something of `jobs` has no end."""
    progress = lint_progress.progress_of(jobs)
    address = reverse("lint_state", args=[revision.recipe.name, revision.commit])
    return {
        "progress": progress,
        "live_address": f"{address}?part={part}",
        "live_etag": _etag(request, part, jobs, progress.place),
    }


def stages_context(request: HttpRequest, revision: Revision) -> dict[str, Any]:
    """Return what `recipes/_revision_stages.html` shows, and what else `lint` says of the revision. Three queries at most."""
    lint = reports.lint_of(revision)
    jobs = lint.jobs if lint else ()
    return {
        "recipe": revision.recipe,
        "revision": revision,
        "lint": lint,
        "stages": list(Stage),
        "matrix": stages.matrix(jobs),
        **live_context(request, revision, jobs, STAGES),
    }


def lights_context(request: HttpRequest, revision: Revision) -> dict[str, Any]:
    """Return what `recipes/_lights_card.html` shows of a revision: lights, and what its build installs. Four queries at most."""
    jobs = stages.jobs_of(revision)
    return {
        "recipe": revision.recipe,
        "revision": revision,
        "lights": lights.rows_of(revision, jobs),
        "installs": build_effects.installed_by(revision, jobs),
        **live_context(request, revision, jobs, LIGHTS),
    }


def _report_part(request: HttpRequest, revision: Revision) -> dict[str, Any]:
    context = report_context(revision)
    jobs = context["lint"].jobs if context["lint"] else ()
    return {**context, "may": acts_of(request.user, revision.recipe), **live_context(request, revision, jobs, REPORT)}


@require_safe
def lint_report(request: HttpRequest, name: str, commit: str) -> HttpResponse:
    """Show each stage with its log, each hint with its place and its explanation; what changed, and the trend. Nine queries."""
    revision = revision_or_404(name, commit)
    return render(request, "recipes/lint.html", _report_part(request, revision))


_PARTS: dict[str, tuple[str, Callable[[HttpRequest, Revision], dict[str, Any]]]] = {
    REPORT: ("recipes/_lint_report.html", _report_part),
    STAGES: ("recipes/_revision_stages.html", stages_context),
    LIGHTS: ("recipes/_lights_card.html", lights_context),
}


@require_safe
@cache_control(private=True, no_cache=True)
def lint_state(request: HttpRequest, name: str, commit: str) -> HttpResponse:
    """Return one part of the page of a lint report (`part=report`), a revision (`part=stages`) or a recipe (`part=lights`).

    Who has it as it is gets 304, for two queries: the jobs, and the place in the queue. An account costs its own beside.
    """
    part = request.GET.get("part", "")
    part = part if part in _PARTS else REPORT
    template, context_of = _PARTS[part]
    jobs = lint_progress.jobs_at(name, commit)
    etag = _etag(request, part, jobs, lint_progress.place_of(jobs))
    response = get_conditional_response(request, etag=etag) if jobs else None
    if response is None:
        revision = revision_or_404(name, commit)
        response = render(request, template, context_of(request, revision))
    response.headers["ETag"] = etag
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def _etag(request: HttpRequest, part: str, jobs: Sequence[LintJob], place: int) -> str:
    """Return a weak tag of all that the part shows but for times that pass by themselves. Words and buttons are the reader's."""
    facts: list[object] = [part, get_language(), request.user.pk, place]
    for job in stages.standing(jobs):
        facts += [job.pk, job.state, job.attempts, job.started_at, job.finished_at]
    return etag_of(facts, weak=True)
