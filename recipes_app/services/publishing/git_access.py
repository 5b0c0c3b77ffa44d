"""Whose repository may be read and pushed, by the name that git was given: every transport asks here before git starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from recipes_app.models import Recipe, Revision, User
from recipes_app.repos.store import checked_name, store

from ..catalogue.names import check_new_name, resolve
from ..core.errors import Refused
from ..core.permissions import Action, Role, allowed, require, roles_of
from . import publish, reviews

NOT_FOUND = "not-found"
NO_REPOSITORY = "no-repository"
NOTHING_PUBLISHED = "nothing-published"


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
        return store().intake(self.storage_name) if self.exists else store().empty()


def push_target(user: User, name: str) -> PushTarget:
    """Return where `user` may push for the recipe `name`, which need not exist yet: git's transports and the site's forms ask.

    Raises InvalidName, PermissionDenied, and Refused, with code NO_REPOSITORY where the store has lost the recipe's repository,
    "too-many-reviews" where too many revisions of the account wait for a reviewer.
    """
    checked_name(name)
    recipe = recipe_to_push(user, name)
    reviews.require_quota(user)
    if recipe is None:
        return PushTarget(user, name, name, exists=False, may_rewrite=False)
    require_repository(recipe)
    may_rewrite = allowed(Action.REWRITE_HISTORY, user, recipe)
    return PushTarget(user, recipe.name, recipe.storage_name, exists=True, may_rewrite=may_rewrite)


def require_repository(recipe: Recipe) -> None:
    """Raise Refused, code NO_REPOSITORY, where the repository of `recipe` is missing: a restore was incomplete."""
    if not store().exists(recipe.storage_name):
        raise Refused(
            f"the repository of {recipe.name} is missing on the server: the operators must restore it", code=NO_REPOSITORY
        )


def recipe_to_read(user: User | None, name: str) -> Recipe:
    """Return the living recipe that is, or was, called `name`; `user` is None for anybody.

    Raises Refused: code NOT_FOUND where there is none, "quarantined" where only staff may look at it.
    """
    recipe = _by_name(name)
    if recipe is None or recipe.deleted_at is not None:
        raise Refused(f"there is no recipe {name[:80]!r} here: look for it on {settings.PORTAL_URL}/recipes/", code=NOT_FOUND)
    if recipe.quarantined_at is not None and not allowed(Action.READ_HIDDEN, user, recipe):
        raise Refused(f"{recipe.name} is quarantined and cannot be cloned: {_page(recipe)} says why", code="quarantined")
    return recipe


def repository_to_read(user: User | None, recipe: Recipe) -> Path:
    """Return the repository of `recipe` that `user` (None: anybody) fetches from: the intake for the team and for reviewers.

    Raises Refused: code NOTHING_PUBLISHED where nothing is published yet, NO_REPOSITORY where the store has lost it.
    """
    require_repository(recipe)
    if user is not None and allowed(Action.READ_INTAKE, user, recipe):
        return store().intake(recipe.storage_name)
    if recipe.current_id is None:
        raise Refused(f"nothing of {recipe.name} is published yet: {_page(recipe)} says why", code=NOTHING_PUBLISHED)
    if not store().is_published(recipe.storage_name):
        raise Refused(f"{recipe.name} is being published: try again in a minute", code=NO_REPOSITORY)
    return store().public(recipe.storage_name)


def repository_of(user: User | AnonymousUser | None, *revisions: Revision) -> Path:
    """Return the repository from which `user` may read the files of all these `revisions` of one recipe.

    What is published is read from the public repository, by everybody. A revision that is held or was taken out is read from the
    intake, by the team and by reviewers; everything of a quarantined recipe by moderators. No query where all is published.
    Raises Refused: code "quarantined" or "held".
    """
    recipe = revisions[0].recipe
    is_hidden = recipe.quarantined_at is not None or recipe.deleted_at is not None
    kept_back = [each for each in revisions if is_hidden or each.review != Revision.Review.PUBLISHED]
    if not kept_back:
        return store().public(recipe.storage_name)
    action = Action.READ_HIDDEN if is_hidden else Action.READ_INTAKE
    if allowed(action, user, recipe):
        return store().intake(recipe.storage_name)
    revision = kept_back[0]
    page = f"{settings.PORTAL_URL}{revision.get_absolute_url()}"
    if revision.review == Revision.Review.HELD and not is_hidden:
        raise Refused(
            f"this revision of {recipe.name} waits for a reviewer and is not handed out yet: {page} says why", code="held"
        )
    raise Refused(f"{recipe.name} is quarantined at this revision and is not handed out: {page} says why", code="quarantined")


def recipe_to_push(user: User, name: str) -> Recipe | None:
    """Return the recipe that is, or was, called `name` and takes pushes of `user`; None where the push would create it.

    A recipe that git has and a crash kept from the catalogue is published first.
    Raises PermissionDenied, and Refused for a deleted recipe, an orphan, and a new name that is not to be had.
    """
    recipe = _by_name(name) or _publish_forgotten(name)
    if recipe is None:
        require(Action.CREATE_RECIPE, user)
        check_new_name(name)
        return None
    if recipe.deleted_at is not None:
        raise Refused(f"{name} was deleted by a moderator: ask for its restoration on {_page(recipe)}", code="deleted")
    if recipe.maintainer_id is None and Role.USER in roles_of(user) and not allowed(Action.REWRITE_HISTORY, user, recipe):
        raise Refused(f"nobody maintains {recipe.name}: adopt it first on {_page(recipe)}, then push", code="orphan")
    require(Action.PUSH, user, recipe)
    return recipe


def looked_after_by(user: User) -> list[tuple[str, str]]:
    """Return the names of the living recipes that `user` maintains or co-maintains, each with his role, by name. Two queries."""
    maintained = Recipe.objects.filter(maintainer=user, deleted_at=None).values_list("name", flat=True)
    shared = user.co_maintained.filter(recipe__deleted_at=None).values_list("recipe__name", "role")
    return sorted([(name, "maintainer") for name in maintained] + [(name, f"co-maintainer: {role}") for name, role in shared])


def _by_name(name: str) -> Recipe | None:
    """Return the recipe of this name, the one that a former name leads to, or else a deleted one; None where there is none."""
    columns = Recipe.objects.only("name", "storage_name", "maintainer", "deleted_at", "quarantined_at", "current")
    try:
        return resolve(name, columns)
    except Recipe.DoesNotExist:
        return columns.filter(name=name).first()


def _publish_forgotten(name: str) -> Recipe | None:
    """Publish a repository of this name that the catalogue does not know; return its recipe, None where there is none."""
    if not store().exists(name) or Recipe.objects.filter(storage_name=name).exists():
        return None
    with store().lock(name):
        return publish.settle(name).recipe


def _page(recipe: Recipe) -> str:
    return f"{settings.PORTAL_URL}{recipe.get_absolute_url()}"
