"""The door before Django: a visitor's request whose answer is kept is answered here, with the bytes that Django made."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from django.conf import settings
from django.http import HttpResponse, parse_cookie
from prometheus_client import Counter

from ..appearance import LOOK_COOKIE
from ..appearance import read as read_look
from ..languages import ENGLISH, is_for_programs, preferred
from .changes import ChangeSource, changes
from .middleware import marked
from .policy import MOST_SHARE, MOST_STANDING_SECONDS, Keeping, Scope
from .store import Answer, Store

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

_GIVEN = Counter("portal_ready_answers_given", "Requests that were answered with what was kept.")
# With any of these a request is somebody's own, or asks for more than the answer: Django sees to it.
_PERSONAL = (
    "HTTP_AUTHORIZATION", "HTTP_ORIGIN", "HTTP_RANGE", "HTTP_CACHE_CONTROL", "HTTP_PRAGMA", "HTTP_HX_REQUEST",
    "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_MATCH", "HTTP_CONTENT_LENGTH", "CONTENT_LENGTH",
    "HTTP_TRANSFER_ENCODING",
)  # fmt: skip
# What else decides about the answer, beside its language. The last two say by which address the portal was reached.
_KEY = (
    "PATH_INFO", "QUERY_STRING", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_HOST", "wsgi.url_scheme",
    "HTTP_X_FORWARDED_PROTO", "SCRIPT_NAME",
)  # fmt: skip
# An answer that varies by anything else is not kept. Authorization, Origin and HX-Request are in _PERSONAL; see _choices.
_KNOWN_VARY = frozenset(
    {"accept", "accept-encoding", "accept-language", "cookie", "authorization", "origin", "hx-request"}
)  # fmt: skip
# Headers about the one who asked, not about the answer. What is given from here is not counted against anybody's limit.
_OF_THE_ASKER = frozenset({"ratelimit", "ratelimit-policy", "retry-after"})
# What a 304 repeats of the answer (RFC 9110, 15.4.5), and what protects whoever reads it.
_IN_304 = frozenset({"cache-control", "content-location", "date", "etag", "expires", "vary", "last-modified"})


def with_ready_answers(application: Application) -> Application:
    """Return `application` behind the door, with the room that the settings give it; without room, as it is."""
    room = settings.RESPONSE_CACHE_MIB
    return ReadyAnswers(application, Store(room * 2**20), changes()) if room else application


class ReadyAnswers:
    """A WSGI application that asks `application` for what it does not keep.

    `most_standing` is how many seconds an answer about the catalogue may stand at most while the catalogue changes.
    """

    def __init__(
        self, application: Application, store: Store, known: ChangeSource, most_standing: float = MOST_STANDING_SECONDS
    ) -> None:
        self._application = application
        self._store = store
        self._changes = known
        self._most_standing = most_standing

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        choices = _choices(environ)
        if environ["REQUEST_METHOD"] != "GET" or choices is None or any(environ.get(name) for name in _PERSONAL):
            return self._application(environ, start_response)
        key = (*choices, *[environ.get(name) for name in _KEY])
        kept = self._store.get(key, self._changes.stamp)
        if kept is None:
            return self._ask(key, environ, start_response)
        _GIVEN.inc()
        if kept.etag and _matches(environ.get("HTTP_IF_NONE_MATCH", ""), kept.etag):
            start_response("304 Not Modified", [each for each in kept.headers if each[0].lower() in _IN_304])
            return []
        start_response(kept.status, list(kept.headers))
        return [kept.body]

    def _ask(self, key: tuple[Any, ...], environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Let Django answer, and keep the answer where it may be. The stamps are taken before anything is read."""
        path = str(environ.get("PATH_INFO", ""))
        recipe = _recipe_in(path)
        before = {name: self._changes.stamp(name) for name in {"", recipe}}
        began = time.monotonic()
        sent: list[tuple[str, Headers]] = []

        def start(status: str, headers: Headers, exc_info: _Exception | None = None) -> Any:
            sent.append((status, headers))
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        response = self._application(environ, start)
        mark = marked(response)
        if mark is not None and isinstance(response, HttpResponse) and sent and _may_be_kept(sent[0][1]):
            keeping, recipe = mark
            about = {name: before.get(name) for name in _about(keeping, recipe)}
            if None not in about.values():
                headers = tuple((name, value) for name, value in sent[0][1] if name.lower() not in _OF_THE_ASKER)
                answer = Answer(sent[0][0], headers, response.content, response.get("ETag", ""))
                stands = min(self._most_standing, (time.monotonic() - began) / MOST_SHARE)
                self._store.put(key, answer, about=about, seconds=keeping.seconds, stands=stands)
        return response


def _about(keeping: Keeping, recipe: str) -> set[str]:
    """Return what an answer is made of: names of recipes, and "" for the whole catalogue."""
    return {Scope.RECIPE: {recipe}, Scope.CATALOGUE: {""}, Scope.RECIPE_AMONG_OTHERS: {recipe, ""}}[keeping.scope]


_Exception = tuple[type[BaseException], BaseException, TracebackType]


def _choices(environ: dict[str, Any]) -> tuple[str, str] | None:
    """Return the language and the look of the answer; None where a cookie tells who asks, or anything else of him.

    The language itself, and not the header: browsers write the same wish in a hundred ways. The sign against forged forms says
    nothing: an answer with a form sets that cookie, and is not kept.
    """
    cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    chosen = cookies.pop(settings.LANGUAGE_COOKIE_NAME, "")
    look = read_look(cookies.pop(LOOK_COOKIE, "")).text
    cookies.pop(settings.CSRF_COOKIE_NAME, None)
    if cookies:
        return None
    if is_for_programs(environ.get("PATH_INFO", "")):
        return ENGLISH, look
    return preferred(environ.get("HTTP_ACCEPT_LANGUAGE", ""), chosen), look


def _recipe_in(path: str) -> str:
    """Return the last folder of a path: the name of the recipe, where the address is one's."""
    return path.rstrip("/").rpartition("/")[2]


def _may_be_kept(headers: Headers) -> bool:
    """Return whether an answer with these headers is the same for every visitor who asks in the same way."""
    for name, value in headers:
        lower = name.lower()
        if lower == "set-cookie":
            return False
        if lower == "cache-control" and ("private" in value or "no-store" in value):
            return False
        if lower == "vary" and not {each.strip().lower() for each in value.split(",")} <= _KNOWN_VARY:
            return False
    return True


def _matches(header: str, etag: str) -> bool:
    """Return whether If-None-Match names `etag`, by weak comparison (RFC 9110, 13.1.2)."""
    if not header:
        return False
    wanted = etag.removeprefix("W/")
    return header.strip() == "*" or any(each.strip().removeprefix("W/") == wanted for each in header.split(","))
