"""The one call for what has happened: the log, webhooks, people and the moderators' queue hear of it, in the act's transaction.

The kept answers need no call: triggers of the database tell of every row that changes (`response_cache`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recipes_app.models import Notification, QueueEntry, Recipe, User

from ..core.event_kinds import EventKind
from ..notifications import notify
from . import audit, moderation_queue


@dataclass(frozen=True)
class Told:
    """Who is notified, and in which words: those of `people` that there are, and without it all who follow the recipe."""

    kind: Notification.Kind
    text: notify.Words
    url: str
    people: Iterable[User | None] | None = None


@dataclass(frozen=True)
class Happened:
    """What has happened. Without an actor, the site itself did it; `ends` is what waits in the moderators' queue no more."""

    kind: EventKind
    actor: User | None
    recipe: Recipe | None = None
    account: User | None = None
    public: Mapping[str, Any] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)
    told: Told | None = None
    ends: tuple[QueueEntry.Kind, int] | None = None


def publish(event: Happened) -> None:
    """Write `event` wherever it is read; the actor is not notified. Raises TransactionManagementError outside a transaction."""
    recipe, actor, told = event.recipe, event.actor, event.told
    if event.ends is not None:
        moderation_queue.close_entry(*event.ends)
    audit.record(event.kind, actor, recipe=recipe, account=event.account, public=event.public, private=event.private)
    if told is None:
        return
    if told.people is not None:
        people = [each for each in told.people if each is not None]
        notify.notify(told.kind, people, recipe=recipe, actor=actor, text=told.text, url=told.url)
    elif recipe is not None:
        notify.notify_followers(told.kind, recipe, actor=actor, text=told.text, url=told.url)
