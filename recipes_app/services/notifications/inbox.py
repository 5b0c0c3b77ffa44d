"""The web inbox: what an account was told, newest first, and what of it is unread."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from recipes_app.models import Notification, User

from ..core.permissions import Action, require


def messages_of(user: User, *, unread_only: bool = False, kind: str = "") -> QuerySet[Notification]:
    """Return what `user` was told, newest first; all that a page needs of each message is loaded with it."""
    messages = Notification.objects.filter(user=user).select_related("recipe").order_by("-created_at", "-id")
    if unread_only:
        messages = messages.filter(read_at=None)
    return messages.filter(kind=kind) if kind else messages


def unread_count(user: User) -> int:
    """Return how many messages `user` has not read. One query, answered by an index."""
    return Notification.objects.filter(user=user, read_at=None).count()


def mark_read(user: User, ids: Iterable[int]) -> int:
    """Mark messages of `user` as read; return how many were not. Others' are left alone. Raises PermissionDenied."""
    require(Action.EDIT_ACCOUNT, user)
    return Notification.objects.filter(user=user, pk__in=list(ids), read_at=None).update(read_at=timezone.now())


def mark_all_read(user: User) -> int:
    """Mark all messages of `user` as read; return how many were not. Raises PermissionDenied."""
    require(Action.EDIT_ACCOUNT, user)
    return Notification.objects.filter(user=user, read_at=None).update(read_at=timezone.now())
