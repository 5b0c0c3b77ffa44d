"""Answers that a client has already: ETags from what an answer is made of, before it is made (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from rest_framework.request import Request

_HEX_DIGITS = 32


class NotModified(Exception):
    """The client has the answer already."""


@dataclass(frozen=True)
class Validators:
    """What says whether two answers of one address are the same."""

    etag: str
    modified: datetime | None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of an answer that has them."""
        headers = {"ETag": self.etag}
        if self.modified is not None:
            headers["Last-Modified"] = http_date(self.modified.timestamp())
        return headers


def validators(request: Request, facts: Iterable[Any], modified: datetime | None, *, exact: bool) -> Validators:
    """Return the validators of an answer that follows from `facts`: rows, plain values, and what is made of them.

    Who asks, in which media type, is a part of them. The tag is weak but for `exact` answers, whose bytes never change.
    """
    digest = hashlib.sha256()
    for piece in (settings.SPECTACULAR_SETTINGS["VERSION"], request.accepted_media_type, getattr(request.user, "pk", None)):
        digest.update(f"{piece!r}\n".encode())
    for piece in _flat(facts):
        digest.update(f"{piece!r}\n".encode("utf-8", "backslashreplace"))
    tag = f'"{digest.hexdigest()[:_HEX_DIGITS]}"'
    return Validators(tag if exact else f"W/{tag}", modified)


def check(request: Request, known: Validators, *, by_time: bool) -> None:
    """Raise NotModified where the request says that the client has this answer.

    Its time alone proves that only with `by_time`: a vote changes an answer and no time in it.
    """
    seconds = int(known.modified.timestamp()) if by_time and known.modified else None
    answer = get_conditional_response(request._request, etag=known.etag, last_modified=seconds)
    if answer is not None and answer.status_code == 304:
        raise NotModified


# Changes at each sign-in, and stands in no answer.
_UNSEEN = frozenset({"last_login"})


def _flat(facts: Any, within: tuple[Model, ...] = ()) -> Iterator[Any]:
    """Yield the plain values in `facts`: a row is the values of its columns, and of related rows that are loaded.

    `within` are the rows that led here: a row and the one that belongs to it know each other.
    """
    if isinstance(facts, Model):
        if any(facts is each for each in within):
            return
        yield type(facts).__name__
        columns = [value for name, value in sorted(vars(facts).items()) if not name.startswith("_") and name not in _UNSEEN]
        related = [value for _name, value in sorted(facts._state.fields_cache.items()) if value is not None]
        yield from _flat([columns, related], (*within, facts))
    elif isinstance(facts, Mapping):
        yield from _flat(sorted(facts.items()), within)
    elif isinstance(facts, list | tuple | set | frozenset):
        yield f"[{len(facts)}"
        for each in facts:
            yield from _flat(each, within)
    elif is_dataclass(facts) and not isinstance(facts, type):
        yield from _flat(list(vars(facts).values()), within)
    else:
        yield facts
