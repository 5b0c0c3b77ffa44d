"""Reading the public log: the same lines for all, their private part for those who may read hidden text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import Event, Recipe, User

from ..core.pages import cut
from ..core.permissions import Action, allowed


@dataclass(frozen=True)
class LogLine:
    """A line as one reader sees it: `private` is None for who may not read it, and empty where there is nothing."""

    id: int
    at: datetime
    kind: str
    actor_name: str
    recipe_name: str
    account_name: str
    public: dict[str, Any]
    private: dict[str, Any] | None
    hash: str
    previous_hash: str


@dataclass(frozen=True)
class LogPage:
    """Some lines, newest first, and the number to give as `before` for older ones, or None."""

    lines: list[LogLine]
    older: int | None


_COLUMNS = ("id", "at", "kind", "actor_name", "recipe_name", "account_name", "public", "hash", "previous_hash")


def read(
    reader: User | AnonymousUser | None,
    *,
    kind: str = "",
    recipe: str = "",
    account: str = "",
    before: int | None = None,
    limit: int = PAGE_SIZE,
) -> LogPage:
    """Return lines of the log, newest first, as narrowed down. `account` is who acted or whom the act was about.

    One query beside those for the roles. The private part is not even read for others.
    """
    rows = Event.objects.order_by("-id")
    if kind:
        rows = rows.filter(kind=kind)
    if recipe:
        rows = rows.filter(recipe_name=recipe)
    if account:
        rows = rows.filter(account_name=account) | rows.filter(actor_name=account)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    private = allowed(Action.READ_HIDDEN, reader)
    columns = (*_COLUMNS, "private") if private else _COLUMNS
    found, older = cut(rows.values(*columns), limit, lambda row: int(row["id"]))
    return LogPage([LogLine(**{"private": None, **row}) for row in found], older)


def last_lines(recipe: Recipe, limit: int) -> list[LogLine]:
    """Return the newest lines about `recipe`, public fields alone. One query."""
    return read(None, recipe=recipe.name, limit=limit).lines


def since(recipe: Recipe, moment: datetime, kinds: Iterable[str], limit: int) -> list[LogLine]:
    """Return the lines of these kinds about `recipe` after `moment`, newest first, public fields alone. One query."""
    rows = Event.objects.filter(recipe_name=recipe.name, kind__in=list(kinds), at__gt=moment).order_by("-id")
    return [LogLine(**row, private=None) for row in rows.values(*_COLUMNS)[:limit]]
