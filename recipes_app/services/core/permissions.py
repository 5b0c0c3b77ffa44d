"""Who may do what: one table, action x role, asked by web, API, SSH and tasks alike. What is not in it is denied.

The table knows roles only. Facts about the thing at hand (a comment is hidden already, a recipe is an orphan) are checked by the
service that owns the thing, after the table has let the account in.
"""

from __future__ import annotations

from enum import StrEnum

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from recipes_app.models import CoMaintainer, Rank, Recipe, Switch, User

from . import reach, switches
from .permission_words import ACTIONS, ROLES


class Role(StrEnum):
    """What an account is to the site and to the recipe or the words at hand; one account can have several."""

    VISITOR = "visitor"
    UNVERIFIED = "unverified"
    FROZEN = "frozen"
    USER = "user"
    AUTHOR = "author"  # of the comment, flag, request or report at hand
    MAINTAINER = "maintainer"
    CO_MAINTAIN = "co-maintainer: maintain"
    CO_PUSH = "co-maintainer: push"
    CO_TRIAGE = "co-maintainer: triage"
    TRUSTED = "trusted reviewer"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """Everything that can be asked for."""

    READ = "read"
    READ_HIDDEN = "read hidden text"
    READ_INTAKE = "read what is held back"
    CREATE_TOKEN = "create a token"  # noqa: S105 - a name, no secret
    EDIT_ACCOUNT = "edit the account"
    CREATE_RECIPE = "create a recipe"
    PUSH = "push"
    REWRITE_HISTORY = "rewrite history"
    REQUEUE_LINT = "queue lint again"
    CANCEL_LINT = "cancel lint"
    SET_KEYWORDS = "set keywords"
    CHOOSE_TRIAL_BUILDS = "choose trial builds"
    VOTE = "vote"
    FOLLOW = "follow"
    COMMENT = "comment"
    EDIT_COMMENT = "edit the comment"
    HIDE_COMMENT = "delete the comment"
    PIN_COMMENT = "pin comments"
    FLAG = "flag"
    WITHDRAW_FLAG = "withdraw the flag"
    ANSWER_FLAG = "answer flags"
    CLOSE_FLAG = "close flags about packaging"
    RULE_FLAG = "close flags about licence, class or malice"
    REPORT = "report"
    INVITE = "invite co-maintainers"
    REMOVE_CO_MAINTAINER = "remove co-maintainers"
    MANAGE_WEBHOOKS = "manage webhooks"
    TRANSFER = "give the recipe away"
    DISOWN = "disown"
    ADOPT = "adopt"
    REQUEST = "file requests"
    WITHDRAW_REQUEST = "withdraw the request"
    DECIDE_REQUEST = "decide requests"
    RENAME = "rename"
    READ_QUEUE = "read the moderation queue"
    RELEASE_HOLD = "review held revisions"
    DECIDE_DELAYED = "stop or release delayed revisions"
    APPROVE_STAGED = "approve staged revisions"
    CHOOSE_STAGING = "choose staging"
    SET_INCIDENT_LEVEL = "set the incident level"
    DECIDE_REPORT = "decide reports"
    QUARANTINE = "quarantine"
    PURGE = "remove a revision for good"
    DELETE = "delete and restore recipes"
    RULE_MODEL = "rule on a model's class"
    FREEZE_ACCOUNT = "freeze accounts"
    NAME_RULES = "change name rules"
    RELINT = "lint the whole catalogue again"
    SWITCH = "turn switches"
    WRITE_NEWS = "write news"
    SET_RANK = "set ranks"


_STAFF = frozenset({Role.MODERATOR, Role.ADMINISTRATOR})
_USER = frozenset({Role.USER})
_LEADS = frozenset({Role.MAINTAINER, Role.CO_MAINTAIN})
_TEAM = _LEADS | {Role.CO_PUSH, Role.CO_TRIAGE}

