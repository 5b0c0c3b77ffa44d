"""Absolute addresses in answers. They are made from PORTAL_URL: the Host header is whatever a client wrote."""

from __future__ import annotations

import re
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from recipes_app.models import Recipe

# A name that stands in an address as it is: of a recipe, of most accounts.
_PLAIN = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_STAND_IN = "name-of-something"


@lru_cache
def _around(view_name: str) -> tuple[str, str] | None:
    """Return what stands before and behind the one name in the address of a view; None where it takes a number instead."""
    try:
        before, _, behind = reverse(view_name, args=(_STAND_IN,)).partition(_STAND_IN)
    except NoReverseMatch:
        return None
    return before, behind


def absolute(view_name: str, *arguments: str) -> str:
    """Return the absolute address of a named view. A list has two of them a row: Django is asked once for each view."""
    # A number of two digits could be a name as well.
    if len(arguments) == 1 and _PLAIN.fullmatch(arguments[0]) and (around := _around(view_name)):
        return f"{settings.PORTAL_URL}{around[0]}{arguments[0]}{around[1]}"
    return f"{settings.PORTAL_URL}{reverse(view_name, args=arguments)}"


def page_of(recipe_name: str) -> str:
    """Return the absolute address of a recipe's page."""
    return absolute("recipe", recipe_name)


def clone_url(recipe: Recipe) -> str:
    """Return the address that `git clone` takes."""
    return f"{settings.PORTAL_URL}/git/{recipe.name}.git"
