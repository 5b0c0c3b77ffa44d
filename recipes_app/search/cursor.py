"""Cursors: where the next page begins. Opaque to users and checked like all input; what is wrong is a QueryError."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from ..limits import MAX_QUERY_LENGTH
from .query import QueryError, SearchQuery
from .statement import KeyType
from .tokens import printable, words

_LARGEST_INTEGER = 2**63 - 1
_MALFORMED = _("the cursor is malformed: begin again at the first page, without a cursor")
_FOREIGN = _("the cursor belongs to another search: begin again at the first page, without a cursor")
# A cursor of ours has a name, a few numbers and at most the query's words.
_MAX_LENGTH = 4_000


@dataclass(frozen=True)
class Cursor:
    """The sort keys of the last hit shown, and what the first page found out: the count, corrected words, the way of ranking."""

    keys: tuple[Any, ...]
    total: int
    broad: bool = False
    corrected: dict[str, str] = field(default_factory=dict)


def encode(cursor: Cursor, query: SearchQuery) -> str:
    """Return `cursor` for `query` (as it was asked, before any correction) as URL-safe text."""
    keys = [key.isoformat() if isinstance(key, datetime) else key for key in cursor.keys]
    data = [_fingerprint(query), keys, cursor.total, int(cursor.broad), cursor.corrected]
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(text: str, query: SearchQuery) -> Cursor:
    """Return the cursor that `encode` wrote for the same query; `checked_keys` then makes its keys fit for SQL.

    Raises QueryError for anything else.
    """
    if len(text) > _MAX_LENGTH:
        raise QueryError(_MALFORMED)
    try:
        data = json.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        fingerprint, keys, total, broad, corrected = data
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise QueryError(_MALFORMED) from error
    if not (isinstance(keys, list) and isinstance(corrected, dict) and broad in (0, 1) and _is_integer(total) and total >= 0):
        raise QueryError(_MALFORMED)
    if not all(_is_word(value) for value in corrected.values()):
        raise QueryError(_MALFORMED)
    if fingerprint != _fingerprint(query):
        raise QueryError(_FOREIGN)
    return Cursor(tuple(keys), total, bool(broad), corrected)


def checked_keys(keys: Sequence[Any], types: Sequence[KeyType]) -> tuple[Any, ...]:
    """Return the keys as SQL parameters, each of its column's type. Raises QueryError where one is not."""
    if len(keys) != len(types):
        raise QueryError(_MALFORMED)
    return tuple(_checked(key, kind) for key, kind in zip(keys, types, strict=True))


def _checked(key: Any, kind: KeyType) -> Any:
    if kind is KeyType.TEXT and isinstance(key, str) and printable(key) == key:
        return key
    if kind is KeyType.INTEGER and _is_integer(key):
        return key
    if kind is KeyType.REAL and isinstance(key, float | int) and not isinstance(key, bool) and math.isfinite(key):
        return float(key)
    if kind is KeyType.TIME and isinstance(key, str):
        return _time(key)
    raise QueryError(_MALFORMED)


def _time(text: str) -> Any:
    """Return a time as the database at hand keeps it."""
    try:
        moment = parse_datetime(text)
    except ValueError as error:
        raise QueryError(_MALFORMED) from error
    if moment is None:
        raise QueryError(_MALFORMED)
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment, connection.timezone)
    return connection.ops.adapt_datetimefield_value(moment)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_INTEGER


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_QUERY_LENGTH and bool(words(value))


def _fingerprint(query: SearchQuery) -> str:
    return hashlib.sha256(repr(query).encode("utf-8", "backslashreplace")).hexdigest()[:12]
