"""Which repository a transport opens for whom: what the services say, as a place in the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...models import Recipe, User
from ...services import git_access
from ...services.errors import Refused
from ...services.permissions import Action, PermissionDenied, allowed
from ..store import InvalidName, checked_name, store


class AccessRefused(Exception):
    """The door stays shut; `status` is the HTTP status, the text one line for the user."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class ReadTarget:
    """What an account may read. `recipe_name` is what the recipe is called now, whatever it was asked for by."""

    recipe_name: str
    repository: Path


@dataclass(frozen=True)
class PushTarget:
    """Where an account may push. `exists` is false for a recipe that this push would create."""

    user: User
    recipe_name: str
    storage_name: str
    exists: bool
    may_rewrite: bool

    @property
    def advertised(self) -> Path:
        """The repository whose branches are advertised: an empty one for a recipe that does not exist yet."""
        return store().path(self.storage_name) if self.exists else store().empty()


def read_target(user: User | None, name: str) -> ReadTarget:
    """Return what `user` (None: anybody) reads under the name `name`. Raises AccessRefused."""
    try:
        recipe = git_access.recipe_to_read(user, name)
    except Refused as error:
        raise AccessRefused(404 if error.code == git_access.NOT_FOUND else 403, str(error)) from error
    _require_repository(recipe)
    return ReadTarget(recipe.name, store().path(recipe.storage_name))


def push_target(user: User, name: str) -> PushTarget:
    """Return where `user` may push for the recipe `name`, which need not exist yet. Raises AccessRefused."""
    try:
        checked_name(name)
        recipe = git_access.recipe_to_push(user, name)
    except (InvalidName, PermissionDenied, Refused) as error:
        raise AccessRefused(403, str(error)) from error
    if recipe is None:
        return PushTarget(user, name, name, exists=False, may_rewrite=False)
    _require_repository(recipe)
    may_rewrite = allowed(Action.REWRITE_HISTORY, user, recipe)
    return PushTarget(user, recipe.name, recipe.storage_name, exists=True, may_rewrite=may_rewrite)


def _require_repository(recipe: Recipe) -> None:
    if not store().exists(recipe.storage_name):
        raise AccessRefused(503, f"the repository of {recipe.name} is missing on the server: the operators must restore it")
