"""What happened to a recipe, in one line of time: pushes, words, flags, and what the public log says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from recipes_app.models import Comment, Recipe

from ..audit import log_reading


@dataclass(frozen=True)
class Happening:
    """One event. `kind` is push, comment, flag or log; `text` is what a reader knows it by, `review` a push's state."""

    at: datetime
    kind: str
    who: str
    text: str
    address: str
    review: str = ""


def of(recipe: Recipe, limit: int) -> list[Happening]:
    """Return the `limit` newest events of `recipe`, newest first. Four queries."""
    found = [*_pushes(recipe, limit), *_comments(recipe, limit), *_flags(recipe, limit), *_log(recipe, limit)]
    return sorted(found, key=lambda event: event.at, reverse=True)[:limit]


def _pushes(recipe: Recipe, limit: int) -> Iterator[Happening]:
    for revision in recipe.revisions.defer("metadata", "findings").order_by("-pushed_at", "-id")[:limit]:
        address = reverse("revision", args=[recipe.name, revision.commit])
        yield Happening(revision.pushed_at, "push", revision.pusher_name, revision.version, address, revision.review)


def _comments(recipe: Recipe, limit: int) -> Iterator[Happening]:
    shown = Comment.objects.filter(recipe=recipe, hidden_at=None).order_by("-created_at", "-id")
    for pk, at, who in shown.values_list("pk", "created_at", "author_name")[:limit]:
        yield Happening(at, "comment", who, "", reverse("comment", args=[recipe.name, pk]))


def _flags(recipe: Recipe, limit: int) -> Iterator[Happening]:
    for flag in recipe.flags.order_by("-created_at", "-id")[:limit]:
        yield Happening(
            flag.created_at, "flag", flag.author_name, str(flag.get_kind_display()), reverse("flag", args=[recipe.name, flag.pk])
        )


def _log(recipe: Recipe, limit: int) -> Iterator[Happening]:
    for line in log_reading.last_lines(recipe, limit):
        address = f"{reverse('security', args=[recipe.name])}#line-{line.id}"
        yield Happening(line.at, "log", line.actor_name, line.kind, address)
