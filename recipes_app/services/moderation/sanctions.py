"""What moderators do about an account: freeze, thaw, rank, and roll back what it pushed since a time. Nothing is lost by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import Rank, Recipe, Revision, User

from ..audit import audit
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..gates import holds
from ..ownership.ownership import lock
from ..publishing import publish
from . import revisions


def freeze(user: User, account: User, reason: str) -> None:
    """Let `account` read only: sessions end, tokens and keys open nothing, until it is thawed.

    Raises PermissionDenied, Refused.
    """
    require(Action.FREEZE_ACCOUNT, user)
    words = texts.checked(reason, "reason", blank=_("give a reason: it stands in the log, and the account is shown it"))
    if account.pk == user.pk:
        raise Refused(_("you cannot freeze your own account"), code="own-account")
    if account.rank == Rank.ADMINISTRATOR:
        raise Refused(_("an administrator is frozen only after another one has taken the rank away"), code="administrator")
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=account.pk)
        if locked.frozen_at is not None:
            raise Refused(_("%(account)s is frozen already") % {"account": account.username}, code="already")
        locked.frozen_at = timezone.now()
        locked.frozen_reason = words
        locked.save(update_fields=["frozen_at", "frozen_reason"])
        Session.objects.filter(session_key__in=UserSession.objects.filter(user=locked).values("session_key")).delete()
        audit.record(EventKind.ACCOUNT_FROZEN, user, account=locked, public={"reason": words})


def thaw(user: User, account: User, reason: str) -> None:
    """Give `account` back what it could do. Raises PermissionDenied, Refused where it is not frozen."""
    require(Action.FREEZE_ACCOUNT, user)
    words = texts.checked(reason, "reason")
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=account.pk)
        if locked.frozen_at is None:
            raise Refused(_("%(account)s is not frozen") % {"account": account.username}, code="not-frozen")
        locked.frozen_at = None
        locked.frozen_reason = ""
        locked.save(update_fields=["frozen_at", "frozen_reason"])
        audit.record(EventKind.ACCOUNT_THAWED, user, account=locked, public={"reason": words})


def set_rank(user: User, account: User, rank: Rank) -> None:
    """Give `account` a rank. Raises PermissionDenied."""
    require(Action.SET_RANK, user)
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=account.pk)
        before, locked.rank = locked.rank, rank
        locked.save(update_fields=["rank"])
        audit.record(EventKind.ACCOUNT_RANKED, user, account=locked, public={"from": before, "to": rank.value})


@dataclass
class RolledBack:
    """What a roll-back did: revisions taken out, recipes that stand at an older revision, recipes with none left to stand at."""

    revisions: int = 0
    recipes: list[str] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)


def roll_back(user: User, account: User, since: datetime, reason: str) -> RolledBack:
    """Take every revision that `account` pushed since `since` out of the catalogue and its commits off the branches.

    The revisions stay listed, marked as quarantined. A recipe that has no other revision is quarantined as a whole.
    Each recipe is one act that is finished by the sweep where it is interrupted, so a roll-back can be run again.
    Raises PermissionDenied, Refused.
    """
    require(Action.FREEZE_ACCOUNT, user)
    words = texts.checked(reason, "reason", blank=_("give a reason: it stands in the log"))
    result = RolledBack()
    touched = Recipe.objects.filter(revisions__pusher=account, revisions__pushed_at__gte=since).distinct().order_by("name")
    for recipe in touched:
        with publish.acting(recipe.storage_name):
            _roll_back_recipe(user, recipe, account, since, words, result)
    return result


def _roll_back_recipe(user: User, recipe: Recipe, account: User, since: datetime, reason: str, result: RolledBack) -> None:
    with transaction.atomic():
        pushed = recipe.revisions.filter(pusher=account, pushed_at__gte=since).exclude(review=Revision.Review.QUARANTINED)
        rolled_back = dict(pushed.values_list("pk", "commit"))
        if not rolled_back:
            return
        holds.void(user, rolled_back, reason)
        recipe.revisions.filter(pk__in=rolled_back).update(review=Revision.Review.QUARANTINED)
        facts = {"commits": list(rolled_back.values()), "reason": reason}
        audit.record(EventKind.REVISION_ROLLED_BACK, user, recipe=recipe, account=account, public=facts)
        nothing_left = revisions.quarantine_without_revisions(lock(recipe), user, reason)
        (result.quarantined if nothing_left else result.recipes).append(recipe.name)
        result.revisions += len(rolled_back)
