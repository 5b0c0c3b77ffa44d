"""The first page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recipes_app.limits import RECENT_ON_HOME
from recipes_app.services.catalogue import catalogue
from recipes_app.services.catalogue import home as home_content
from recipes_app.services.moderation import news


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is, the search box, what is recent, trending, new, and how much there is.

    Nine queries, four where counts and the course of the last weeks are in the cache.
    """
    context = {
        "recent": catalogue.recent(RECENT_ON_HOME),
        "trending": home_content.trending(),
        "newest": home_content.newest(),
        "news": news.shown(),
        "statistics": catalogue.counted(),
        "course": home_content.course(),
    }
    return render(request, "home.html", context)
