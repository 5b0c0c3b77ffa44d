"""503: the portal cannot answer now, and may in a moment. A page for browsers, a problem for programs, a line for git."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.views import defaults

from api.framework.problems import KINDS, PROBLEM_MEDIA_TYPE, problem_body
from recipes_app.limits import RETRY_AFTER_SECONDS
from recipes_app.services.core.retrying import is_unavailable

from .places import NO_PLACE

logger = logging.getLogger(__name__)


def places(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Refuse a long request for which there is no place, before anything of it is read."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return unavailable(request) if request.META.get(NO_PLACE) else get_response(request)

    return middleware


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error that nothing caught (Django's handler500): 503 where the database is busy or away, else 500."""
    error = sys.exc_info()[1]
    if error is not None and is_unavailable(error):
        logger.warning("%s %s: the database is busy or away: %s", request.method, request.path, error)
        return unavailable(request)
    return defaults.server_error(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Return the answer 503 in the words that fit who asks; it asks neither the database nor a session."""
    answer: HttpResponse
    if request.path.startswith("/git/"):
        said = "the server is busy or its database is away: nothing was changed, try again in a moment\n"
        answer = HttpResponse(said, content_type="text/plain; charset=utf-8")
    elif request.path.startswith("/api/"):
        kind = KINDS["unavailable"]
        answer = JsonResponse(problem_body(kind, kind.meaning), content_type=PROBLEM_MEDIA_TYPE)
    else:
        answer = render(None, "503.html")
    answer.status_code = 503
    answer["Retry-After"] = str(RETRY_AFTER_SECONDS)
    add_never_cache_headers(answer)
    return answer
