"""The first page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..limits import RECENT_ON_HOME
from ..services import catalogue


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is, the search box, what was updated last, and how much there is. Three queries."""
    context = {"recent": catalogue.recent(RECENT_ON_HOME), "statistics": catalogue.statistics()}
    return render(request, "home.html", context)
