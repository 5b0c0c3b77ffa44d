"""Which language an answer is in. Pages are translated; programs are always answered in English, whose texts are stable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation.trans_real import LANGUAGE_CODE_MAX_LENGTH

ENGLISH = "en"
# What programs read: the API, git over HTTP and the figures for monitoring. git sends the language of its user along, and prints
# what it is answered beside its own words.
_FOR_PROGRAMS = ("/api/v1/", "/git/", "/metrics")


def is_for_programs(path: str) -> bool:
    """Return whether the address `path` is one that programs read, whatever language their user prefers."""
    return path.startswith(_FOR_PROGRAMS)


def preferred(accept_language: str, chosen: str = "") -> str:
    """Return the language of ours that a visitor gets: `chosen` by the cookie, where it is one of ours.

    Or else the one that the header Accept-Language prefers (RFC 9110, 12.5.4), or the site's own. It is what Django finds, and
    can be asked before there is a request.
    """
    # Django reads no more of the header; cut, what is remembered is bounded, whatever anybody sends.
    return _preferred(accept_language[: LANGUAGE_CODE_MAX_LENGTH + 1], chosen[: LANGUAGE_CODE_MAX_LENGTH + 1])


@lru_cache(maxsize=1_000)
def _preferred(accept_language: str, chosen: str) -> str:
    request = HttpRequest()
    request.META["HTTP_ACCEPT_LANGUAGE"] = accept_language
    if chosen:
        request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = chosen
    return translation.get_language_from_request(request)


@contextmanager
def english() -> Iterator[None]:
    """Write texts in English meanwhile: for what is kept in the record, where it is read in every language."""
    with translation.override(ENGLISH):
        yield


@checks.register()
def compiled(**_options: Any) -> list[checks.CheckMessage]:
    """Warn where a catalogue is not compiled, or older than its words: pages would be in English, and nobody be told why."""
    found: list[checks.CheckMessage] = []
    for source in (source for folder in settings.LOCALE_PATHS for source in Path(folder).glob("*/LC_MESSAGES/*.po")):
        made = source.with_suffix(".mo")
        if not made.is_file() or made.stat().st_mtime < source.stat().st_mtime:
            hint = f"msgfmt --check-format --output-file {made} {source}"
            found.append(checks.Warning(f"{source} is not compiled: its language is not shown.", hint=hint, id="portal.W001"))
    return found
