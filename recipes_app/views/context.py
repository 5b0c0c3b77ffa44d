"""What every template knows of the site."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the name and the address of the site."""
    return {"SITE_NAME": settings.SITE_NAME, "PORTAL_URL": settings.PORTAL_URL}
