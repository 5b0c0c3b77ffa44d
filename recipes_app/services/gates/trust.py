"""Trust of an account in one recipe, and how many people the recipe reaches. What follows from both stands in `gate_table`.

Trust is earned in a recipe by published revisions over time. What was published before the account joined the team, or before
the recipe changed hands and it came with the new owner, does not count; and whatever is new about the account's keys, tokens,
factors and addresses puts it back to the start until it has settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery, Value

from recipes_app.limits import (
    EARNED_DAYS,
    EARNED_REVISIONS,
    ESTABLISHED_DAYS,
    ESTABLISHED_REVISIONS,
    LARGE_REACH,
    MEDIUM_REACH,
    REQUIRED_BY_WEIGHT,
    SETTLED_DAYS,
    SMALL_REACH,
)
from recipes_app.models import BinaryPackage, CoMaintainer, Follow, PackageRelation, Rank, Recipe, Revision, User

from .gate_table import Reach, Trust
from .provenance import Provenance, credential_since

_RUNTIME = ("Depends", "Pre-Depends", "Recommends", "Build-Depends", "Build-Depends-Arch", "Build-Depends-Indep")
_STEPS = (
    (Trust.ESTABLISHED, ESTABLISHED_REVISIONS, ESTABLISHED_DAYS),
    (Trust.EARNED, EARNED_REVISIONS, EARNED_DAYS),
    (Trust.NEW, 1, 0),
)


@dataclass(frozen=True)
class Standing:
    """The trust of an account in a recipe, and the words for how it came to it."""

    level: Trust
    why: str


def standing(user: User | None, recipe: Recipe, at: datetime, provenance: Provenance | None = None) -> Standing:
    """Return the trust of `user` in `recipe` at a time, for a push that came by `provenance`; it is not recorded yet.

    Three queries, and two more for a credential.
    """
    if not recipe.revisions.filter(review=Revision.Review.PUBLISHED, pushed_at__lte=at).exists():
        return Standing(Trust.FIRST, "nothing of this recipe is published yet")
    if user is None:
        return Standing(Trust.NONE, "the account is gone")
    reset = _reset(user, recipe, at, provenance)
    if reset is not None:
        return Standing(Trust.NONE, reset)
    pushed = _published(user, recipe, _since(user, recipe)).filter(pushed_at__lte=at)
    times = list(pushed.order_by("pushed_at", "id").values_list("pushed_at", flat=True))
    days = (at - times[0]).days if times else 0
    for level, revisions, least in _STEPS:
        if len(times) >= revisions and days >= least:
            return Standing(level, f"{user.username} has {_revisions(len(times))} published here, over {days} days")
    return Standing(Trust.NONE, f"{user.username} has nothing published here since becoming a member of its team")


def of_pusher(user: User | None, recipe: Recipe, at: datetime, provenance: Provenance) -> tuple[Standing, Standing]:
    """Return the trust that counts for a push, and that which counts for changes of `root`.

    A reviewer's rank stands for established trust, but does not replace a second pair of eyes for what runs as root in recipes of
    others; and no rank makes a new credential an old one.
    """
    own = standing(user, recipe, at, provenance)
    if user is None or user.rank == Rank.USER or own.level in (Trust.FIRST, Trust.ESTABLISHED):
        return own, own
    if _reset(user, recipe, at, provenance) is not None:
        return own, own
    ranked = Standing(Trust.ESTABLISHED, f"{user.username} is a {user.rank} here")
    return ranked, ranked if recipe.maintainer_id == user.pk else own


def joined_with_owner(user: User, recipe: Recipe) -> bool:
    """Return whether `user` came to `recipe` with its last change of hands or after it, by whatever way; staff came before."""
    changed = recipe.ownership_changed_at
    if changed is None:
        return False
    if recipe.maintainer_id == user.pk:
        return True
    since = CoMaintainer.objects.filter(recipe=recipe, user=user).values_list("since", flat=True).first()
    return since is not None and since >= changed


def has_earned(user: User, recipe: Recipe, at: datetime) -> bool:
    """Return whether `user` may speak for another member of the team: earned trust, and not of the new owner's making."""
    return standing(user, recipe, at).level.rank >= Trust.EARNED.rank


def reach_of(recipe: Recipe) -> Reach:
    """Return how many people `recipe` reaches. One query."""
    followers = _counted(Follow.objects.filter(recipe=recipe.pk).exclude(user=recipe.maintainer_id), "pk")
    names = BinaryPackage.objects.filter(recipe=recipe.pk).values("name")
    needing = PackageRelation.objects.filter(target__in=names, kind__in=_RUNTIME, recipe__deleted_at=None)
    required = _counted(needing.exclude(recipe=recipe.pk), "recipe")
    found = Recipe.objects.filter(pk=recipe.pk).values_list(followers, required).first() or (0, 0)
    score = recipe.vote_count + (found[0] or 0) + REQUIRED_BY_WEIGHT * (found[1] or 0)
    for level, least in ((Reach.LARGE, LARGE_REACH), (Reach.MEDIUM, MEDIUM_REACH), (Reach.SMALL, SMALL_REACH)):
        if score >= least:
            return level
    return Reach.NONE


def _counted(rows: QuerySet[Any], column: str) -> Subquery:
    """Return, as part of another query, how many values of `column` are in `rows`."""
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Subquery(one.annotate(number=Count(column, distinct=True)).values("number"))


def _published(user: User, recipe: Recipe, since: datetime | None) -> QuerySet[Revision]:
    found = recipe.revisions.filter(pusher=user, review=Revision.Review.PUBLISHED)
    return found if since is None else found.filter(pushed_at__gte=since)


def _since(user: User, recipe: Recipe) -> datetime | None:
    """Return when `user` came to the team the way it belongs to it now; None for who has had the recipe from its first push."""
    if recipe.maintainer_id == user.pk:
        return recipe.ownership_changed_at
    return CoMaintainer.objects.filter(recipe=recipe, user=user).values_list("since", flat=True).first()


def _reset(user: User, recipe: Recipe, at: datetime, provenance: Provenance | None) -> str | None:
    """Return why the trust of `user` is back at the start, None where everything about the account has settled."""
    border = at - timedelta(days=SETTLED_DAYS)
    changed = user.armour_changed_at
    if changed is not None and changed <= at and (
        changed > border or not _published(user, recipe, changed).filter(pushed_at__lte=at).exists()
    ):  # fmt: skip
        return f"what protects the account {user.username} (address, password or second factor) changed on {changed:%Y-%m-%d}"
    if provenance is None or not provenance.credential:
        return None
    made = credential_since(user, provenance)
    if made is None:
        return "the key or token of this push is gone by now"
    came = Q(came_by__credential=provenance.credential)
    if made > border or not _published(user, recipe, made).filter(came, pushed_at__lte=at).exists():
        return f"the {'key' if provenance.kind == 'ssh-key' else 'token'} of this push was made on {made:%Y-%m-%d}"
    return None


def _revisions(number: int) -> str:
    return f"{number} revision{'' if number == 1 else 's'}"
