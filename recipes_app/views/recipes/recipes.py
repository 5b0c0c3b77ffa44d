"""A recipe's page, and its revisions."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import LintState, Recipe, Revision
from recipes_app.services.catalogue import build_plans, catalogue
from recipes_app.services.gates import confirmations, provenance, stops, trust_facts
from recipes_app.services.gates.provenance import Provenance
from recipes_app.services.lint import reports, runners
from recipes_app.services.publishing import reviews

from ..lint.lint_live import lights_context, stages_context
from ..shared.access import recipe_or_404, revision_or_404
from .build_steps import builds_of
from .comments import comments_section
from .held_revisions import waiting_acts
from .readme import readme_of
from .standing import model_section, standing_section


@require_safe
def recipe(request: HttpRequest, name: str) -> HttpResponse:
    """Show what the recipe's current revision says, and what people say about it. At most eleven queries for a visitor."""
    found = recipe_or_404(name)
    context: dict[str, Any] = {
        "recipe": found,
        "revision": found.current,
        "stop": stops.stop_of(found, found.current),
        **comments_section(request, found),
        **standing_section(request, found),
    }
    if found.current is not None:
        found.current.recipe = found
        context |= _everything(request, found, found.current)
        around = catalogue.surroundings(found, build_plans.related_names(found.current.data))
        context |= {"required_by": around.required_by, "providers": around.providers}
        context["trust"] = trust_facts.facts_of(found, found.current)
        # What is stopped is not sold: its page says what to do for who has built it.
        context["builds"] = [] if context["stop"] else builds_of(found.current, around.sources)
        context |= lights_context(request, found.current)
        context["lint_state"] = found.lint_state
        context["has_no_runner"] = found.lint_state == LintState.QUEUED and not runners.is_any_there()
        numbers = reports.numbers_of(found.current)
        context["hint_counts"] = numbers.counts if numbers else {}
    return render(request, "recipes/recipe.html", context)


@require_safe
def revisions(request: HttpRequest, name: str) -> HttpResponse:
    """List the recipe's branches and what was pushed to it, newest first."""
    found = recipe_or_404(name)
    page = Paginator(catalogue.history(found), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"recipe": found, "page": page, "branches": catalogue.branches(found)}
    return render(request, "recipes/revisions.html", context)


@require_safe
def revision(request: HttpRequest, name: str, commit: str) -> HttpResponse:
    """Show what one push brought, and everything that the recipe said then."""
    found = revision_or_404(name, commit)
    live = stages_context(request, found)
    lint, hold = live["lint"], getattr(found, "hold", None)
    context = {
        **live,
        "previous": catalogue.previous_revision(found),
        "lint_state": lint.state if lint else "",
        "hint_counts": reports.hint_counts(lint.jobs) if lint else {},
        "stop": stops.stop_of(found.recipe, found),
        "hold": hold,
        "came_by": Provenance.from_json(found.came_by),
        "identity": list(provenance.changes(catalogue.published_before(found), Provenance.from_json(found.came_by)))
        if found.came_by
        else [],
        "confirmations": confirmations.newest_of(lint.jobs) if lint else None,
        "waiting_acts": waiting_acts(request, found, hold),
        "forecast": reviews.forecast() if hold is not None and found.review == Revision.Review.HELD else None,
        **_everything(request, found.recipe, found),
        "providers": catalogue.providers(build_plans.related_names(found.data)),
    }
    return render(request, "recipes/revision.html", context)


def _everything(request: HttpRequest, recipe: Recipe, revision: Revision) -> dict[str, Any]:
    """Return what the sections of a recipe's and a revision's page are made of. One query at most, and one look into git."""
    metadata = revision.data
    return {
        "metadata": metadata,
        "readme": readme_of(request, recipe, revision),
        **model_section(recipe, revision),
    }
