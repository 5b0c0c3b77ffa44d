"""Who may do what: one table, action x role, asked by web, API, SSH and tasks alike. What is not in it is denied.

The table knows roles only. Facts about the thing at hand (a comment is hidden already, a recipe is an orphan) are checked by the
service that owns the thing, after the table has let the account in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from recipes_app.models import CoMaintainer, Rank, Recipe, Scope, Switch, User

from . import reach, switches


class Role(models.TextChoices):
    """What an account is to the site and to the recipe or the words at hand; one account can have several."""

    VISITOR = "visitor", pgettext_lazy("role", "visitor")
    UNVERIFIED = "unverified", pgettext_lazy("role", "unverified")
    FROZEN = "frozen", pgettext_lazy("role", "frozen")
    USER = "user", pgettext_lazy("role", "user")
    AUTHOR = "author", pgettext_lazy("role", "author")  # of the comment, flag, request or report at hand
    MAINTAINER = "maintainer", pgettext_lazy("role", "maintainer")
    CO_MAINTAIN = "co-maintainer: maintain", pgettext_lazy("role", "co-maintainer: maintain")
    CO_PUSH = "co-maintainer: push", pgettext_lazy("role", "co-maintainer: push")
    CO_TRIAGE = "co-maintainer: triage", pgettext_lazy("role", "co-maintainer: triage")
    TRUSTED = "trusted reviewer", pgettext_lazy("role", "trusted reviewer")
    MODERATOR = "moderator", pgettext_lazy("role", "moderator")
    ADMINISTRATOR = "administrator", pgettext_lazy("role", "administrator")


_STAFF = frozenset({Role.MODERATOR, Role.ADMINISTRATOR})
_USER = frozenset({Role.USER})
_AUTHOR = frozenset({Role.AUTHOR})
_OWNER = frozenset({Role.MAINTAINER})
_REVIEWER = frozenset({Role.TRUSTED})
_LEADS = _OWNER | {Role.CO_MAINTAIN}
_PUSHERS = _LEADS | {Role.CO_PUSH}
_TEAM = _PUSHERS | {Role.CO_TRIAGE}


@dataclass(frozen=True, eq=False)
class ActionSpec:
    """All about an action: who may do it, and with which token.

    `label` is a verb that stands behind "to". A scope never gives what the account's roles do not; it takes away, so that a token
    in a script that votes cannot push. `in_maintenance`: reading goes on in maintenance mode, and so does what ends it. `switch`:
    what else stops the action; staff is stopped too, so that a switch means what it says.
    """

    label: Promise | str
    roles: frozenset[Role]
    scope: Scope
    in_maintenance: bool = False
    switch: Switch.Name | None = None


class Action(Enum):
    """Everything that can be asked for.

    The scope `push` stands in git remotes and in CI. It changes a recipe's content; who has a recipe, whether it stays and who is
    told of it takes `own`: a stolen push token is no stolen recipe.
    """

    READ = ActionSpec(pgettext_lazy("to …", "read"), frozenset(Role), Scope.READ, in_maintenance=True)
    READ_HIDDEN = ActionSpec(pgettext_lazy("to …", "read hidden text"), _STAFF, Scope.READ, in_maintenance=True)
    READ_INTAKE = ActionSpec(
        pgettext_lazy("to …", "read what is held back"), _TEAM | {Role.TRUSTED} | _STAFF, Scope.READ, in_maintenance=True
    )
    CREATE_TOKEN = ActionSpec(pgettext_lazy("to …", "create a token"), _USER, Scope.OWN)
    EDIT_ACCOUNT = ActionSpec(pgettext_lazy("to …", "edit the account"), _USER, Scope.COMMENT)
    CREATE_RECIPE = ActionSpec(pgettext_lazy("to …", "create a recipe"), _USER, Scope.PUSH, switch=Switch.Name.NEW_RECIPES)
    PUSH = ActionSpec(pgettext_lazy("to …", "push"), _PUSHERS | _STAFF, Scope.PUSH, switch=Switch.Name.PUSHES)
    REWRITE_HISTORY = ActionSpec(pgettext_lazy("to …", "rewrite history"), _STAFF, Scope.MODERATE)
    REQUEUE_LINT = ActionSpec(pgettext_lazy("to …", "queue lint again"), _TEAM | _STAFF, Scope.PUSH)
    CANCEL_LINT = ActionSpec(pgettext_lazy("to …", "cancel lint"), _TEAM | _STAFF, Scope.PUSH)
    SET_KEYWORDS = ActionSpec(pgettext_lazy("to …", "set keywords"), _PUSHERS | _STAFF, Scope.PUSH)
    CHOOSE_TRIAL_BUILDS = ActionSpec(pgettext_lazy("to …", "choose trial builds"), _LEADS | _STAFF, Scope.PUSH)
    VOTE = ActionSpec(pgettext_lazy("to …", "vote"), _USER, Scope.COMMENT)
    FOLLOW = ActionSpec(pgettext_lazy("to …", "follow"), _USER, Scope.COMMENT)
    COMMENT = ActionSpec(pgettext_lazy("to …", "comment"), _USER, Scope.COMMENT)
    EDIT_COMMENT = ActionSpec(pgettext_lazy("to …", "edit the comment"), _AUTHOR, Scope.COMMENT)
    HIDE_COMMENT = ActionSpec(pgettext_lazy("to …", "delete the comment"), _AUTHOR | _STAFF, Scope.COMMENT)
    PIN_COMMENT = ActionSpec(pgettext_lazy("to …", "pin comments"), _TEAM | _STAFF, Scope.COMMENT)
    FLAG = ActionSpec(pgettext_lazy("to …", "flag"), _USER, Scope.COMMENT)
    WITHDRAW_FLAG = ActionSpec(pgettext_lazy("to …", "withdraw the flag"), _AUTHOR | _STAFF, Scope.COMMENT)
    ANSWER_FLAG = ActionSpec(pgettext_lazy("to …", "answer flags"), _TEAM | _STAFF, Scope.COMMENT)
    CLOSE_FLAG = ActionSpec(pgettext_lazy("to …", "close flags about packaging"), _TEAM | _STAFF, Scope.PUSH)
    RULE_FLAG = ActionSpec(pgettext_lazy("to …", "close flags about licence, class or malice"), _STAFF, Scope.MODERATE)
    REPORT = ActionSpec(pgettext_lazy("to …", "report"), _USER, Scope.COMMENT)
    INVITE = ActionSpec(pgettext_lazy("to …", "invite co-maintainers"), _LEADS | _STAFF, Scope.OWN)
    REMOVE_CO_MAINTAINER = ActionSpec(pgettext_lazy("to …", "remove co-maintainers"), _LEADS | _STAFF, Scope.OWN)
    MANAGE_WEBHOOKS = ActionSpec(pgettext_lazy("to …", "manage webhooks"), _LEADS | _STAFF, Scope.OWN)
    TRANSFER = ActionSpec(pgettext_lazy("to …", "give the recipe away"), _OWNER | _STAFF, Scope.OWN)
    DISOWN = ActionSpec(pgettext_lazy("to …", "disown"), _OWNER | _STAFF, Scope.OWN)
    ADOPT = ActionSpec(pgettext_lazy("to …", "adopt"), _USER, Scope.OWN, switch=Switch.Name.ADOPTION)
    REQUEST = ActionSpec(pgettext_lazy("to …", "file requests"), _USER, Scope.OWN)
    WITHDRAW_REQUEST = ActionSpec(pgettext_lazy("to …", "withdraw the request"), _AUTHOR, Scope.OWN)
    DECIDE_REQUEST = ActionSpec(pgettext_lazy("to …", "decide requests"), _STAFF, Scope.MODERATE)
    RENAME = ActionSpec(pgettext_lazy("to …", "rename"), _STAFF, Scope.MODERATE)
    READ_QUEUE = ActionSpec(
        pgettext_lazy("to …", "read the moderation queue"), _REVIEWER | _STAFF, Scope.MODERATE, in_maintenance=True
    )
    RELEASE_HOLD = ActionSpec(pgettext_lazy("to …", "review held revisions"), _REVIEWER | _STAFF, Scope.MODERATE)
    DECIDE_DELAYED = ActionSpec(
        pgettext_lazy("to …", "stop or release delayed revisions"), _LEADS | {Role.CO_PUSH, Role.TRUSTED} | _STAFF, Scope.PUSH
    )
    # Not offered by the API: a person approves on the site, since a token is what staging is there against.
    APPROVE_STAGED = ActionSpec(pgettext_lazy("to …", "approve staged revisions"), _PUSHERS, Scope.MODERATE)
    CHOOSE_STAGING = ActionSpec(pgettext_lazy("to …", "choose staging"), _LEADS | _STAFF, Scope.MODERATE)
    SET_INCIDENT_LEVEL = ActionSpec(pgettext_lazy("to …", "set the incident level"), _STAFF, Scope.MODERATE, in_maintenance=True)
    DECIDE_REPORT = ActionSpec(pgettext_lazy("to …", "decide reports"), _STAFF, Scope.MODERATE)
    QUARANTINE = ActionSpec(pgettext_lazy("to …", "quarantine"), _STAFF, Scope.MODERATE)
    PURGE = ActionSpec(pgettext_lazy("to …", "remove a revision for good"), _STAFF, Scope.MODERATE)
    DELETE = ActionSpec(pgettext_lazy("to …", "delete and restore recipes"), _STAFF, Scope.MODERATE)
    RULE_MODEL = ActionSpec(pgettext_lazy("to …", "rule on a model's class"), _STAFF, Scope.MODERATE)
    FREEZE_ACCOUNT = ActionSpec(pgettext_lazy("to …", "freeze accounts"), _STAFF, Scope.MODERATE)
    NAME_RULES = ActionSpec(pgettext_lazy("to …", "change name rules"), _STAFF, Scope.MODERATE)
    RELINT = ActionSpec(pgettext_lazy("to …", "lint the whole catalogue again"), _STAFF, Scope.MODERATE)
    SWITCH = ActionSpec(pgettext_lazy("to …", "turn switches"), _STAFF, Scope.MODERATE, in_maintenance=True)
    WRITE_NEWS = ActionSpec(pgettext_lazy("to …", "write news"), _STAFF, Scope.MODERATE)
    SET_RANK = ActionSpec(pgettext_lazy("to …", "set ranks"), frozenset({Role.ADMINISTRATOR}), Scope.MODERATE)

    def is_open_to(self, roles: frozenset[Role]) -> bool:
        """Return whether one of `roles` may do it."""
        return bool(self.value.roles & roles)


_CO_ROLES = {"maintain": Role.CO_MAINTAIN, "push": Role.CO_PUSH, "triage": Role.CO_TRIAGE}


class PermissionDenied(Exception):
    """An account asked for what its roles do not give; the text says what it lacks."""

    def __init__(self, action: Action, message: str) -> None:
        super().__init__(message)
        self.action = action


class SwitchedOff(PermissionDenied):
    """Nobody may do this now: a moderator has turned it off, and the text is his message."""


def is_verified(user: User) -> bool:
    """Return whether the account has proved its primary address. Asked once for each object of the account."""
    if "_verified" not in user.__dict__:
        user.__dict__["_verified"] = EmailAddress.objects.filter(user=user, primary=True, verified=True).exists()
    return bool(user.__dict__["_verified"])


def has_second_factor(user: User) -> bool:
    """Return whether the account signs in with a second factor, which is required of staff."""
    return bool(Authenticator.objects.filter(user=user).exists())


def lacks_factor_for(user: User, recipe: Recipe) -> bool:
    """Return whether `user` has to set up a second factor before they act on `recipe`: many use it (see `reach`).

    Asked once for each object of the account and recipe: one query where the account has one, two more where it has not.
    """
    if not settings.LEADERS_NEED_SECOND_FACTOR:
        return False
    known: dict[int, bool] = user.__dict__.setdefault("_lacks_factor_for", {})
    if recipe.pk not in known:
        known[recipe.pk] = not has_second_factor(user) and reach.is_wide(recipe)
    return known[recipe.pk]


def was_refused_for_factor(user: User, recipe: Recipe) -> bool:
    """Return whether `roles_of` has taken the role of `user` in `recipe` away for want of a second factor. No query."""
    return bool(user.__dict__.get("_lacks_factor_for", {}).get(recipe.pk))


def roles_of(user: User | AnonymousUser | None, recipe: Recipe | None = None, *, author_id: int | None = None) -> frozenset[Role]:
    """Return all roles of `user`: towards `recipe`, and towards words by the account `author_id`, where they are given.

    An account that is unverified or frozen has no other role. Staff without a second factor is an ordinary user, and so is who
    looks after a recipe that many use.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset({Role.VISITOR})
    if user.frozen_at is not None:
        return frozenset({Role.FROZEN})
    if not is_verified(user):
        return frozenset({Role.UNVERIFIED})
    roles = {Role.USER}
    if author_id is not None and author_id == user.pk:
        roles.add(Role.AUTHOR)
    if recipe is not None:
        roles |= _roles_in(user, recipe)
    if user.rank == Rank.TRUSTED:
        roles.add(Role.TRUSTED)
    elif user.rank in (Rank.MODERATOR, Rank.ADMINISTRATOR) and (
        not settings.STAFF_NEEDS_SECOND_FACTOR or has_second_factor(user)
    ):
        roles |= {Role.TRUSTED, Role(user.rank)}
    return frozenset(roles)


