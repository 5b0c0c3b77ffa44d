"""Which repository a transport opens for whom: what the services say, as a place in the store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..models import User
from ..repos.store import InvalidName, store
from ..services.core.errors import Refused
from ..services.core.permissions import PermissionDenied
from ..services.lint import fetch_passes
from ..services.publishing import git_access
from ..services.publishing.git_access import PushTarget

_STATUS = {git_access.NOT_FOUND: 404, git_access.NOTHING_PUBLISHED: 404, git_access.NO_REPOSITORY: 503}


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


def read_target(user: User | None, name: str, fetch_pass: str = "") -> ReadTarget:
    """Return what `user` (None: anybody) reads under the name `name`; a runner shows its `fetch_pass`. Raises AccessRefused."""
    try:
        recipe = git_access.recipe_to_read(user, name)
        if fetch_pass and fetch_passes.opens(fetch_pass, recipe.storage_name):
            git_access.require_repository(recipe)
            return ReadTarget(recipe.name, store().intake(recipe.storage_name))
        return ReadTarget(recipe.name, git_access.repository_to_read(user, recipe))
    except Refused as error:
        raise AccessRefused(_STATUS.get(error.code, 403), str(error)) from error


def push_target(user: User, name: str) -> PushTarget:
    """Return where `user` may push for the recipe `name`, which need not exist yet. Raises AccessRefused."""
    try:
        return git_access.push_target(user, name)
    except (InvalidName, PermissionDenied) as error:
        raise AccessRefused(403, str(error)) from error
    except Refused as error:
        raise AccessRefused(_STATUS.get(error.code, 403), str(error)) from error
