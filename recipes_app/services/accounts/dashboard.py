"""What an account has to do with the site today: its recipes with what needs it, what it follows, what was offered and asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from recipes_app.limits import LISTED_ON_DASHBOARD, MAX_DASHBOARD_RECIPES, TOKEN_ENDS_SOON_DAYS
from recipes_app.models import (
    CoMaintainer,
    Comment,
    CoRole,
    Flag,
    Invitation,
    LintState,
    Notification,
    OwnershipRequest,
    QueueEntry,
    Recipe,
    Revision,
    User,
)

from ..audit import moderation_queue
from ..core import reach
from ..core.permissions import PermissionDenied, has_second_factor
from ..moderation import flags
from ..notifications import inbox


class Need(StrEnum):
    """Why a recipe needs the people who look after it, the most urgent first."""

    QUARANTINED = "quarantined"
    FACTOR = "second factor"
    LINT_FAILED = "lint failed"
    OUT_OF_DATE = "out of date"
    FLAGS = "open flags"
    REQUESTS = "open requests"
    HELD = "held revisions"
    COMMENT = "unanswered comment"
    LINT_BROKE = "lint broke"


@dataclass(frozen=True)
class Mine:
    """A recipe that the account looks after; `role` is empty for its maintainer. `needs` has a number where one is counted."""

    recipe: Recipe
    role: str
    needs: tuple[tuple[Need, int], ...]


@dataclass(frozen=True)
class Keys:
    """How the account's programs sign in: how many tokens and SSH keys there are, and which tokens end soon or have ended."""

    tokens: int
    keys: int
    ending: tuple[tuple[str, datetime], ...]


def recipes_of(user: User) -> list[Mine]:
    """Return the recipes that `user` looks after, those that need somebody first.

    Three queries, however many they are, and three more where a second factor could be missing.
    """
    recipes = list(_recipes(user)[:MAX_DASHBOARD_RECIPES])
    last_words = [recipe.last_comment for recipe in recipes if recipe.last_comment]
    spoke_last = dict(Comment.objects.filter(pk__in=last_words).values_list("recipe_id", "author_id"))
    team: set[tuple[int, int | None]] = set(CoMaintainer.objects.filter(recipe__in=recipes).values_list("recipe_id", "user_id"))
    team |= {(recipe.pk, recipe.maintainer_id) for recipe in recipes}
    unanswered = {recipe_id for recipe_id, author_id in spoke_last.items() if (recipe_id, author_id) not in team}
    lacking = _lacking_factor(user, recipes)
    return [
        Mine(recipe, recipe.my_role, tuple(_needs(recipe, recipe.pk in unanswered, recipe.pk in lacking))) for recipe in recipes
    ]


def _lacking_factor(user: User, recipes: list[Any]) -> set[int]:
    """Return those of `recipes` on which `user` cannot act without a second factor: many use them."""
    if not settings.LEADERS_NEED_SECOND_FACTOR or not recipes or has_second_factor(user):
        return set()
    return reach.wide_among([recipe for recipe in recipes if recipe.my_role != CoRole.TRIAGE])


def _recipes(user: User) -> QuerySet[Any]:
    """Return the living recipes of `user`, each with its role in them and what is counted of them."""
    mine = CoMaintainer.objects.filter(recipe=OuterRef("pk"), user=user)
    shown = Comment.objects.filter(recipe=OuterRef("pk"), hidden_at=None).order_by("-created_at", "-id")
    looked_after = Q(maintainer=user) | Q(pk__in=CoMaintainer.objects.filter(user=user).values("recipe"))
    pressing = Q(lint_state=LintState.FAILED) | Q(open_flags__gt=0) | Q(quarantined_at__isnull=False)
    return (
        Recipe.objects.filter(looked_after, deleted_at=None)
        .select_related("current")
        .defer("current__metadata", "current__findings")
        .annotate(
            my_role=Coalesce(Subquery(mine.values("role")[:1]), Value("")),
            last_comment=Subquery(shown.values("pk")[:1]),
            held_number=_counted(Revision.objects.filter(review=Revision.Review.HELD)),
            asked_number=_counted(OwnershipRequest.objects.filter(state=OwnershipRequest.State.OPEN)),
            stale_number=_counted(Flag.objects.filter(kind=Flag.Kind.OUT_OF_DATE, state__in=flags.OPEN_STATES)),
            rank=Case(When(pressing, then=0), default=1, output_field=IntegerField()),
        )
        .order_by("rank", "-held_number", "-asked_number", "name")
    )


def _counted(rows: QuerySet[Revision] | QuerySet[OwnershipRequest] | QuerySet[Flag]) -> Coalesce:
    """Return how many of `rows` belong to the recipe at hand."""
    of_recipe = rows.filter(recipe=OuterRef("pk")).order_by().values("recipe").annotate(number=Count("pk"))
    return Coalesce(Subquery(of_recipe.values("number")), 0)


def _needs(recipe: Any, is_unanswered: bool, lacks_factor: bool) -> Iterator[tuple[Need, int]]:
    numbers = {
        Need.QUARANTINED: recipe.quarantined_at is not None,
        Need.FACTOR: lacks_factor,
        Need.LINT_FAILED: recipe.lint_state == LintState.FAILED,
        Need.OUT_OF_DATE: recipe.stale_number,
        Need.FLAGS: recipe.open_flags - recipe.stale_number,
        Need.REQUESTS: recipe.asked_number,
        Need.HELD: recipe.held_number,
        Need.COMMENT: is_unanswered,
        Need.LINT_BROKE: recipe.lint_state == LintState.ERROR,
    }
    return ((need, int(number)) for need, number in numbers.items() if number > 0)


def invitations_of(user: User) -> list[Invitation]:
    """Return what is offered to `user` and has not run out. One query."""
    return list(Invitation.objects.filter(user=user, expires_at__gt=timezone.now()).select_related("recipe"))


def requests_of(user: User) -> list[OwnershipRequest]:
    """Return what `user` has asked for and nobody has decided, the newest first. One query."""
    asked = OwnershipRequest.objects.filter(requester=user, state=OwnershipRequest.State.OPEN, recipe__isnull=False)
    return list(asked.select_related("recipe"))


def followed_news(user: User, limit: int = LISTED_ON_DASHBOARD) -> list[Revision]:
    """Return the newest published revisions of what `user` follows, others' pushes only. One query."""
    found = Revision.objects.filter(
        recipe__follows__user=user, recipe__deleted_at=None, recipe__quarantined_at=None, review=Revision.Review.PUBLISHED
    ).exclude(pusher=user)
    return list(found.select_related("recipe").defer("metadata", "findings").order_by("-pushed_at", "-id")[:limit])


def unread_of(user: User, limit: int = LISTED_ON_DASHBOARD) -> list[Notification]:
    """Return the newest messages that `user` has not read. One query."""
    return list(inbox.messages_of(user, unread_only=True)[:limit])


def keys_of(user: User, now: datetime | None = None) -> Keys:
    """Return how the programs of `user` sign in. Two queries."""
    soon = (now or timezone.now()) + timedelta(days=TOKEN_ENDS_SOON_DAYS)
    tokens = list(user.tokens.values_list("name", "expires_at"))
    return Keys(len(tokens), user.ssh_keys.count(), tuple((name, at) for name, at in tokens if at is not None and at < soon))


def waiting_for(user: User) -> int | None:
    """Return how many entries of the moderators' queue wait for `user`; None for who decides nothing there. One query."""
    try:
        kinds = moderation_queue.kinds_for(user)
    except PermissionDenied:
        return None
    return QueueEntry.objects.filter(closed_at=None, kind__in=kinds).count()
