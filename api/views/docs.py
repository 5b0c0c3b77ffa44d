"""The page that describes the API to people."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..framework.documentation import documentation


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation and every shape of the schema. No query for a visitor."""
    return render(request, "api/docs.html", {"docs": documentation(), "portal_url": settings.PORTAL_URL})
