"""Held revisions: pushed and visible, marked, and not current until a reviewer releases them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Hold, Notification, QueueEntry, Revision, User
from . import audit, notify, queue
from .audit import EventKind
from .errors import Refused
from .gates import Examination
from .permissions import Action, require


def apply(revision: Revision, examination: Examination) -> None:
    """Record what the gates said of a new `revision`, and hold it where one of them does. In the caller's transaction."""
    if not examination.held and not examination.observed:
        return
    hold = Hold.objects.create(
        revision=revision, reasons=list(examination.held), observed=list(examination.observed), created_at=timezone.now()
    )
    if examination.held:
        _hold(revision, hold)


def add(revision: Revision, examination: Examination) -> bool:
    """Record what a report's gates said of a `revision` that is recorded already; return whether it is held now and was not.

    In the caller's transaction; the caller moves the branches. A revision that is published until then is taken back in the open:
    the queue, the public log and the pusher hear of it. What a reviewer has decided stays decided.
    """
    if revision.review == Revision.Review.QUARANTINED:
        return False
    hold = Hold.objects.select_for_update(of=("self",)).filter(revision=revision).first()
    if hold is None:
        apply(revision, examination)
        held = bool(examination.held)
    else:
        if hold.decided_at is not None:
            return False
        hold.observed = list(dict.fromkeys([*hold.observed, *examination.observed]))
        was_held = bool(hold.reasons)
        hold.reasons = list(dict.fromkeys([*hold.reasons, *examination.held]))
        hold.save(update_fields=["observed", "reasons"])
        held = bool(examination.held) and not was_held
        if held:
            _hold(revision, hold)
    if held and revision.pusher is not None:
        values = {"version": revision.version, "recipe": revision.recipe.name, "reasons": "; ".join(examination.held)}
        notify.notify(
            Notification.Kind.MODERATION, [revision.pusher], recipe=revision.recipe, actor=None, url=revision.get_absolute_url(),
            text=lambda: _("Your revision %(version)s of %(recipe)s is held for review: %(reasons)s") % values,
        )  # fmt: skip
    return held


def _hold(revision: Revision, hold: Hold) -> None:
    """Let a revision wait for a reviewer, for the reasons of its `hold`."""
    revision.review = Revision.Review.HELD
    revision.save(update_fields=["review"])
    recipe, reasons = revision.recipe, list(hold.reasons)
    summary = f"{recipe.name} {revision.version}: {'; '.join(reasons)}"
    queue.open_entry(QueueEntry.Kind.HOLD, hold.pk, recipe=recipe, account=revision.pusher, summary=summary)
    facts = {"commit": revision.commit, "version": revision.version, "reasons": reasons}
    audit.record(EventKind.REVISION_HELD, None, recipe=recipe, account=revision.pusher, public=facts)


def decide(user: User, revision: Revision, *, release: bool, decision: str) -> None:
    """Release a held revision, or reject it for good, with words. Nobody reviews what he pushed himself.

    The branches move afterwards, by `publish.sync_recipe`: the caller is `publish.review`. Raises PermissionDenied, Refused.
    """
    require(Action.RELEASE_HOLD, user, revision.recipe)
    if not decision.strip():
        raise Refused(_("say what you looked at: it stands in the log"), field="decision", code="blank")
    if revision.pusher_id == user.pk:
        raise Refused(_("you pushed this revision: another reviewer must look at it"), code="own-revision")
    with transaction.atomic():
        hold = Hold.objects.select_for_update(of=("self",)).filter(revision=revision, decided_at=None).first()
        if hold is None or not hold.reasons:
            raise Refused(_("this revision does not wait for a review"), code="not-held")
        hold.released = release
        hold.decision = decision.strip()
        hold.decided_at = timezone.now()
        hold.decided_by_name = user.username
        hold.save(update_fields=["released", "decision", "decided_at", "decided_by_name"])
        revision.review = Revision.Review.PUBLISHED if release else Revision.Review.QUARANTINED
        revision.save(update_fields=["review"])
        queue.close_entry(QueueEntry.Kind.HOLD, hold.pk)
        kind = EventKind.REVISION_RELEASED if release else EventKind.REVISION_REJECTED
        facts = {"commit": revision.commit, "version": revision.version, "decision": decision.strip()}
        audit.record(kind, user, recipe=revision.recipe, account=revision.pusher, public=facts)
        if revision.pusher is not None:
            values = {"version": revision.version, "recipe": revision.recipe.name, "decision": decision.strip()}
            notify.notify(
                Notification.Kind.MODERATION, [revision.pusher], recipe=revision.recipe, actor=user,
                text=lambda: _verdict(release=release) % values, url=revision.get_absolute_url(),
            )  # fmt: skip


def _verdict(*, release: bool) -> str:
    if release:
        return _("Your revision %(version)s of %(recipe)s was reviewed and released. %(decision)s")
    return _("Your revision %(version)s of %(recipe)s was reviewed and rejected. %(decision)s")


def void(user: User, revision_ids: Iterable[int], reason: str) -> None:
    """Close the holds of revisions that were taken out in another way: nobody has to review them any more."""
    for hold in Hold.objects.select_for_update(of=("self",)).filter(revision__in=list(revision_ids), decided_at=None):
        hold.released = False
        hold.decision = reason
        hold.decided_at = timezone.now()
        hold.decided_by_name = user.username
        hold.save(update_fields=["released", "decision", "decided_at", "decided_by_name"])
        queue.close_entry(QueueEntry.Kind.HOLD, hold.pk)
