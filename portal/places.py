"""Places for long requests: clones, pushes and uploads may hold a part of a web process's threads, and pages keep the others.

A clone lasts as long as its reader likes, a push as long as its writer does. So many of them at once would leave no thread for
the first page; who comes when all places are taken is told to come again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings

from recipes_app.limits import LONG_REQUESTS_SHARE

Application = Callable[..., Iterable[bytes]]

# Set in the environment of a request for which there is no place: Django answers it (portal/unavailable.py).
NO_PLACE = "portal.no_place"
_LONG = ("/git/", "/submit/")


def with_places(application: Application) -> Application:
    """Return `application`, of whose threads (settings.WEB_THREADS) long requests hold LONG_REQUESTS_SHARE at most, and one."""
    return Places(application, max(1, min(settings.WEB_THREADS - 1, int(settings.WEB_THREADS * LONG_REQUESTS_SHARE))))


class Places:
    """A WSGI application that lets `number` long requests into `application` at a time."""

    def __init__(self, application: Application, number: int) -> None:
        self._application = application
        self._places = threading.BoundedSemaphore(number)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request; a long one gives its place back when its answer is closed."""
        if environ["REQUEST_METHOD"] != "POST" or not str(environ.get("PATH_INFO", "")).startswith(_LONG):
            return self._application(environ, start_response)
        if not self._places.acquire(blocking=False):
            environ[NO_PLACE] = True
            return self._application(environ, start_response)
        try:
            return _Answer(self._application(environ, start_response), self._places.release)
        except BaseException:
            self._places.release()
            raise


class _Answer:
    """An answer that tells when it is over: the server closes what it was given, whatever became of it (PEP 3333)."""

    def __init__(self, answer: Iterable[bytes], over: Callable[[], None]) -> None:
        self._answer = answer
        self._over = over

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        """End the answer, once."""
        over, self._over = self._over, lambda: None
        try:
            if hasattr(self._answer, "close"):
                self._answer.close()
        finally:
            over()
