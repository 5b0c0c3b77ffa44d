"""The moderators' queue: one row for each thing that waits, whatever its kind, written and closed with the thing itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import QueueEntry, Recipe, User

from ..core import texts
from ..core.errors import Refused
from ..core.pages import cut
from ..core.permissions import Action, require, roles_of

_SUMMARY = 300
# What deciding an entry takes; who may not decide a kind does not see what waits of it: reports are for moderators' eyes.
DECIDED_BY = {
    QueueEntry.Kind.FLAG: Action.RULE_FLAG,
    QueueEntry.Kind.REQUEST: Action.DECIDE_REQUEST,
    QueueEntry.Kind.HOLD: Action.RELEASE_HOLD,
    QueueEntry.Kind.REPORT: Action.DECIDE_REPORT,
    QueueEntry.Kind.NAME: Action.NAME_RULES,
}


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
    line = texts.shortened(summary, _SUMMARY)
    entry, created = QueueEntry.objects.get_or_create(
        kind=kind,
        subject_id=subject_id,
        defaults={
            "recipe": recipe,
            "account": account,
            "summary": line,
            "created_at": at or timezone.now(),
        },
    )
    if not created and entry.closed_at is not None:
        entry.closed_at = entry.claimed_by = entry.claimed_at = None
        entry.save(update_fields=["closed_at", "claimed_by", "claimed_at"])
    return entry


def close_entry(kind: QueueEntry.Kind, subject_id: int) -> None:
    """Take a thing out of the queue, in the caller's transaction. Nothing happens where it does not wait."""
    QueueEntry.objects.filter(kind=kind, subject_id=subject_id, closed_at=None).update(closed_at=timezone.now())


@dataclass(frozen=True)
class Narrowed:
    """What a reader of the queue wants to see of it; empty is everything."""

    kind: str = ""
    recipe: str = ""
    account: str = ""
    mine: bool = False


@dataclass(frozen=True)
class QueuePage:
    """Some entries, oldest first; how many wait of each kind; and the entry that the next page begins behind, or None."""

    entries: list[QueueEntry]
    waiting: dict[str, int]
    next_after: int | None


def kinds_for(user: User) -> list[QueueEntry.Kind]:
    """Return the kinds that `user` may decide. Raises PermissionDenied for who may decide none."""
    require(Action.READ_QUEUE, user)
    roles = roles_of(user)
    return [kind for kind, action in DECIDED_BY.items() if action.is_open_to(roles)]


def read(user: User, narrowed: Narrowed, *, after: int | None = None, limit: int = PAGE_SIZE) -> QueuePage:
    """Return a page of what waits for `user`'s decision, with all that a page shows of each entry.

    Two queries, and one more to find where the page begins, beside those for the roles. Raises PermissionDenied.
    """
    mine = QueueEntry.objects.filter(closed_at=None, kind__in=kinds_for(user))
    numbers = dict(mine.order_by().values_list("kind").annotate(number=Count("id")))
    rows = mine.select_related("recipe", "account", "claimed_by").defer("recipe__quarantine_reason", "account__about")
    for column, value in (("kind", narrowed.kind), ("recipe__name", narrowed.recipe), ("account__username", narrowed.account)):
        if value:
            rows = rows.filter(**{column: value})
    if narrowed.mine:
        rows = rows.filter(claimed_by=user)
    start = QueueEntry.objects.filter(pk=after).first() if after is not None else None
    if start is not None:
        rows = rows.filter(Q(created_at__gt=start.created_at) | Q(created_at=start.created_at, pk__gt=start.pk))
    page, next_after = cut(rows.order_by("created_at", "id"), limit, lambda entry: entry.pk)
    return QueuePage(page, numbers, next_after)


def entry_for(user: User, entry_id: int) -> QueueEntry:
    """Return the entry that `user` wants to decide, open or closed. Raises PermissionDenied, QueueEntry.DoesNotExist."""
    kinds = kinds_for(user)
    entry = QueueEntry.objects.select_related("recipe__current", "account", "claimed_by").get(pk=entry_id)
    if entry.kind not in kinds:
        require(DECIDED_BY[QueueEntry.Kind(entry.kind)], user)
    return entry


def claim(user: User, entry_id: int) -> QueueEntry:
    """Mark an entry as `user`'s to decide, so that two do not work on it.

    Raises PermissionDenied, Refused where another has it or it is closed.
    """
    require(Action.READ_QUEUE, user)
    with transaction.atomic():
        entry = QueueEntry.objects.select_for_update(no_key=True, of=("self",)).filter(pk=entry_id, closed_at=None).first()
        if entry is None:
            raise Refused(_("this entry is decided already: reload the queue"), code="already-decided")
        require(DECIDED_BY[QueueEntry.Kind(entry.kind)], user)
        if entry.claimed_by_id not in (None, user.pk):
            raise Refused(_("another moderator has claimed this entry: ask them, or take one that is free"), code="claimed")
        entry.claimed_by, entry.claimed_at = user, timezone.now()
        entry.save(update_fields=["claimed_by", "claimed_at"])
    return entry


def unclaim(user: User, entry_id: int) -> None:
    """Give a claimed entry back to all. Only who claimed it can."""
    require(Action.READ_QUEUE, user)
    QueueEntry.objects.filter(pk=entry_id, claimed_by=user, closed_at=None).update(claimed_by=None, claimed_at=None)
