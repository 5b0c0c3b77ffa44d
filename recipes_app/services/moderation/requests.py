"""Requests to delete, orphan, merge or adopt a recipe: one state machine with the AUR's waiting and auto-accept rules.

    open -> accepted | rejected | withdrawn | stale

What a kind waits for stands in `_waiting`, what lets it through at once in `_at_once`, and what acceptance does in `_APPLY`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.limits import (
    ADOPTION_WAIT_DAYS,
    MAX_OPEN_REQUESTS_PER_ACCOUNT,
    ORPHAN_AT_ONCE_DAYS,
    OWN_DELETION_HOURS,
    REQUEST_STALE_DAYS,
    REQUEST_WAIT_DAYS,
)
from recipes_app.models import Follow, Notification, OwnershipRequest, QueueEntry, Recipe, Switch, User

from ..audit import audit, events, moderation_queue
from ..audit.audit import EventKind
from ..core import switches, texts
from ..core.errors import Refused
from ..core.permissions import Action, allowed, is_verified, require
from ..core.retrying import retried
from ..gates import incident
from ..notifications import notify
from ..ownership.ownership import hand_over, lock, pass_on
from . import lifecycle

Kind = OwnershipRequest.Kind
State = OwnershipRequest.State


@retried
def file(user: User, recipe: Recipe, kind: Kind, text: str, *, target: Recipe | None = None) -> OwnershipRequest:
    """File a request about `recipe`; `target` is what a merge leads to. It may be accepted at once, by the rules.

    Raises PermissionDenied, and Refused where the request makes no sense as things stand.
    """
    require(Action.ADOPT if kind == Kind.ADOPTION else Action.REQUEST, user, recipe)
    with transaction.atomic():
        locked = lock(recipe)
        _check(user, locked, kind, text, target)
        now = timezone.now()
        request = OwnershipRequest.objects.create(
            recipe=locked,
            recipe_name=locked.name,
            target_name=target.name if target else "",
            kind=kind,
            requester=user,
            requester_name=user.username,
            text=text.strip(),
            created_at=now,
            waits_until=_waiting(locked, kind, user, now),
        )
        audit.record(EventKind.REQUEST_FILED, user, recipe=locked, public={"request": request.pk, "kind": kind.value})
        if reason := _at_once(locked, kind, user, now):
            _decide(request, locked, None, State.ACCEPTED, reason)
        else:
            _announce(request, locked, user)
    return request


def _check(user: User, recipe: Recipe, kind: Kind, text: str, target: Recipe | None) -> None:
    """Refuse what makes no sense, each with its sentence."""
    texts.checked(text, "text", blank=_("say why: a request without a reason cannot be decided"))
    if recipe.deleted_at is not None:
        raise Refused(_("%(recipe)s is deleted already") % {"recipe": recipe.name}, code="deleted")
    if kind in _CHECKS:
        _CHECKS[kind](user, recipe, target)
    mine = OwnershipRequest.objects.filter(requester=user, state=State.OPEN)
    if mine.filter(recipe=recipe, kind=kind).exists():
        raise Refused(
            _("you have an open %(kind)s request for %(recipe)s already") % {"kind": kind.label, "recipe": recipe.name},
            code="already",
        )
    if mine.count() >= MAX_OPEN_REQUESTS_PER_ACCOUNT:
        raise Refused(
            _("you have %(most)s open requests: wait until some are decided") % {"most": MAX_OPEN_REQUESTS_PER_ACCOUNT},
            code="too-many",
        )


def _check_merge(_user: User, recipe: Recipe, target: Recipe | None) -> None:
    if target is None:
        raise Refused(_("name the recipe to merge into"), field="target", code="blank")
    if target.pk == recipe.pk or target.deleted_at is not None:
        raise Refused(
            _("%(recipe)s cannot be merged into %(target)s: choose another, living recipe")
            % {"recipe": recipe.name, "target": target.name},
            field="target",
        )


def _check_adoption(_user: User, recipe: Recipe, _target: Recipe | None) -> None:
    if recipe.maintainer_id is not None:
        raise Refused(
            _("%(recipe)s has a maintainer: file an orphan request first") % {"recipe": recipe.name}, code="not-an-orphan"
        )


def _check_orphan(user: User, recipe: Recipe, _target: Recipe | None) -> None:
    if recipe.maintainer_id is None:
        raise Refused(_("%(recipe)s is an orphan already: you can adopt it") % {"recipe": recipe.name}, code="orphan")
    if recipe.maintainer_id == user.pk:
        raise Refused(_("you maintain %(recipe)s: disown it, no request is needed") % {"recipe": recipe.name}, code="own-recipe")


_CHECKS: dict[Kind, Callable[[User, Recipe, Recipe | None], None]] = {
    Kind.MERGE: _check_merge,
    Kind.ADOPTION: _check_adoption,
    Kind.ORPHAN: _check_orphan,
}


def _waiting(recipe: Recipe, kind: Kind, user: User, now: datetime) -> datetime | None:
    """Return until when a request waits for the maintainer's objection; None where there is nobody to wait for."""
    if kind == Kind.ADOPTION:
        return now + timedelta(days=ADOPTION_WAIT_DAYS)
    if recipe.maintainer_id in (None, user.pk):
        return None
    return now + timedelta(days=REQUEST_WAIT_DAYS)


