"""What every template knows of the site."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from recipes_app.models import User
from recipes_app.services.gates import incident
from recipes_app.services.notifications import inbox

from .appearance import look_of


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's name, its address, the reader's look, and how many messages are unread (a query, where shown).

    Every page says the incident level, where it is not normal.
    """
    return {
        "SITE_NAME": settings.SITE_NAME,
        "PORTAL_URL": settings.PORTAL_URL,
        "look": look_of(request),
        "unread_messages": partial(_unread, request),
        "incident": incident.notice,
    }


def _unread(request: HttpRequest) -> int:
    """Return the number for who is signed in. A page about an error can come before anybody is known."""
    user = getattr(request, "user", None)
    return inbox.unread_count(user) if isinstance(user, User) else 0
