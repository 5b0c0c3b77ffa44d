"""Pages of lists that are ordered by the number of their rows: the cursor is the number of the last row before."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from .base import PortalView, list_answer
from .problems import Problem

# No longer number is a row's in any database.
_DIGITS = 18


def number_given(view: PortalView) -> int | None:
    """Return the cursor of the request as a number, or None where it begins at the start. Raises Problem."""
    cursor = view.given["cursor"]
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > _DIGITS:
        raise Problem("invalid-parameter", "cursor: give the `next_cursor` of a page of this list", field="cursor")
    return int(cursor)


def newest_first(view: PortalView, address: str, rows: QuerySet[Any], shape: type[Serializer[Any]], **more: Any) -> Response:
    """Return a page of `rows`, newest first, and what is `more`. Two queries: the page, and how many there are."""
    limit, before = view.given["limit"], number_given(view)
    rest = rows.order_by("-pk")
    if before is not None:
        rest = rest.filter(pk__lt=before)
    found: list[Model] = list(rest[: limit + 1])
    page = found[:limit]
    next_cursor = str(page[-1].pk) if len(found) > limit else None
    return list_answer(view, address, shape(page, many=True).data, rows.count(), next_cursor, **more)
