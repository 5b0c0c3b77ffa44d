"""Staging: whether what a token pushes to a recipe waits until a member of its team approves it on the site."""

from __future__ import annotations

from django.db import transaction

from recipes_app.models import Recipe, Staging, User

from ..audit import audit
from ..audit.audit import EventKind
from ..core.permissions import Action, require
from ..gates import gates, trust
from ..ownership.ownership import lock


def choose(user: User, recipe: Recipe, choice: Staging) -> Recipe:
    """Choose whether pushes by token to `recipe` wait; return it fresh. Raises PermissionDenied."""
    require(Action.CHOOSE_STAGING, user, recipe)
    with transaction.atomic():
        locked = lock(recipe)
        if locked.staging != choice:
            locked.staging = choice
            locked.save(update_fields=["staging"])
            audit.record(EventKind.STAGING_CHOSEN, user, recipe=locked, public={"staging": choice.value})
    return locked


def in_force(recipe: Recipe) -> bool:
    """Return whether what a token pushes to `recipe` waits now. One query."""
    return gates.wants_staging(recipe, trust.reach_of(recipe))
