"""The public log: each act that changes ownership, trust or visibility, as a line whose hash covers the line before it.

A line is written in the transaction of the act itself, so there is no act without its line and no line without its act.
Private fields are covered by their digest only: they can be erased, on an account's wish, and the chain still holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from recipes_app.models import Event, Recipe, User

from ..core import event_kinds
from ..notifications import webhooks

# Callers know it by this name.
EventKind = event_kinds.EventKind
GENESIS = "0" * 64
# What stands in the place of a private part that was erased.
ERASED = {"erased": True}
# The key of PostgreSQL's advisory lock that lets one writer after the other add to the chain ("log" in ASCII).
_LOCK_KEY = 0x6C6F67
_VERIFY_CHUNK = 2_000


def _canonical(value: Any) -> bytes:
    """Return the one spelling of a JSON value: sorted keys, no white space, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _hash(event: Event) -> str:
    """Return what `event.hash` must be: the SHA-256 of all its public facts, its private digest and the previous hash."""
    facts = {
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": event.kind,
        "actor": event.actor_name,
        "recipe": event.recipe_name,
        "account": event.account_name,
        "public": event.public,
        "private": event.private_digest,
        "previous": event.previous_hash,
    }
    return hashlib.sha256(_canonical(facts)).hexdigest()


def record(
    kind: EventKind,
    actor: User | None,
    *,
    recipe: Recipe | None = None,
    account: User | None = None,
    public: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> Event:
    """Append a line to the log, in the caller's transaction. Without an actor, the site itself did it.

    `public` and `private` hold plain JSON types. Raises TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a log line belongs into the transaction of the act that it tells of")
    _lock_chain()
    event = Event(
        at=at or timezone.now(),
        kind=kind.value,
        actor_name=actor.username if actor else "",
        recipe_name=recipe.name if recipe else "",
        account_name=account.username if account else "",
        public=dict(public or {}),
        private=dict(private or {}),
    )
    link(event, last_hash())
    event.save(force_insert=True)
    if recipe is not None:
        webhooks.emit(recipe, kind.value, {"actor": event.actor_name, "account": event.account_name, **event.public})
    return event


def link(event: Event, previous: str) -> None:
    """Make `event`, not saved yet, the line that follows the one with the hash `previous`."""
    event.private_digest = hashlib.sha256(_canonical(event.private)).hexdigest()
    event.previous_hash = previous
    event.hash = _hash(event)


def erase_private(username: str) -> int:
    """Erase the private parts of the lines about `username`; return of how many. The chain holds only their digests."""
    lines = Event.objects.filter(account_name=username).exclude(private={}).exclude(private=ERASED)
    return lines.update(private=ERASED)


def _lock_chain() -> None:
    """Let one transaction after the other add to the chain. SQLite's IMMEDIATE transactions are alone already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_KEY])


def last_hash() -> str:
    """Return the hash of the newest line: kept elsewhere, it proves later that no line before it was changed."""
    return Event.objects.order_by("-id").values_list("hash", flat=True).first() or GENESIS


class BrokenChain(Exception):
    """The log was altered; `event_id` is the first line that does not fit, and the text says how."""

    def __init__(self, event_id: int, message: str) -> None:
        super().__init__(f"line {event_id}: {message}")
        self.event_id = event_id


def verify() -> int:
    """Walk the whole chain and return how many lines it has. Raises BrokenChain at the first that does not fit."""
    previous, number = GENESIS, 0
    for event in _all_events():
        if event.previous_hash != previous:
            raise BrokenChain(event.pk, "a line before it was removed, added or moved")
        if event.hash != _hash(event):
            raise BrokenChain(event.pk, "its content was changed after it was written")
        if event.private != ERASED and hashlib.sha256(_canonical(event.private)).hexdigest() != event.private_digest:
            raise BrokenChain(event.pk, "its private part was changed after it was written")
        previous = event.hash
        number += 1
    return number


def _all_events() -> Iterator[Event]:
    return Event.objects.order_by("id").iterator(chunk_size=_VERIFY_CHUNK)