def _at_once(recipe: Recipe, kind: Kind, user: User, now: datetime) -> str:
    """Return the rule that accepts a request without anybody's decision, or an empty string. The record is in English."""
    flagged = recipe.out_of_date_since
    if kind == Kind.ORPHAN and flagged is not None and now - flagged >= timedelta(days=ORPHAN_AT_ONCE_DAYS):
        return f"flagged out of date for more than {ORPHAN_AT_ONCE_DAYS} days"
    young = now - recipe.created_at <= timedelta(hours=OWN_DELETION_HOURS)
    if kind == Kind.DELETION and recipe.maintainer_id == user.pk and young:
        return f"asked by its maintainer within {OWN_DELETION_HOURS} hours of the first push"
    return ""


def _announce(request: OwnershipRequest, recipe: Recipe, user: User) -> None:
    """Let the request wait in the queue, and tell maintainer and followers."""
    summary = f"{request.kind} of {recipe.name}"
    moderation_queue.open_entry(QueueEntry.Kind.REQUEST, request.pk, recipe=recipe, account=user, summary=summary)
    values = {"user": user.username, "kind": Kind(request.kind).label, "recipe": recipe.name}
    notify.notify_followers(
        Notification.Kind.REQUEST, recipe, actor=user, url=recipe.get_absolute_url(),
        text=lambda: _("%(user)s asks for the %(kind)s of %(recipe)s.") % values,
    )  # fmt: skip


@retried
def withdraw(user: User, request: OwnershipRequest) -> None:
    """Take one's own request back. Raises PermissionDenied, Refused where it is decided."""
    require(Action.WITHDRAW_REQUEST, user, author_id=request.requester_id)
    with transaction.atomic():
        _close(_locked(request), user, State.WITHDRAWN, "")


def may_object(user: User | AnonymousUser, request: OwnershipRequest) -> bool:
    """Return whether `user` is heard: team and staff on each request, on an adoption the former maintainer and followers too."""
    if _is_heard_on_adoption(user, request):
        return allowed(Action.REQUEST, user, request.recipe)
    return allowed(Action.ANSWER_FLAG, user, request.recipe)


def _is_heard_on_adoption(user: User | AnonymousUser, request: OwnershipRequest) -> bool:
    """An orphan has no maintainer to object: who gave it up and who follows it know best whether its adoption is odd."""
    if not isinstance(user, User) or request.kind != Kind.ADOPTION or request.recipe is None or user.pk == request.requester_id:
        return False
    if user.username == request.recipe.previous_maintainer_name:
        return True
    return Follow.objects.filter(recipe=request.recipe, user=user).exists()


@retried
def object_to(user: User, request: OwnershipRequest, text: str) -> None:
    """An objection: what would have gone through by itself is decided by a moderator now, who reads these words.

    Raises PermissionDenied, Refused where the request is decided or the objection has no words.
    """
    require(Action.REQUEST if _is_heard_on_adoption(user, request) else Action.ANSWER_FLAG, user, request.recipe)
    words = texts.checked(text, "text", blank=_("say why: a moderator decides by it"))
    with transaction.atomic():
        locked = _locked(request)
        locked.decision = words
        locked.waits_until = None
        locked.save(update_fields=["decision", "waits_until"])


def decide(user: User, request: OwnershipRequest, *, accept: bool, reason: str) -> None:
    """Accept or reject a request, with a reason. One that still waits for its maintainer can be rejected, not accepted.

    Raises PermissionDenied, Refused.
    """
    require(Action.DECIDE_REQUEST, user, request.recipe)
    words = texts.checked(reason, "reason", blank=_("give a reason: both sides read it"))
    with transaction.atomic():
        locked = _locked(request)
        if locked.recipe is None:
            raise Refused(_("the recipe is gone: there is nothing to decide"), code="deleted")
        if accept and locked.waits_until is not None and locked.waits_until > timezone.now():
            raise Refused(
                _("the maintainer has until %(date)s to answer: wait, or reject it") % {"date": f"{locked.waits_until:%Y-%m-%d}"},
                code="waiting",
            )
        _decide(locked, lock(locked.recipe), user, State.ACCEPTED if accept else State.REJECTED, words)


def _locked(request: OwnershipRequest) -> OwnershipRequest:
    """Return the request, locked; raise Refused where it is not open any more."""
    fresh = (
        OwnershipRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("recipe", "requester")
        .get(pk=request.pk)
    )
    if fresh.state != State.OPEN:
        raise Refused(_("this request is %(state)s already") % {"state": fresh.get_state_display()}, code="already-decided")
    return fresh


