"""Answers of the API in fewer bytes, where the client asks for it: zstd (RFC 8878) or gzip.

An attacker who sees lengths can guess a secret that stands in an answer beside text of his own (BREACH). Such secrets are in
pages of a session, so those are left as they are; what a token is sent for cannot be asked for by a foreign page. gzip is
Django's, which pads by a random length besides.
"""

from __future__ import annotations

from collections.abc import Callable

import zstandard
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

# Below this a header costs what the compression saves: one packet stays one packet.
_SMALLEST = 860
# The level of zstd's own default: 100 kB of JSON in half a millisecond.
_ZSTD_LEVEL = 3
_PATH = "/api/"
_COMPRESSIBLE = (
    "application/json",
    "application/problem+json",
    "application/x-suggestions+json",
    "application/atom+xml",
    "text/",
)

Handler = Callable[[HttpRequest], HttpResponseBase]


def compression(get_response: Handler) -> Handler:
    """Compress what is worth it, never twice, and say in Vary that it depends on Accept-Encoding."""
    gzip = GZipMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path.startswith(_PATH) or not isinstance(response, HttpResponse):
            return response
        if not response.get("Content-Type", "").startswith(_COMPRESSIBLE) or response.has_header("Content-Encoding"):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        if len(response.content) < _SMALLEST or settings.SESSION_COOKIE_NAME in request.COOKIES:
            return response
        coding = preferred(request.headers.get("Accept-Encoding", ""))
        if coding == "zstd":
            return _zstd(response)
        return gzip.process_response(request, response) if coding == "gzip" else response

    return middleware


def preferred(accepted: str) -> str:
    """Return the coding of ours that an Accept-Encoding header weighs highest, zstd where it does not care; "" for none."""
    weights = {}
    for part in accepted.split(","):
        name, _, parameters = part.partition(";")
        weights[name.strip().lower()] = _weight(parameters)
    known = {coding: weights.get(coding, weights.get("*", 0.0)) for coding in ("zstd", "gzip")}
    best = max(known, key=lambda coding: known[coding])
    return best if known[best] > 0 else ""


def _weight(parameters: str) -> float:
    """Return the q of a member of the list (RFC 9110, 12.4.2); what cannot be read is no wish for it."""
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return max(0.0, min(1.0, float(value))) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0


def _zstd(response: HttpResponse) -> HttpResponse:
    """Return the answer compressed. Its tag becomes a weak one: the same answer in other bytes."""
    compressed = zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(response.content)
    if len(compressed) >= len(response.content):
        return response
    response.content = compressed
    response["Content-Encoding"] = "zstd"
    response["Content-Length"] = str(len(compressed))
    tag = response.get("ETag", "")
    if tag.startswith('"'):
        response["ETag"] = f"W/{tag}"
    return response
