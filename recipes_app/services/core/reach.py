"""How many a recipe reaches: votes, followers and recipes that need it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count

from recipes_app.limits import FACTOR_FOLLOWERS, FACTOR_REQUIRED_BY, FACTOR_VOTES
from recipes_app.models import BinaryPackage, Follow, PackageRelation, Recipe


def is_wide(recipe: Recipe) -> bool:
    """Return whether so many use `recipe` that its team needs a second factor. Two queries at most."""
    if recipe.vote_count >= FACTOR_VOTES:
        return True
    if Follow.objects.filter(recipe=recipe)[: FACTOR_FOLLOWERS + 1].count() >= FACTOR_FOLLOWERS:
        return True
    names = BinaryPackage.objects.filter(recipe=recipe).values("name")
    others = PackageRelation.objects.filter(target__in=names, recipe__deleted_at=None).exclude(recipe=recipe)
    return others.order_by().values("recipe").distinct()[:FACTOR_REQUIRED_BY].count() >= FACTOR_REQUIRED_BY


def wide_among(recipes: Sequence[Recipe]) -> set[int]:
    """Return the ids of those of `recipes` that many use, counted a little coarser than `is_wide`. Two queries."""
    wide = {recipe.pk for recipe in recipes if recipe.vote_count >= FACTOR_VOTES}
    followed = Follow.objects.filter(recipe__in=recipes).order_by().values("recipe").annotate(number=Count("pk"))
    wide |= set(followed.filter(number__gte=FACTOR_FOLLOWERS).values_list("recipe", flat=True))
    names = BinaryPackage.objects.filter(recipe__in=recipes).order_by().values("name")
    needed = PackageRelation.objects.filter(target__in=names, recipe__deleted_at=None).order_by().values("target")
    targets = needed.annotate(number=Count("recipe", distinct=True)).filter(number__gte=FACTOR_REQUIRED_BY).values("target")
    return wide | set(BinaryPackage.objects.filter(recipe__in=recipes, name__in=targets).values_list("recipe", flat=True))
