"""Absolute addresses in answers. They are made from PORTAL_URL: the Host header is whatever a client wrote."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from recipes_app.models import Recipe


def absolute(view_name: str, *arguments: str) -> str:
    """Return the absolute address of a named view."""
    return f"{settings.PORTAL_URL}{reverse(view_name, args=arguments)}"


def page_of(recipe_name: str) -> str:
    """Return the absolute address of a recipe's page."""
    return absolute("recipe", recipe_name)


def clone_url(recipe: Recipe) -> str:
    """Return the address that `git clone` takes."""
    return f"{settings.PORTAL_URL}/git/{recipe.name}.git"
