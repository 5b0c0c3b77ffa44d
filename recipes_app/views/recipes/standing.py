"""Where a recipe stands with people: votes, flags, team, requests, held revisions and the last lines of its log."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from recipes_app.limits import WEEKS_PLOTTED
from recipes_app.models import Flag, Invitation, OwnershipRequest, Recipe, Revision, User
from recipes_app.services.catalogue import votes
from recipes_app.services.core.permissions import acts_of, was_refused_for_factor
from recipes_app.services.moderation import flags
from recipes_app.services.notifications import follows
from recipes_app.services.ownership import model_class

_HELD_SHOWN = 5


def standing_section(request: HttpRequest, recipe: Recipe) -> dict[str, Any]:
    """Return what the recipe's page shows of it, `recipe` being one of `catalogue.get_recipe`.

    For visitors no query but one for each of these that there are: votes, flags, co-maintainers, open requests, held revisions.
    """
    return {
        **_votes(recipe),
        "open_flags": open_flags(recipe),
        "members": list(recipe.co_maintainers.select_related("user")) if _has(recipe, "has_team") else [],
        "open_requests": open_requests(recipe) if _has(recipe, "requests_stamp") else [],
        "held": held_revisions(recipe) if _has(recipe, "has_held_revision") else [],
        **_towards(request, recipe),
    }


def standing_bar(request: HttpRequest, recipe: Recipe) -> HttpResponse:
    """Return the bar with votes and acts alone: what a script puts in the place of the one whose button was pressed."""
    return render(request, "recipes/_standing_bar.html", {"recipe": recipe, **_votes(recipe), **_towards(request, recipe)})


def _votes(recipe: Recipe) -> dict[str, Any]:
    return {"popularity": votes.popularity(recipe.vote_weight), "votes_by_week": votes.weekly(recipe, WEEKS_PLOTTED)}


def open_flags(recipe: Recipe) -> list[Flag]:
    """Return the flags of `recipe` that are not decided. One query, none where the recipe's column says that there are none."""
    return list(recipe.flags.filter(state__in=flags.OPEN_STATES)) if recipe.open_flags else []


def open_requests(recipe: Recipe) -> list[OwnershipRequest]:
    """Return the requests about `recipe` that nobody has decided. One query."""
    return list(recipe.requests.filter(state=OwnershipRequest.State.OPEN))


def _has(recipe: Recipe, annotation: str) -> bool:
    """Return whether `catalogue.get_recipe` has seen that there is something; a row from elsewhere has to be asked."""
    return bool(getattr(recipe, annotation, True))


def held_revisions(recipe: Recipe) -> list[Revision]:
    """Return the newest revisions that wait for a review, each with its hold and without its metadata. One query."""
    waiting = recipe.revisions.filter(review=Revision.Review.HELD).select_related("hold").defer("metadata", "findings")
    found = list(waiting.order_by("-pushed_at", "-id")[:_HELD_SHOWN])
    for revision in found:
        revision.recipe = recipe
    return found


def model_section(recipe: Recipe, revision: Revision) -> dict[str, Any]:
    """Return the class of each model with what was said about it. One query, none where there is no model."""
    return {
        "model_classes": model_class.classes_of(recipe, revision.data),
        "effective_class": recipe.model_class if revision.pk == recipe.current_id else revision.data.model_class,
    }


def _towards(request: HttpRequest, recipe: Recipe) -> dict[str, Any]:
    """Return what the reader himself has to do with the recipe."""
    user = request.user
    if not isinstance(user, User):
        return {"may": {}}
    offer = Invitation.objects.filter(recipe=recipe, user=user, expires_at__gt=timezone.now()).first()
    may = acts_of(user, recipe)
    return {
        "may": may,
        "lacks_factor": was_refused_for_factor(user, recipe),
        "has_voted": votes.has_voted(user, recipe),
        "is_following": follows.muted_kinds(user, recipe) is not None,
        "my_offer": offer,
    }
