"""What every page says to the account that reads it: what it has to do before it can do what it came for."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from recipes_app.models import Rank, User
from recipes_app.services.accounts import terms
from recipes_app.services.core.permissions import has_second_factor


def account(request: HttpRequest) -> dict[str, Any]:
    """Return what banners and links depend on; a query, where a page of staff asks whether the second factor is missing."""
    user = getattr(request, "user", None)
    return {
        "lacks_second_factor": partial(_lacks_second_factor, user),
        "other_sites": bool(settings.OIDC_SERVER_URL),
        "terms_are_new": isinstance(user, User) and terms.must_accept(user),
    }


def _lacks_second_factor(user: object) -> bool:
    if not isinstance(user, User) or user.rank not in (Rank.MODERATOR, Rank.ADMINISTRATOR):
        return False
    return settings.STAFF_NEEDS_SECOND_FACTOR and not has_second_factor(user)
