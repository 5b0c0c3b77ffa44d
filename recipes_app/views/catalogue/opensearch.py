"""The site's search as browsers take it up: OpenSearch 1.1, with suggestions from the API."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe


@require_safe
@cache_control(public=True, max_age=86_400)
def description(request: HttpRequest) -> HttpResponse:
    """Return the description that a page's `rel="search"` leads to. No query."""
    context = {"portal_url": settings.PORTAL_URL, "site": settings.SITE_NAME[:16]}
    return render(request, "opensearch.xml", context, content_type="application/opensearchdescription+xml")