def _decide(request: OwnershipRequest, recipe: Recipe, actor: User | None, state: State, reason: str) -> None:
    """Close the request and, where it is accepted, do what it asks for, all in the caller's transaction."""
    if state == State.ACCEPTED:
        _APPLY[Kind(request.kind)](request, recipe, actor)
    _close(request, actor, state, reason)


def _close(request: OwnershipRequest, actor: User | None, state: State, reason: str) -> None:
    request.state = state
    request.decision = reason
    request.decided_at = timezone.now()
    request.decided_by_name = actor.username if actor else ""
    request.save(update_fields=["state", "decision", "decided_at", "decided_by_name"])
    values = {"kind": Kind(request.kind).label, "recipe": request.recipe_name, "state": state.label, "reason": reason}
    events.publish(events.Happened(
        EventKind.REQUEST_DECIDED, actor, recipe=request.recipe, account=request.requester,
        ends=(QueueEntry.Kind.REQUEST, request.pk),
        public={"request": request.pk, "kind": request.kind, "state": state.value, "reason": reason},
        told=events.Told(
            Notification.Kind.REQUEST, lambda: _("Your %(kind)s request for %(recipe)s: %(state)s. %(reason)s") % values,
            request.recipe.get_absolute_url() if request.recipe else "/", [request.requester],
        ),
    ))  # fmt: skip


def _apply_deletion(request: OwnershipRequest, recipe: Recipe, actor: User | None) -> None:
    lifecycle.delete_locked(recipe, actor, request.text)


def _apply_orphan(request: OwnershipRequest, recipe: Recipe, actor: User | None) -> None:
    pass_on(recipe, actor, EventKind.OWNER_ORPHANED)


def _apply_merge(request: OwnershipRequest, recipe: Recipe, actor: User | None) -> None:
    target = Recipe.objects.filter(name=request.target_name, deleted_at=None).first()
    if target is None:
        raise Refused(_("%(target_name)s is gone: reject the request") % {"target_name": request.target_name}, code="deleted")
    lifecycle.merge_locked(recipe, target, actor)


def _apply_adoption(request: OwnershipRequest, recipe: Recipe, actor: User | None) -> None:
    heir = request.requester
    if recipe.maintainer_id is not None:
        raise Refused(_("%(recipe)s has a maintainer again: reject the request") % {"recipe": recipe.name}, code="not-an-orphan")
    if heir is None or heir.frozen_at is not None or not is_verified(heir):
        raise Refused(_("the requester's account is closed, frozen or unverified: reject the request"), code="not-invitable")
    hand_over(recipe, heir, EventKind.OWNER_ADOPTED, actor, adopted=True)


_APPLY: dict[Kind, Callable[[OwnershipRequest, Recipe, User | None], None]] = {
    Kind.DELETION: _apply_deletion,
    Kind.ORPHAN: _apply_orphan,
    Kind.MERGE: _apply_merge,
    Kind.ADOPTION: _apply_adoption,
}


def sweep(now: datetime | None = None) -> tuple[int, int]:
    """Let adoptions through whose waiting time is over, and close stale requests; return how many of each.

    An adoption goes to who asked first. It waits on for a moderator where somebody objected, and where adoption is off or the
    incident level is not normal. Nothing moves in maintenance mode. A beat task calls it.
    """
    if switches.message_if_off(Switch.Name.WRITES) is not None:
        return 0, 0
    moment = now or timezone.now()
    stopped = switches.message_if_off(Switch.Name.ADOPTION) is not None or incident.stops_adoptions()
    adopted = 0 if stopped else _let_due_adoptions_through(moment)
    border = moment - timedelta(days=REQUEST_STALE_DAYS)
    stale = 0
    for request in OwnershipRequest.objects.filter(state=State.OPEN, created_at__lte=border).order_by("id"):
        with transaction.atomic():
            _close(_locked(request), None, State.STALE, f"nobody decided it within {REQUEST_STALE_DAYS} days")
        stale += 1
    return adopted, stale


def _let_due_adoptions_through(moment: datetime) -> int:
    due = OwnershipRequest.objects.filter(state=State.OPEN, kind=Kind.ADOPTION, waits_until__lte=moment, recipe__deleted_at=None)
    return sum(_let_adoption_through(each) for each in due.select_related("recipe", "requester").order_by("created_at", "id"))


def _let_adoption_through(request: OwnershipRequest) -> bool:
    """Accept one due adoption if it still can be; reject it with the reason if it cannot. Return whether it was accepted."""
    with transaction.atomic():
        locked = _locked(request)
        if locked.recipe is None or locked.requester is None or not allowed(Action.ADOPT, locked.requester):
            _close(locked, None, State.REJECTED, "the requester may not adopt any more")
            return False
        recipe = lock(locked.recipe)
        if recipe.maintainer_id is not None:
            _close(locked, None, State.REJECTED, "somebody else maintains it now")
            return False
        _decide(locked, recipe, None, State.ACCEPTED, f"nobody objected within {ADOPTION_WAIT_DAYS} days")
        return True
