"""Pages of lists that are ordered by the number of their rows: the cursor is the number of the last row before."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from recipes_app.services.core.pages import cut

from .base import PortalView, list_answer
from .problems import Problem

# No longer number is a row's in any database.
_DIGITS = 18


def wrong_cursor() -> Problem:
    """Return the problem of a cursor that no page of the list has given."""
    return Problem("invalid-parameter", "cursor: give the `next_cursor` of a page of this list", field="cursor")


def number_given(view: PortalView) -> int | None:
    """Return the cursor of the request as a number, or None where it begins at the start. Raises Problem."""
    cursor = view.given["cursor"]
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > _DIGITS:
        raise wrong_cursor()
    return int(cursor)


def newest_first(view: PortalView, address: str, rows: QuerySet[Any], shape: type[Serializer[Any]], **more: Any) -> Response:
    """Return a page of `rows`, newest first, and what is `more`. One query, a second where the page is empty.

    Raises NotModified where the client has the page.
    """
    limit, before = view.given["limit"], number_given(view)
    counted = rows.order_by().annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")
    rest = rows.order_by("-pk").annotate(in_all=Subquery(counted))
    if before is not None:
        rest = rest.filter(pk__lt=before)
    page, next_cursor = cut(rest, limit, lambda row: row.pk)
    total = page[0].in_all if page else rows.count() if before is not None else 0
    view.unless_known(view.request, page, next_cursor, total, more)
    return list_answer(view, address, shape(page, many=True).data, total, next_cursor, **more)
