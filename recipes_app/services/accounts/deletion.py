"""The end of an account. What is the person's goes; what others built on or must be able to check stays, without the person.

- Recipes pass to the first in succession, or become orphans. Open requests are withdrawn.
- Comments, flags, requests and reports stay, under DELETED_NAME; on his wish the text of his comments is hidden.
- Votes, follows, tokens, keys, sessions, second factors, addresses, messages, profile and security history are deleted.
- What he decided about others as a moderator stays as it is, with his name: the public log says the same. aurweb took comments of
  others away with the moderator who had hidden them.
- The username stays on the public record (log, git's reflog, who pushed) and on the inactive row, so that nobody gets it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import (
    ApiToken,
    CoMaintainer,
    Comment,
    Flag,
    Follow,
    Invitation,
    KnownDevice,
    MailChoice,
    Notification,
    OwnershipRequest,
    Rank,
    Recipe,
    Report,
    SecurityEvent,
    SshKey,
    User,
    Vote,
)

from ..audit import audit
from ..audit.audit import EventKind
from ..catalogue import votes
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..moderation import requests
from ..ownership import ownership

DELETED_NAME = "deleted-account"


@dataclass(frozen=True)
class Succession:
    """One of the account's recipes, and who follows; nobody where it becomes an orphan."""

    recipe: Recipe
    follower: User | None


@dataclass(frozen=True)
class DeletionPlan:
    """What `delete_account` would do now, for the page that says it before."""

    recipes: tuple[Succession, ...]
    comments: int
    votes: int
    tokens: int
    ssh_keys: int


def plan(user: User) -> DeletionPlan:
    """Return what the deletion of `user` would change. Nothing is written."""
    recipes = Recipe.objects.filter(maintainer=user, deleted_at=None).order_by("name")
    return DeletionPlan(
        recipes=tuple(Succession(recipe, ownership.next_in_line(recipe)) for recipe in recipes),
        comments=user.comments.count(),
        votes=user.votes.count(),
        tokens=user.tokens.count(),
        ssh_keys=user.ssh_keys.count(),
    )


def delete_account(user: User, *, hide_comments: bool = False) -> None:
    """Delete the account of `user`, as this module's text says. There is no way back.

    Raises PermissionDenied (a frozen account waits for the moderators), Refused for the last administrator.
    """
    require(Action.EDIT_ACCOUNT, user)
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _refuse_last_administrator(locked)
        address = locked.email
        _pass_recipes_on(locked)
        _withdraw_requests(locked)
        _take_votes_back(locked)
        _rename_words(locked, hide_comments=hide_comments)
        _drop_what_is_private(locked)
        audit.record(EventKind.ACCOUNT_DELETED, locked, account=locked)
        audit.erase_private(locked.username)
        _leave_tombstone(locked)
        _say_goodbye(address, locked.username)


def _refuse_last_administrator(user: User) -> None:
    if user.rank != Rank.ADMINISTRATOR:
        return
    others = User.objects.select_for_update(no_key=True).filter(rank=Rank.ADMINISTRATOR, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise Refused(_("you are the only administrator: make another one first, or nobody can give ranks any more"), code="last")


def _pass_recipes_on(user: User) -> None:
    for recipe in Recipe.objects.filter(maintainer=user).order_by("pk"):
        locked = ownership.lock(recipe)
        if locked.deleted_at is None:
            ownership.pass_on(locked, user, EventKind.OWNER_DISOWNED)
        else:
            ownership.hand_over(locked, None, EventKind.OWNER_ORPHANED, user)
    for membership in CoMaintainer.objects.filter(user=user).select_related("recipe"):
        ownership.leave(user, membership.recipe)


def _withdraw_requests(user: User) -> None:
    for request in OwnershipRequest.objects.filter(requester=user, state=OwnershipRequest.State.OPEN):
        requests.withdraw(user, request)


def _take_votes_back(user: User) -> None:
    for vote in Vote.objects.filter(user=user).select_related("recipe").order_by("recipe_id"):
        votes.unvote(user, vote.recipe)


def _rename_words(user: User, *, hide_comments: bool) -> None:
    """Let what he said to all stand under DELETED_NAME. Whom he hid, pinned or answered in office keeps his name beside it."""
    if hide_comments:
        own = Comment.objects.filter(author=user, hidden_at=None)
        own.update(hidden_at=timezone.now(), hidden_by_name=DELETED_NAME, pinned_at=None, pinned_by_name="")
    Comment.objects.filter(author=user).update(author=None, author_name=DELETED_NAME)
    Flag.objects.filter(author=user).update(author=None, author_name=DELETED_NAME)
    OwnershipRequest.objects.filter(requester=user).update(requester=None, requester_name=DELETED_NAME)
    Report.objects.filter(reporter=user).update(reporter=None, reporter_name=DELETED_NAME)


def _drop_what_is_private(user: User) -> None:
    Session.objects.filter(session_key__in=UserSession.objects.filter(user=user).values("session_key")).delete()
    private = (
        UserSession, ApiToken, SshKey, Authenticator, SocialAccount, EmailAddress, SecurityEvent, Notification, MailChoice,
        Follow, Invitation, KnownDevice,
    )  # fmt: skip
    for model in private:
        model.objects.filter(user=user).delete()


def _leave_tombstone(user: User) -> None:
    """Keep the row, so that the username is never given again, and nothing on it but the name and the dates."""
    user.set_unusable_password()
    user.email = f"{user.pk}@deleted.invalid"
    user.is_active, user.rank = False, Rank.USER
    user.about = user.homepage = user.openpgp_fingerprint = user.language = user.time_zone = ""
    user.last_login = user.recovery_lost_at = None
    user.save()


def _say_goodbye(address: str, username: str) -> None:
    """Tell the address: whoever did not do this himself must hear of it."""
    text = _("The account %(username)s on %(site)s was deleted, as its owner asked. This is the last mail to this address.")
    names = {"username": username, "site": settings.PORTAL_URL}
    EmailMessage(f"[{settings.SITE_NAME}] " + _("Your account is deleted"), text % names, to=[address]).send()
