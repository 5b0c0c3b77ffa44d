"""How many a recipe reaches: votes, followers and recipes that need it."""

from __future__ import annotations

from ..limits import FACTOR_FOLLOWERS, FACTOR_REQUIRED_BY, FACTOR_VOTES
from ..models import BinaryPackage, Follow, PackageRelation, Recipe


def is_wide(recipe: Recipe) -> bool:
    """Return whether so many use `recipe` that its team needs a second factor. Two queries at most."""
    if recipe.vote_count >= FACTOR_VOTES:
        return True
    if Follow.objects.filter(recipe=recipe)[: FACTOR_FOLLOWERS + 1].count() >= FACTOR_FOLLOWERS:
        return True
    names = BinaryPackage.objects.filter(recipe=recipe).values("name")
    others = PackageRelation.objects.filter(target__in=names, recipe__deleted_at=None).exclude(recipe=recipe)
    return others.order_by().values("recipe").distinct()[:FACTOR_REQUIRED_BY].count() >= FACTOR_REQUIRED_BY
