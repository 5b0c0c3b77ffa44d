"""What happened to a recipe: its security page (hands, holds, quarantine, log) and its activity."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recipes_app.limits import EVENTS_SHOWN, WEEKS_PLOTTED
from recipes_app.models import Hold
from recipes_app.services.audit import log_reading
from recipes_app.services.catalogue import votes
from recipes_app.services.gates import stops
from recipes_app.services.history import activity

from ..shared.access import recipe_or_404
from ..shared.actions import row_number


@require_safe
def security(request: HttpRequest, name: str) -> HttpResponse:
    """Show who had the recipe, what was held or stopped and why, and its lines of the log. Three queries for a visitor."""
    recipe = recipe_or_404(name)
    holds = Hold.objects.filter(revision__recipe=recipe).exclude(reasons=[]).select_related("revision")
    context = {
        "recipe": recipe,
        "revision": recipe.current,
        "stop": stops.stop_of(recipe, recipe.current) if recipe.quarantined_at else None,
        "holds": holds.defer("revision__metadata", "revision__findings").order_by("-created_at", "-id")[:EVENTS_SHOWN],
        "log_page": log_reading.read(request.user, recipe=recipe.name, before=row_number(request.GET.get("before", ""))),
    }
    return render(request, "recipes/security.html", context)


@require_safe
def activity_page(request: HttpRequest, name: str) -> HttpResponse:
    """Show the newest events of the recipe, and its votes by week. Six queries at most for a visitor."""
    recipe = recipe_or_404(name)
    context = {
        "recipe": recipe,
        "revision": recipe.current,
        "events": activity.of(recipe, EVENTS_SHOWN),
        "votes_by_week": votes.weekly(recipe, WEEKS_PLOTTED),
    }
    return render(request, "recipes/activity.html", context)
