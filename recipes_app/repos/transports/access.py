"""Who is at the door and what may be done: account, recipe and permission, resolved before git starts."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from ...models import NameRedirect, Recipe, Scope, User
from ...services import publish, tokens
from ...services.errors import Refused
from ...services.names import check_new_name
from ...services.permissions import Action, PermissionDenied, allowed, require
from ..store import InvalidName, checked_name, store


class AccessRefused(Exception):
    """The door stays shut; `status` is the HTTP status, the text one line for the user."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class PushTarget:
    """Where an account may push. `exists` is false for a recipe that this push would create."""

    user: User
    recipe_name: str
    storage_name: str
    exists: bool
    may_rewrite: bool


def account(request: HttpRequest, scope: Scope) -> User:
    """Return the account whose token is in the request (Basic with the token as password, or Bearer). Raises AccessRefused."""
    scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        username, secret = "", credentials.strip()
    elif scheme.lower() == "basic":
        username, secret = _basic(credentials)
    else:
        raise AccessRefused(401, "sign in to push: give your username, and as password a token from your account page")
    try:
        user = tokens.authenticate(secret, scope)
    except tokens.TokenRefused as error:
        raise AccessRefused(401, str(error)) from error
    if username and username != user.username:
        raise AccessRefused(401, f"this token is not one of the account {username!r}: use the username that it was made for")
    return user


def readable_repository(name: str) -> Path:
    """Return the repository of the recipe `name`, or of the one that its old name leads to, for anybody. Raises AccessRefused."""
    columns = Recipe.objects.only("name", "storage_name", "deleted_at", "quarantined_at")
    recipe = columns.filter(name=name).first()
    if recipe is None:
        redirect = NameRedirect.objects.select_related("recipe").filter(name=name).first()
        recipe = redirect.recipe if redirect else None
    if recipe is None or recipe.deleted_at is not None:
        raise AccessRefused(404, f"there is no recipe {name[:80]!r} here: look for it on {settings.PORTAL_URL}/recipes/")
    if recipe.quarantined_at is not None:
        raise AccessRefused(403, f"{recipe.name} is quarantined and cannot be cloned: {_page(recipe)} says why")
    _require_repository(recipe)
    return store().path(recipe.storage_name)


def push_target(user: User, name: str) -> PushTarget:
    """Return where `user` may push for the recipe `name`, which need not exist yet. Raises AccessRefused."""
    try:
        checked_name(name)
        recipe = _recipe(name)
        require(Action.CREATE_RECIPE if recipe is None else Action.PUSH, user, recipe)
        if recipe is None:
            check_new_name(name)
            return PushTarget(user, name, name, exists=False, may_rewrite=False)
    except (InvalidName, PermissionDenied, Refused) as error:
        raise AccessRefused(403, str(error)) from error
    if recipe.deleted_at is not None:
        raise AccessRefused(403, f"{name} was deleted by a moderator: ask for its restoration on {_page(recipe)}")
    _require_repository(recipe)
    may_rewrite = allowed(Action.REWRITE_HISTORY, user, recipe)
    return PushTarget(user, name, recipe.storage_name, exists=True, may_rewrite=may_rewrite)


def _recipe(name: str) -> Recipe | None:
    """Return the recipe of this name; one that git has and a crash kept from the catalogue is published first."""
    recipe = Recipe.objects.filter(name=name).first()
    if recipe is not None or not store().exists(name) or Recipe.objects.filter(storage_name=name).exists():
        return recipe
    with store().lock(name):
        return publish.sync_recipe(name).recipe


def _require_repository(recipe: Recipe) -> None:
    if not store().exists(recipe.storage_name):
        raise AccessRefused(503, f"the repository of {recipe.name} is missing on the server: the operators must restore it")


def _page(recipe: Recipe) -> str:
    return f"{settings.PORTAL_URL}{recipe.get_absolute_url()}"


def _basic(credentials: str) -> tuple[str, str]:
    """Return username and password of HTTP Basic (RFC 7617). Raises AccessRefused."""
    try:
        username, separator, password = base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AccessRefused(401, "the credentials are not HTTP Basic: base64 of USERNAME:TOKEN is expected") from error
    if not separator or not password:
        raise AccessRefused(401, "the password is empty: give a token from your account page as password")
    return username, password
