"""Voting: one button on the recipe's page."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from recipes_app.services.catalogue import votes

from ..shared.access import recipe_or_404
from ..shared.refusals import forbidden_page, said_on_next_page
from .standing import standing_bar


@require_POST
def vote(request: HttpRequest, name: str) -> HttpResponse:
    """Give one's vote, or take it back with `act=unvote`. Who has to sign in first comes back to the recipe.

    A script is answered with the bar of votes and acts alone.
    """
    recipe = recipe_or_404(name)
    if not request.user.is_authenticated:
        return redirect_to_login(recipe.get_absolute_url())
    act = votes.unvote if request.POST.get("act") == "unvote" else votes.vote
    if request.headers.get("HX-Request"):
        with forbidden_page():
            act(request.user, recipe)
        return standing_bar(request, recipe)
    with forbidden_page(), said_on_next_page(request):
        act(request.user, recipe)
    return redirect(f"{recipe.get_absolute_url()}#standing")
