"""An account's public page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from recipes_app.models import User
from recipes_app.services.catalogue import catalogue


@require_safe
def user(request: HttpRequest, username: str) -> HttpResponse:
    """Show who this is and what they maintain. Two queries."""
    shown = get_object_or_404(User, username=username)
    if not shown.is_active:
        # Its name stands beside revisions and in the log, and leads here.
        return render(request, "users/deleted.html", {"username": username}, status=410)
    return render(request, "users/user.html", {"shown_user": shown, "recipes": catalogue.maintained_by(shown)})
