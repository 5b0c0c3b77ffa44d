"""Which other recipes a trial build builds first: those that its plan names, and those that these need. Reading alone."""

from __future__ import annotations

from django.conf import settings

from recipes_app.formats.source_plan import PlanError
from recipes_app.limits import BUILD_MAX_NEEDED, BUILD_MAX_NEEDED_DEPTH
from recipes_app.lint.protocol.assignment import Need
from recipes_app.models import Recipe, Revision

from ..catalogue import build_plans


class CannotBuildBefore(Exception):
    """What a recipe needs of other recipes cannot be built for trial; the text says why."""


def needs_of(revision: Revision) -> tuple[Need, ...]:
    """Return the recipes that are built before `revision`, each after those that it needs itself. Two queries for each.

    Raises CannotBuildBefore where they are too many, too deep, in a circle, or not offered.
    """
    found: dict[str, Need] = {}
    _collect(revision, (revision.recipe.name,), found)
    return tuple(found.values())


def _collect(revision: Revision, way: tuple[str, ...], found: dict[str, Need]) -> None:
    try:
        wanted = [each.name for each in build_plans.plan_of(revision).recipes]
    except PlanError:
        # The runner says it of the recipe itself, and of one that is needed when it builds that.
        return
    for name in wanted:
        if name in way:
            raise CannotBuildBefore(f"recipes need each other in a circle: {' needs '.join((*way, name))}")
        if name in found:
            continue
        if len(way) > BUILD_MAX_NEEDED_DEPTH:
            raise CannotBuildBefore(
                f"recipes need each other more than {BUILD_MAX_NEEDED_DEPTH} deep: {' needs '.join((*way, name))}"
            )
        needed = _current(name)
        _collect(needed, (*way, name), found)
        found[name] = Need(name, f"{settings.PORTAL_RUNNER_URL}/git/{name}.git", needed.commit)
        if len(found) > BUILD_MAX_NEEDED:
            raise CannotBuildBefore(
                f"it needs more than {BUILD_MAX_NEEDED} other recipes; trial builds make no more: build at home"
            )


def _current(name: str) -> Revision:
    """Return the revision that users get of the recipe `name`. Raises CannotBuildBefore. One query."""
    recipe = Recipe.objects.filter(name=name, deleted_at=None, quarantined_at=None).select_related("current").first()
    if recipe is None or recipe.current is None:
        raise CannotBuildBefore(f"it needs the recipe {name}, of which nothing is offered at the moment")
    recipe.current.recipe = recipe
    return recipe.current
