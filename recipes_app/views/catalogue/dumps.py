"""The dumps: a page that lists them, and the files. In production the web server in front can serve the folder itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recipes_app.services.dumps import making, signature

_TYPES: Mapping[str, str] = {".gz": "application/gzip", ".zst": "application/zstd", ".xz": "application/x-xz"}
# A dump is made each five minutes: who asks in between gets what a cache has.
_CACHE_CONTROL = "public, max-age=60"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show what there is, and how to check it. No query."""
    context: dict[str, Any] = {"files": [], "signer": signature.SIGNER, "namespace": signature.NAMESPACE}
    current = _current()
    if current is not None:
        listed = (line.split(maxsplit=1) for line in (current / making.SUMS).read_text("ascii").splitlines())
        sums = {name: digest for digest, name in listed}
        context |= {
            "serial": (current / making.SERIAL).read_text("ascii").strip(),
            "made_at": datetime.fromtimestamp((current / making.SERIAL).stat().st_mtime, tz=UTC),
            "files": [
                {"name": name, "size": (current / name).stat().st_size, "sha256": sums.get(name, "")} for name in making.SERVED
            ],
            "portal_url": settings.PORTAL_URL,
        }
    return render(request, "dumps.html", context)


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Send one file of the newest dump. No query. Raises Http404."""
    current = _current()
    if name not in making.SERVED or current is None:
        raise Http404(_("There is no such file among the dumps, or none was made yet."))
    # Opened before anything is said about it: a dump that goes meanwhile stays readable.
    content = (current / name).open("rb")
    modified = int(Path(content.name).stat().st_mtime)
    etag = f'"{current.name}-{name}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag, last_modified=modified)
    if answer is None:
        answer = FileResponse(content, content_type=_TYPES.get(Path(name).suffix, "text/plain; charset=utf-8"))
    else:
        content.close()
    answer["ETag"], answer["Last-Modified"], answer["Cache-Control"] = etag, http_date(modified), _CACHE_CONTROL
    return answer


def _current() -> Path | None:
    """Return the folder of the newest dump itself, so that its files belong together; None where there is none."""
    link = making.folder() / making.CURRENT
    return link.resolve() if link.exists() else None