def _roles_in(user: User, recipe: Recipe) -> set[Role]:
    role = _role_in(user, recipe)
    # Who may only triage changes nothing that others run.
    return set() if role is None or (role != Role.CO_TRIAGE and lacks_factor_for(user, recipe)) else {role}


def _role_in(user: User, recipe: Recipe) -> Role | None:
    """Return the role of `user` in the team of `recipe`, whether or not it has an effect."""
    if recipe.maintainer_id == user.pk:
        return Role.MAINTAINER
    role = CoMaintainer.objects.filter(recipe=recipe, user=user).values_list("role", flat=True).first()
    return _CO_ROLES[role] if role else None


def allowed(
    action: Action, user: User | AnonymousUser | None, recipe: Recipe | None = None, *, author_id: int | None = None
) -> bool:
    """Return whether the table lets `user` do `action`; switches are not asked, so that a page can show why a button fails."""
    return action.is_open_to(roles_of(user, recipe, author_id=author_id))


def acts_of(user: User | AnonymousUser | None, recipe: Recipe | None = None) -> dict[str, bool]:
    """Return for every action, by its name in lower case, whether the table gives it to `user`: what a page shows buttons by."""
    roles = roles_of(user, recipe)
    return {action.name.lower(): action.is_open_to(roles) for action in Action}


