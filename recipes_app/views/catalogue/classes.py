"""The page that explains the classes of machine-learning models."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def classes(request: HttpRequest) -> HttpResponse:
    """Explain free, ToxicCandy and non-free, what decides between them, and how to object. No query."""
    return render(request, "classes.html")
