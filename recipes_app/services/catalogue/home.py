"""The first page beside what was updated last: trending, new, the course of the site in numbers. One query each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, FloatField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from recipes_app.cached_counts import kept
from recipes_app.limits import LISTED_ON_HOME, TRENDING_BEFORE_DAYS, TRENDING_DAYS, WEEKS_PLOTTED
from recipes_app.models import Recipe, Revision, Vote
from recipes_app.plain import kept_plain

from ..core.timeseries import by_week


@kept_plain
@dataclass(frozen=True)
class Course:
    """Counts of each of the last weeks, the oldest first."""

    pushes: list[int]
    recipes: list[int]
    votes: list[int]


def _shown() -> QuerySet[Recipe]:
    return Recipe.objects.filter(current__isnull=False, deleted_at=None, quarantined_at=None)


def newest(limit: int = LISTED_ON_HOME) -> list[Recipe]:
    """Return the recipes that were added last. One query."""
    return list(_shown().order_by("-created_at", "-id")[:limit])


def trending(limit: int = LISTED_ON_HOME, now: datetime | None = None) -> list[Recipe]:
    """Return the recipes whose votes of the last TRENDING_DAYS days grew most over those of the TRENDING_BEFORE_DAYS before.

    Compared are votes a day; a recipe without a vote in the last days is not among them. Each has `recent_votes`. One query.
    """
    moment = now or timezone.now()
    recent_from = moment - timedelta(days=TRENDING_DAYS)
    since = recent_from - timedelta(days=TRENDING_BEFORE_DAYS)
    recent = Count("votes", filter=Q(votes__at__gt=recent_from))
    before = Count("votes", filter=Q(votes__at__lte=recent_from))
    grown = Cast(F("recent_votes"), FloatField()) / TRENDING_DAYS - Cast(F("votes_before"), FloatField()) / TRENDING_BEFORE_DAYS
    voted = _shown().filter(votes__at__gt=since, votes__at__lte=moment).annotate(recent_votes=recent, votes_before=before)
    return list(voted.filter(recent_votes__gt=0).annotate(grown=grown).filter(grown__gt=0).order_by("-grown", "-id")[:limit])


def course(weeks: int = WEEKS_PLOTTED) -> Course:
    """Return how many pushes, new recipes and votes each of the last weeks had. Three queries, or the cache."""
    return kept("course", lambda: _course(weeks))


def _course(weeks: int) -> Course:
    now = timezone.now()
    return Course(
        pushes=by_week(Revision.objects.all(), "pushed_at", weeks, now),
        recipes=by_week(Recipe.objects.filter(deleted_at=None), "created_at", weeks, now),
        votes=by_week(Vote.objects.all(), "at", weeks, now),
    )
