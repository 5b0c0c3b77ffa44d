"""The least that Django can do: a view that returns bytes from memory, without middleware. A settings module and application.

BARE_BODIES names a file of lines of JSON, path and body, as `benchmarks.counting bodies` prints them.
"""

import json
import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import re_path

SECRET_KEY = "not-used"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.bare"
MIDDLEWARE: list[str] = []
INSTALLED_APPS: list[str] = []
USE_TZ = True

_bodies: dict[str, bytes] = {}


def bare(request: HttpRequest) -> HttpResponse:
    """Return the body of the address."""
    if not _bodies:
        lines = Path(os.environ["BARE_BODIES"]).read_text(encoding="utf-8").splitlines()
        _bodies.update({path: body.encode() for path, body in map(json.loads, lines)})
    return HttpResponse(_bodies.get(request.path, b"{}"), content_type="application/json")


urlpatterns = [re_path("", bare)]

if os.environ.get("DJANGO_SETTINGS_MODULE") == "benchmarks.bare":
    application = get_wsgi_application()
