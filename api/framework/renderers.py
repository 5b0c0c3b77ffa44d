"""A page for people who open an address of the API in a browser. DRF's own needs inline styles, which our CSP forbids."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.utils.encoders import JSONEncoder

_ENCODER = JSONEncoder()
_ORJSON = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


class PageRenderer(BaseRenderer):
    """The answer as indented JSON in the site's frame, links to this portal made clickable."""

    media_type = "text/html"
    format = "html"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None) -> str:
        """Return the page for `data`. Everything in it is escaped: recipes are hostile input."""
        given = renderer_context or {}
        request, response, view = given["request"], given["response"], given["view"]
        text = json.dumps(data, indent=2, ensure_ascii=False, cls=JSONEncoder)
        context = {
            "title": view.get_view_name(),
            "address": f"{settings.PORTAL_URL}{request.get_full_path()}",
            "method": request.method,
            "status": f"{response.status_code} {response.status_text}",
            "lines": [linked(line) for line in text.splitlines()],
        }
        return render_to_string("api/answer.html", context, request=getattr(request, "_request", request))


class QuickRenderer(JSONRenderer):
    """JSON by orjson: the bytes of DRF's own renderer in a tenth of its time."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return the bytes. What orjson does not take (an indent that is asked for, numbers beyond 64 bits) is DRF's to write."""
        if data is None or self.get_indent(accepted_media_type or "", dict(renderer_context or {})) is not None:
            return bytes(super().render(data, accepted_media_type, renderer_context))
        try:
            text = orjson.dumps(data, default=_ENCODER.default, option=_ORJSON)
        except orjson.JSONEncodeError:
            return bytes(super().render(data, accepted_media_type, renderer_context))
        # Line ends for JavaScript, and for nobody else; DRF escapes them.
        return text.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")


class PatchRenderer(BaseRenderer):
    """A difference as text that `git apply` takes: bytes as git wrote them."""

    media_type = "text/x-diff"
    format = "diff"
    charset = None
    render_style = "binary"
    problems_as_json = True

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """Return the patch itself."""
        return bytes(data)


class SuggestionsRenderer(QuickRenderer):
    """OpenSearch suggestions: JSON with a media type of its own."""

    media_type = "application/x-suggestions+json"
    format = "suggestions"
    problems_as_json = True


def linked(line: str) -> str:
    """Return a line of indented JSON as HTML; a string that is an address of this portal becomes a link."""
    before, quote, rest = line.partition(f'"{settings.PORTAL_URL}/')
    address, end, after = rest.partition('"')
    # A template with {name} leads nowhere; a backslash would be JSON's own escape.
    if not quote or not end or any(sign in address for sign in "{\\"):
        return escape(line)
    whole = escape(f"{settings.PORTAL_URL}/{address}")
    return mark_safe(f'{escape(before)}"<a href="{whole}">{whole}</a>"{escape(after)}')  # noqa: S308 - every part is escaped
