"""Who may do what: one table, action x role, asked by web, API, SSH and tasks alike. What is not in it is denied."""

from __future__ import annotations

from enum import StrEnum

from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser

from ..models import Rank, Recipe, User


class Role(StrEnum):
    """What an account is to the site and to the recipe at hand; one account can have several."""

    VISITOR = "visitor"
    UNVERIFIED = "unverified"
    USER = "user"
    MAINTAINER = "maintainer"
    TRUSTED = "trusted"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """Everything that can be asked for."""

    READ = "read"
    CREATE_TOKEN = "create-token"  # noqa: S105 - a name, no secret
    CREATE_RECIPE = "create-recipe"
    PUSH = "push"
    REWRITE_HISTORY = "rewrite-history"
    REQUEUE_LINT = "requeue-lint"


_EVERYONE = frozenset(Role)
_STAFF = frozenset({Role.MODERATOR, Role.ADMINISTRATOR})

PERMISSIONS: dict[Action, frozenset[Role]] = {
    Action.READ: _EVERYONE,
    Action.CREATE_TOKEN: frozenset({Role.USER}),
    Action.CREATE_RECIPE: frozenset({Role.USER}),
    Action.PUSH: frozenset({Role.MAINTAINER}) | _STAFF,
    Action.REWRITE_HISTORY: _STAFF,
    Action.REQUEUE_LINT: frozenset({Role.MAINTAINER}) | _STAFF,
}


class PermissionDenied(Exception):
    """An account asked for what its roles do not give; the text says what it lacks."""

    def __init__(self, action: Action, message: str) -> None:
        super().__init__(message)
        self.action = action


def is_verified(user: User) -> bool:
    """Return whether the account has proved its primary address."""
    return EmailAddress.objects.filter(user=user, primary=True, verified=True).exists()


def roles_of(user: User | AnonymousUser | None, recipe: Recipe | None = None) -> frozenset[Role]:
    """Return all roles of `user`, towards `recipe` where one is given. An unverified account has no other role."""
    if user is None or not isinstance(user, User):
        return frozenset({Role.VISITOR})
    if not user.is_active:
        return frozenset({Role.VISITOR})
    if not is_verified(user):
        return frozenset({Role.UNVERIFIED})
    roles = {Role.USER}
    if recipe is not None and recipe.maintainer_id == user.pk:
        roles.add(Role.MAINTAINER)
    if user.rank != Rank.USER:
        roles.add(Role(user.rank))
    return frozenset(roles)


def allowed(action: Action, user: User | AnonymousUser | None, recipe: Recipe | None = None) -> bool:
    """Return whether the table lets `user` do `action` (to `recipe`)."""
    return bool(PERMISSIONS[action] & roles_of(user, recipe))


def require(action: Action, user: User | AnonymousUser | None, recipe: Recipe | None = None) -> None:
    """Raise PermissionDenied, in words that say what is missing, where the table does not allow `action`."""
    roles = roles_of(user, recipe)
    if PERMISSIONS[action] & roles:
        return
    about = f" of {recipe.name}" if recipe else ""
    if Role.VISITOR in roles:
        raise PermissionDenied(action, f"sign in first: {action.value}{about} needs an account")
    if Role.UNVERIFIED in roles:
        raise PermissionDenied(action, "verify your e-mail address first: an unverified account can only read")
    wanted = " or ".join(sorted(role.value for role in PERMISSIONS[action]))
    raise PermissionDenied(action, f"you may not do this ({action.value}{about}): it takes the role {wanted}")