PERMISSIONS: dict[Action, frozenset[Role]] = {
    Action.READ: frozenset(Role),
    Action.READ_HIDDEN: _STAFF,
    Action.READ_INTAKE: _TEAM | {Role.TRUSTED} | _STAFF,
    Action.CREATE_TOKEN: _USER,
    Action.EDIT_ACCOUNT: _USER,
    Action.CREATE_RECIPE: _USER,
    Action.PUSH: _LEADS | {Role.CO_PUSH} | _STAFF,
    Action.REWRITE_HISTORY: _STAFF,
    Action.REQUEUE_LINT: _TEAM | _STAFF,
    Action.CANCEL_LINT: _TEAM | _STAFF,
    Action.SET_KEYWORDS: _LEADS | {Role.CO_PUSH} | _STAFF,
    Action.CHOOSE_TRIAL_BUILDS: _LEADS | _STAFF,
    Action.VOTE: _USER,
    Action.FOLLOW: _USER,
    Action.COMMENT: _USER,
    Action.EDIT_COMMENT: frozenset({Role.AUTHOR}),
    Action.HIDE_COMMENT: frozenset({Role.AUTHOR}) | _STAFF,
    Action.PIN_COMMENT: _TEAM | _STAFF,
    Action.FLAG: _USER,
    Action.WITHDRAW_FLAG: frozenset({Role.AUTHOR}) | _STAFF,
    Action.ANSWER_FLAG: _TEAM | _STAFF,
    Action.CLOSE_FLAG: _TEAM | _STAFF,
    Action.RULE_FLAG: _STAFF,
    Action.REPORT: _USER,
    Action.INVITE: _LEADS | _STAFF,
    Action.REMOVE_CO_MAINTAINER: _LEADS | _STAFF,
    Action.MANAGE_WEBHOOKS: _LEADS | _STAFF,
    Action.TRANSFER: frozenset({Role.MAINTAINER}) | _STAFF,
    Action.DISOWN: frozenset({Role.MAINTAINER}) | _STAFF,
    Action.ADOPT: _USER,
    Action.REQUEST: _USER,
    Action.WITHDRAW_REQUEST: frozenset({Role.AUTHOR}),
    Action.DECIDE_REQUEST: _STAFF,
    Action.RENAME: _STAFF,
    Action.READ_QUEUE: frozenset({Role.TRUSTED}) | _STAFF,
    Action.RELEASE_HOLD: frozenset({Role.TRUSTED}) | _STAFF,
    Action.DECIDE_DELAYED: _LEADS | {Role.CO_PUSH, Role.TRUSTED} | _STAFF,
    Action.APPROVE_STAGED: _LEADS | {Role.CO_PUSH},
    Action.CHOOSE_STAGING: _LEADS | _STAFF,
    Action.SET_INCIDENT_LEVEL: _STAFF,
    Action.DECIDE_REPORT: _STAFF,
    Action.QUARANTINE: _STAFF,
    Action.PURGE: _STAFF,
    Action.DELETE: _STAFF,
    Action.RULE_MODEL: _STAFF,
    Action.FREEZE_ACCOUNT: _STAFF,
    Action.NAME_RULES: _STAFF,
    Action.RELINT: _STAFF,
    Action.SWITCH: _STAFF,
    Action.WRITE_NEWS: _STAFF,
    Action.SET_RANK: frozenset({Role.ADMINISTRATOR}),
}

# Reading goes on in maintenance mode, and so does the one act that ends it.
ALLOWED_IN_MAINTENANCE = frozenset(
    {Action.READ, Action.READ_HIDDEN, Action.READ_INTAKE, Action.READ_QUEUE, Action.SWITCH, Action.SET_INCIDENT_LEVEL}
)
# What else a switch stops; staff is stopped too, so that a switch means what it says.
_SWITCHES = {
    Action.CREATE_RECIPE: Switch.Name.NEW_RECIPES,
    Action.PUSH: Switch.Name.PUSHES,
    Action.ADOPT: Switch.Name.ADOPTION,
}
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
    return bool(PERMISSIONS[action] & roles_of(user, recipe, author_id=author_id))


def acts_of(user: User | AnonymousUser | None, recipe: Recipe | None = None) -> dict[str, bool]:
    """Return for every action, by its name in lower case, whether the table gives it to `user`: what a page shows buttons by."""
    roles = roles_of(user, recipe)
    return {action.name.lower(): bool(PERMISSIONS[action] & roles) for action in Action}


def require(
    action: Action, user: User | AnonymousUser | None, recipe: Recipe | None = None, *, author_id: int | None = None
) -> None:
    """Raise PermissionDenied, in words that say what is missing, where table or switches do not allow `action`."""
    roles = roles_of(user, recipe, author_id=author_id)
    if not PERMISSIONS[action] & roles:
        raise PermissionDenied(action, _what_is_missing(action, user, roles, recipe))
    if action in ALLOWED_IN_MAINTENANCE:
        return
    message = switches.message_if_off(Switch.Name.WRITES, _SWITCHES.get(action))
    if message is not None:
        raise SwitchedOff(action, message)


def _what_is_missing(action: Action, user: User | AnonymousUser | None, roles: frozenset[Role], recipe: Recipe | None) -> str:
    if Role.VISITOR in roles:
        return _("sign in first: to %(act)s takes an account") % {"act": ACTIONS[action]}
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
    wanted = ", ".join(str(ROLES[role]) for role in sorted(PERMISSIONS[action]))
    act = f"{ACTIONS[action]} ({recipe.name})" if recipe else ACTIONS[action]
    return _("you may not %(act)s: it takes the role %(roles)s") % {"act": act, "roles": wanted}
