"""Revisions that wait: held until somebody decides, or delayed until their time. The one writer of holds and of what they decide.

The branches move afterwards, by `publish`: its functions are the entrances.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import Hold, Notification, QueueEntry, Revision, User

from ..audit import audit, events, moderation_queue
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, allowed, has_second_factor, require
from ..notifications import follows, notify
from . import trust
from .gate_table import TRUST, UNCONFIRMED, Mode
from .gates import Examination, mode_of

STAGING = "staging"
_FIELDS = ["released", "decision", "decided_at", "decided_by_name"]


def apply(revision: Revision, examination: Examination, *, told: bool = False) -> None:
    """Record what the gates said of a new `revision`, and let it wait where one of them says so. In the caller's transaction.

    With `told`, the pusher is told too: git has answered them long ago.
    """
    if not examination.stops and not examination.observed:
        return
    hold = Hold.objects.create(
        revision=revision, reasons=_all_reasons(examination), observed=list(examination.observed), gates=list(examination.gates),
        created_at=timezone.now(), release_at=_release_at(examination),
    )  # fmt: skip
    if examination.stops:
        _hold(revision, hold, None if told else revision.pusher)


def add(revision: Revision, examination: Examination) -> bool:
    """Record what a report's gates said of a `revision` that is recorded already; return whether it waits now and did not.

    In the caller's transaction; the caller moves the branches. A revision that is published until then is taken back in the open:
    the queue, the public log and the pusher hear of it. One that was delayed is held. What a reviewer has decided stays decided.
    """
    if revision.review == Revision.Review.QUARANTINED:
        return False
    hold = Hold.objects.select_for_update(no_key=True, of=("self",)).filter(revision=revision).first()
    if hold is None:
        apply(revision, examination, told=True)
        return examination.stops
    if hold.decided_at is not None:
        return False
    waited = bool(hold.reasons)
    hold.observed = list(dict.fromkeys([*hold.observed, *examination.observed]))
    hold.reasons = list(dict.fromkeys([*hold.reasons, *_all_reasons(examination)]))
    hold.gates = list(dict.fromkeys([*hold.gates, *examination.gates]))
    was_delayed = hold.release_at is not None
    if examination.held:
        hold.release_at = None
    hold.save(update_fields=["observed", "reasons", "gates", "release_at"])
    held = examination.stops and not waited
    if held or (was_delayed and hold.release_at is None):
        _hold(revision, hold)
    return held


def _all_reasons(examination: Examination) -> list[str]:
    return [*examination.held, *examination.delayed]


def _release_at(examination: Examination) -> datetime | None:
    """Return when the revision becomes current by itself: never, where something holds it."""
    if examination.held or not examination.delayed:
        return None
    return timezone.now() + timedelta(hours=examination.hours)


def _hold(revision: Revision, hold: Hold, actor: User | None = None) -> None:
    """Let a revision wait for the reasons of its `hold`, and tell those who can do something about it."""
    revision.review = Revision.Review.HELD
    revision.save(update_fields=["review"])
    recipe, reasons = revision.recipe, list(hold.reasons)
    until = f" (delayed until {hold.release_at:%Y-%m-%d %H:%M})" if hold.release_at else ""
    summary = f"{recipe.name} {revision.version}{until}: {'; '.join(reasons)}"
    moderation_queue.open_entry(QueueEntry.Kind.HOLD, hold.pk, recipe=recipe, account=revision.pusher, summary=summary)
    facts = {"commit": revision.commit, "version": revision.version, "reasons": reasons}
    if hold.release_at is None:
        audit.record(EventKind.REVISION_HELD, None, recipe=recipe, account=revision.pusher, public=facts)
    else:
        facts |= {"release_at": hold.release_at.isoformat(timespec="seconds")}
        audit.record(EventKind.REVISION_DELAYED, None, recipe=recipe, account=revision.pusher, public=facts)
    _tell(revision, hold, actor)


def _tell(revision: Revision, hold: Hold, actor: User | None) -> None:
    """Tell the team that a revision waits, and the followers too of one that nobody has to release: they may look at it.

    `actor` has read it in git's answer already.
    """
    values = {"version": revision.version, "recipe": revision.recipe.name, "reasons": "; ".join(hold.reasons)}

    def text() -> str:
        if hold.release_at is None:
            return _("Revision %(version)s of %(recipe)s is held for review: %(reasons)s") % values
        at = hold.release_at.strftime("%Y-%m-%d %H:%M")
        return _("Revision %(version)s of %(recipe)s is delayed until %(at)s UTC: %(reasons)s") % {**values, "at": at}

    kind = Notification.Kind.MODERATION
    hearers = follows.audience(revision.recipe, kind) if hold.release_at else follows.team(revision.recipe)
    people = {user.pk: user for user in [*hearers, revision.pusher] if user is not None}
    notify.notify(kind, people.values(), recipe=revision.recipe, actor=actor, url=revision.get_absolute_url(), text=text)


def may_decide(user: User, revision: Revision, hold: Hold) -> bool:
    """Return whether a page shows `user` the acts on a waiting revision: a reviewer, or for what is delayed one of the team."""
    if allowed(Action.RELEASE_HOLD, user, revision.recipe):
        return True
    return hold.is_delayed and allowed(Action.DECIDE_DELAYED, user, revision.recipe)


def decide(user: User, revision: Revision, *, release: bool, decision: str) -> None:
    """Release a waiting revision, or reject it for good, with words. Nobody releases what they pushed themselves.

    A delayed one is also stopped by anybody of its team, the pusher too, and released early by a member with earned trust.
    The branches move afterwards: the caller is `publish.review`. Raises PermissionDenied, Refused.
    """
    with transaction.atomic():
        hold = Hold.objects.select_for_update(no_key=True, of=("self",)).filter(revision=revision, decided_at=None).first()
        delayed = hold is not None and hold.is_delayed
        require(Action.DECIDE_DELAYED if delayed else Action.RELEASE_HOLD, user, revision.recipe)
        words = texts.checked(decision, "decision", blank=_("say what you looked at: it stands in the log"))
        if hold is None or not hold.reasons:
            raise Refused(_("this revision does not wait for a review"), code="not-held")
        if revision.pusher_id == user.pk and (release or not delayed):
            raise Refused(_("you pushed this revision: another reviewer must look at it"), code="own-revision")
        if release:
            _check_releaser(user, revision)
        _close(hold, revision, user, release=release, decision=words)


def _check_releaser(user: User, revision: Revision) -> None:
    """Refuse a member of the team who has no trust of their own in the recipe: a second account is quickly invited."""
    if allowed(Action.RELEASE_HOLD, user, revision.recipe):
        return
    if mode_of(TRUST.id) not in (Mode.OBSERVE, Mode.OFF) and not trust.has_earned(user, revision.recipe, timezone.now()):
        raise Refused(
            _("you have not earned trust in this recipe yet: a reviewer, or a member of the team who has, may release it early"),
            code="no-trust",
        )


def approve(user: User, revision: Revision) -> bool:
    """Approve, for the team, what a token pushed to a recipe with staging; return whether nothing else holds it.

    The one who approves has proved to be there (the view asks for the second factor again). Where other gates hold the revision,
    it goes on waiting for them. The branches move afterwards: the caller is `publish.approve`. Raises PermissionDenied, Refused.
    """
    require(Action.APPROVE_STAGED, user, revision.recipe)
    with transaction.atomic():
        hold = Hold.objects.select_for_update(no_key=True, of=("self",)).filter(revision=revision, decided_at=None).first()
        if hold is None or STAGING not in hold.gates or hold.approved_at is not None:
            raise Refused(_("this revision does not wait for its team's approval"), code="not-staged")
        hold.approved_at, hold.approved_by_name = timezone.now(), user.username
        hold.save(update_fields=["approved_at", "approved_by_name"])
        facts = {"commit": revision.commit, "version": revision.version}
        audit.record(EventKind.REVISION_APPROVED, user, recipe=revision.recipe, account=revision.pusher, public=facts)
        if set(hold.gates) - {STAGING}:
            return False
        _close(hold, revision, user, release=True, decision="approved on the site by a member of the team")
    return True


def needs_second_factor(user: User, *, required: bool) -> None:
    """Refuse an approval by an account without a second factor, where the site requires one of its staff."""
    if required and not has_second_factor(user):
        raise Refused(_("set up a second factor first: approving is what it protects"), code="no-second-factor")


def due(now: datetime) -> list[Revision]:
    """Return the delayed revisions whose time has come, the oldest first."""
    waiting = Revision.objects.filter(
        review=Revision.Review.HELD, hold__decided_at=None, hold__release_at__lte=now, recipe__deleted_at=None
    )
    return list(waiting.select_related("recipe").order_by("hold__release_at", "id"))


def release_due(revision: Revision, now: datetime) -> bool:
    """Release a delayed `revision` whose time has come and that nobody stopped meanwhile; return whether it was released."""
    with transaction.atomic():
        hold = Hold.objects.select_for_update(no_key=True, of=("self",)).filter(revision=revision, decided_at=None).first()
        fresh = Revision.objects.select_related("recipe", "pusher").get(pk=revision.pk)
        if hold is None or hold.release_at is None or hold.release_at > now or fresh.review != Revision.Review.HELD:
            return False
        _close(hold, fresh, None, release=True, decision="nobody stopped it in its time")
    revision.review = fresh.review
    return True


def release_confirmed(revision: Revision, witnesses: Iterable[str]) -> bool:
    """Release a plain bump that waits for nothing but a confirmation of its files, which `witnesses` give; say whether it did."""
    with transaction.atomic():
        hold = Hold.objects.select_for_update(no_key=True, of=("self",)).filter(revision=revision, decided_at=None).first()
        fresh = Revision.objects.select_related("recipe", "pusher").get(pk=revision.pk)
        if hold is None or set(hold.gates) != {UNCONFIRMED} or fresh.review != Revision.Review.HELD:
            return False
        _close(hold, fresh, None, release=True, decision=f"its files are confirmed by {', '.join(witnesses)}")
    revision.review = fresh.review
    return True


def close_stale(revision: Revision) -> bool:
    """Reject a held `revision` that nobody has decided on, with words that say what to do; return whether it still waited."""
    with transaction.atomic():
        hold = Hold.objects.select_for_update(no_key=True, of=("self",)).filter(revision=revision, decided_at=None).first()
        fresh = Revision.objects.select_related("recipe", "pusher").get(pk=revision.pk)
        if hold is None or fresh.review != Revision.Review.HELD:
            return False
        _close(hold, fresh, None, release=False, decision="nobody reviewed it in its time: push it again if it is still wanted")
    return True


def _close(hold: Hold, revision: Revision, user: User | None, *, release: bool, decision: str) -> None:
    """Write a decision: hold, revision, queue, public log, and the word to the pusher."""
    hold.released = release
    hold.decision = decision
    hold.decided_at = timezone.now()
    hold.decided_by_name = user.username if user else ""
    hold.save(update_fields=_FIELDS)
    revision.review = Revision.Review.PUBLISHED if release else Revision.Review.QUARANTINED
    revision.save(update_fields=["review"])
    values = {"version": revision.version, "recipe": revision.recipe.name, "decision": decision}
    events.publish(events.Happened(
        EventKind.REVISION_RELEASED if release else EventKind.REVISION_REJECTED, user,
        recipe=revision.recipe, account=revision.pusher, ends=(QueueEntry.Kind.HOLD, hold.pk),
        public={"commit": revision.commit, "version": revision.version, "decision": decision},
        told=events.Told(
            Notification.Kind.MODERATION, lambda: _verdict(release=release, by_itself=release and user is None) % values,
            revision.get_absolute_url(), [revision.pusher],
        ),
    ))  # fmt: skip


def _verdict(*, release: bool, by_itself: bool) -> str:
    if by_itself:
        return _("Your revision %(version)s of %(recipe)s is current now: nobody stopped it in its time.")
    if release:
        return _("Your revision %(version)s of %(recipe)s was reviewed and released. %(decision)s")
    return _("Your revision %(version)s of %(recipe)s was reviewed and rejected. %(decision)s")


def void(user: User, revision_ids: Iterable[int], reason: str) -> None:
    """Close the holds of revisions that were taken out in another way: nobody has to review them any more."""
    undecided = Hold.objects.filter(revision__in=list(revision_ids), decided_at=None)
    for hold in undecided.select_for_update(no_key=True, of=("self",)):
        hold.released = False
        hold.decision = reason
        hold.decided_at = timezone.now()
        hold.decided_by_name = user.username
        hold.save(update_fields=_FIELDS)
        moderation_queue.close_entry(QueueEntry.Kind.HOLD, hold.pk)
