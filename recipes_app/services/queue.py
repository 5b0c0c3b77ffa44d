"""The moderators' queue: one row for each thing that waits, whatever its kind, written and closed with the thing itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from ..models import QueueEntry, Recipe, User
from .errors import Refused
from .permissions import Action, require

_SUMMARY = 300


def open_entry(
    kind: QueueEntry.Kind,
    subject_id: int,
    *,
    recipe: Recipe | None,
    account: User | None,
    summary: str,
    at: datetime | None = None,
) -> QueueEntry:
    """Let a thing wait in the queue, in the caller's transaction. What waits already keeps its place; a closed entry returns."""
    entry, created = QueueEntry.objects.get_or_create(
        kind=kind,
        subject_id=subject_id,
        defaults={"recipe": recipe, "account": account, "summary": summary[:_SUMMARY], "created_at": at or timezone.now()},
    )
    if not created and entry.closed_at is not None:
        entry.closed_at = entry.claimed_by = entry.claimed_at = None
        entry.save(update_fields=["closed_at", "claimed_by", "claimed_at"])
    return entry


def close_entry(kind: QueueEntry.Kind, subject_id: int) -> None:
    """Take a thing out of the queue, in the caller's transaction. Nothing happens where it does not wait."""
    QueueEntry.objects.filter(kind=kind, subject_id=subject_id, closed_at=None).update(closed_at=timezone.now())


def waiting(*, kind: str = "", recipe: str = "", account: str = "", claimed_by: User | None = None) -> QuerySet[QueueEntry]:
    """Return what waits, oldest first, as narrowed down: all that a page needs of each entry is loaded with it."""
    entries = QueueEntry.objects.filter(closed_at=None).select_related("recipe", "account", "claimed_by")
    if kind:
        entries = entries.filter(kind=kind)
    if recipe:
        entries = entries.filter(recipe__name=recipe)
    if account:
        entries = entries.filter(account__username=account)
    if claimed_by is not None:
        entries = entries.filter(claimed_by=claimed_by)
    return entries.order_by("created_at", "id")


def claim(user: User, entry_id: int) -> QueueEntry:
    """Mark an entry as `user`'s to decide, so that two do not work on it. Raises Refused where another has it or it is closed."""
    require(Action.READ_QUEUE, user)
    with transaction.atomic():
        entry = QueueEntry.objects.select_for_update(of=("self",)).filter(pk=entry_id, closed_at=None).first()
        if entry is None:
            raise Refused("this entry is decided already: reload the queue", code="already-decided")
        if entry.claimed_by_id not in (None, user.pk):
            raise Refused("another moderator has claimed this entry: ask them, or take one that is free", code="claimed")
        entry.claimed_by, entry.claimed_at = user, timezone.now()
        entry.save(update_fields=["claimed_by", "claimed_at"])
    return entry


def unclaim(user: User, entry_id: int) -> None:
    """Give a claimed entry back to all. Only who claimed it can."""
    require(Action.READ_QUEUE, user)
    QueueEntry.objects.filter(pk=entry_id, claimed_by=user, closed_at=None).update(claimed_by=None, claimed_at=None)