def require(
    action: Action, user: User | AnonymousUser | None, recipe: Recipe | None = None, *, author_id: int | None = None
) -> None:
    """Raise PermissionDenied, in words that say what is missing, where table or switches do not allow `action`."""
    roles = roles_of(user, recipe, author_id=author_id)
    if not action.is_open_to(roles):
        raise PermissionDenied(action, _what_is_missing(action, user, roles, recipe))
    if action.value.in_maintenance:
        return
    message = switches.message_if_off(Switch.Name.WRITES, action.value.switch)
    if message is not None:
        raise SwitchedOff(action, message)


def _what_is_missing(action: Action, user: User | AnonymousUser | None, roles: frozenset[Role], recipe: Recipe | None) -> str:
    if Role.VISITOR in roles:
        return _("sign in first: to %(act)s takes an account") % {"act": action.value.label}
    if Role.FROZEN in roles:
        return _("this account is frozen: it can read, and nothing of it is lost; write to the moderators")
    if Role.UNVERIFIED in roles:
        return _("verify your e-mail address first: an unverified account can only read")
    if isinstance(user, User) and user.rank in (Rank.MODERATOR, Rank.ADMINISTRATOR) and Role(user.rank) not in roles:
        return _("set up a second factor first: a moderator's account without one acts as an ordinary user")
    if isinstance(user, User) and recipe is not None and _role_in(user, recipe) and lacks_factor_for(user, recipe):
        return _("set up a second factor first: many use %(recipe)s, so its team signs in with one (%(address)s)") % {
            "recipe": recipe.name, "address": settings.PORTAL_URL + reverse("mfa_index"),
        }  # fmt: skip
    wanted = ", ".join(str(role.label) for role in sorted(action.value.roles))
    act = f"{action.value.label} ({recipe.name})" if recipe else action.value.label
    return _("you may not %(act)s: it takes the role %(roles)s") % {"act": act, "roles": wanted}
