"""The one way to make an ETag: a digest of the facts that an answer follows from, before it is made (RFC 9110, 8.8.3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

_HEX_DIGITS = 32
# Keys may be numbers; the order of a dictionary is no fact; a subclass of str (an enum's value) is a fact as its text.
_AS_IT_IS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS
# Changes at each sign-in, and stands in no answer.
_UNSEEN = frozenset({"last_login"})


def etag_of(*facts: Any, weak: bool = False) -> str:
    """Return the tag of an answer that follows from `facts`: rows, plain values, and what is made of them."""
    tag = f'"{hashlib.sha256(_bytes_of(facts)).hexdigest()[:_HEX_DIGITS]}"'
    return f"W/{tag}" if weak else tag


def answered(
    request: HttpRequest, etag: str, make: Callable[[], HttpResponseBase], modified: datetime | None = None
) -> HttpResponseBase:
    """Return what `make` makes, or a 304 where the reader has it; either with its validators."""
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = make()
    answer["ETag"] = etag
    if modified is not None:
        answer["Last-Modified"] = http_date(modified.timestamp())
    return answer


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
