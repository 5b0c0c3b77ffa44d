"""Votes and popularity: the sum of 0.98 to the power of each vote's age in days, exact whenever it is read.

The sum is kept as a number that does not change with time: a vote given `d` days after EPOCH weighs 0.98^-d, and the
popularity at any moment `t` is the sum of the weights times 0.98^t. So no nightly job is needed, and the order by the kept
sum is the order by popularity. A double holds such weights for some 96 years after EPOCH.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from recipes_app.models import Recipe, User, Vote

from ..core.permissions import Action, require
from ..core.retrying import retried
from ..core.timeseries import by_week

DECAY = 0.98
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_DAY = 86_400.0


def weight_at(moment: datetime) -> float:
    """Return the weight of a vote given at `moment`."""
    return math.pow(DECAY, -(moment - EPOCH).total_seconds() / _DAY)


def popularity(weight: float, now: datetime | None = None) -> float:
    """Return the popularity at `now` of a recipe whose votes weigh `weight` together."""
    return weight / weight_at(now or timezone.now())


def weekly(recipe: Recipe, weeks: int, now: datetime | None = None) -> list[int]:
    """Return how many of today's votes for `recipe` were given in each of the last `weeks` weeks, the oldest first.

    One query, none where there are no votes.
    """
    if not recipe.vote_count:
        return [0] * weeks
    return by_week(Vote.objects.filter(recipe=recipe), "at", weeks, now or timezone.now())


@retried
def vote(user: User, recipe: Recipe, *, at: datetime | None = None) -> bool:
    """Give `user`'s vote to `recipe`; return whether it is new. Raises PermissionDenied."""
    require(Action.VOTE, user, recipe)
    moment = at or timezone.now()
    with transaction.atomic():
        _lock(recipe)
        _, created = Vote.objects.get_or_create(recipe=recipe, user=user, defaults={"at": moment, "weight": weight_at(moment)})
        refresh(recipe)
    return created


@retried
def unvote(user: User, recipe: Recipe) -> bool:
    """Take `user`'s vote back; return whether there was one. Raises PermissionDenied."""
    require(Action.VOTE, user, recipe)
    with transaction.atomic():
        _lock(recipe)
        deleted, _ = Vote.objects.filter(recipe=recipe, user=user).delete()
        refresh(recipe)
    return deleted > 0


def _lock(recipe: Recipe) -> None:
    """One voter after the other: the sum below is read and written under this lock."""
    Recipe.objects.select_for_update(no_key=True).only("pk").get(pk=recipe.pk)


def refresh(recipe: Recipe) -> None:
    """Write count and weight of `recipe` from its votes; the only place that does. The caller holds the recipe's lock."""
    totals = Vote.objects.filter(recipe=recipe).aggregate(count=Count("id"), weight=Sum("weight"))
    recipe.vote_count = totals["count"]
    recipe.vote_weight = totals["weight"] or 0.0
    recipe.save(update_fields=["vote_count", "vote_weight"])


def has_voted(user: User, recipe: Recipe) -> bool:
    """Return whether `user` has given its vote to `recipe`."""
    return Vote.objects.filter(recipe=recipe, user=user).exists()
