"""The one way to cut a list into pages: one row more than fits says that the list goes on behind the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet

_Row = TypeVar("_Row")
_Key = TypeVar("_Key")


def cut(rows: QuerySet[Any, _Row] | Sequence[_Row], limit: int, key: Callable[[_Row], _Key]) -> tuple[list[_Row], _Key | None]:
    """Return the first `limit` of `rows`, which come in the order of `key`, and the key of the last where more follow."""
    found = list(rows[: limit + 1])
    page = found[:limit]
    return page, key(page[-1]) if len(found) > limit else None
