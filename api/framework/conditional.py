"""Answers that a client has already: ETags from what an answer is made of, before it is made (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.db.models import Model, QuerySet
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from rest_framework.request import Request

_HEX_DIGITS = 32
# Keys may be numbers; the order of a dictionary is no fact; a subclass of str (an enum's value) is a fact as its text.
_AS_IT_IS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS


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
    asked = (settings.SPECTACULAR_SETTINGS["VERSION"], request.accepted_media_type, getattr(request.user, "pk", None))
    digest.update(_bytes_of((asked, tuple(facts))))
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


def _bytes_of(facts: Any) -> bytes:
    """Return bytes that differ wherever `facts` do."""
    try:
        return orjson.dumps(facts, default=_plain, option=_AS_IT_IS)
    except orjson.JSONEncodeError:
        # What no UTF-8 holds (a half of a surrogate pair), and numbers beyond 64 bits.
        return json.dumps(facts, default=_plain, sort_keys=True).encode()


def _plain(facts: Any) -> Any:
    """Return what orjson does not know as what it knows: a row is the values of its columns, related rows that are loaded too.

    All of it runs in orjson's own loop: a recipe's metadata are thousands of values.
    """
    if isinstance(facts, Model):
        return _row(facts, ())
    if isinstance(facts, tuple):
        return list(facts)
    if isinstance(facts, set | frozenset):
        return sorted(facts)
    if isinstance(facts, QuerySet):
        return list(facts)
    return repr(facts)


def _row(row: Model, within: tuple[Model, ...]) -> list[Any]:
    """Return a row's columns and its related rows; `within` led here: a row and the one that belongs to it know each other."""
    columns = {name: value for name, value in vars(row).items() if not name.startswith("_") and name not in _UNSEEN}
    ways = (*within, row)
    related = {
        name: _row(value, ways)
        for name, value in row._state.fields_cache.items()
        if value is not None and not any(value is each for each in ways)
    }
    return [type(row).__name__, columns, related]
