"""Counting by week, for plots."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDay


def by_week(rows: QuerySet[Any], column: str, weeks: int, now: datetime) -> list[int]:
    """Return how many of `rows` have a time `column` in each of the last `weeks` weeks, the oldest first. One query."""
    within = rows.filter(**{f"{column}__gt": now - timedelta(weeks=weeks), f"{column}__lte": now})
    days = within.annotate(day=TruncDay(column)).values_list("day").annotate(number=Count("pk")).order_by()
    counts = [0] * weeks
    for day, number in days:
        # A day that began before the first week still belongs to it.
        counts[max(weeks - 1 - (now - day).days // 7, 0)] += number
    return counts
