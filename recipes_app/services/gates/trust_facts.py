"""What is known of the people behind a recipe: facts for the card on its page and for the API, without a verdict.

All of it in one statement: a page of a recipe may ask the database eight times in all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, CharField, DateTimeField, Field, IntegerField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from recipes_app.limits import YOUNG_ACCOUNT_DAYS
from recipes_app.mail_addresses import normal
from recipes_app.models import Recipe, Revision

from ..core.event_kinds import EventKind

# Lines of the log that say that something of a recipe was stopped.
_STOPS = (EventKind.RECIPE_QUARANTINED, EventKind.REVISION_QUARANTINED, EventKind.REVISION_ROLLED_BACK)


@dataclass(frozen=True)
class Person:
    """An account as a reader of a recipe should know it. `since` is None where the account was deleted."""

    username: str
    since: datetime | None
    second_factor: bool
    is_frozen: bool

    @property
    def is_young(self) -> bool:
        """Whether the account is younger than YOUNG_ACCOUNT_DAYS."""
        return self.since is not None and timezone.now() - self.since < timedelta(days=YOUNG_ACCOUNT_DAYS)


@dataclass(frozen=True)
class TrustFacts:
    """What is known of the hands that a recipe's current revision went through.

    `published` counts the pusher's published revisions of this recipe, the first of which is of `pushes_since`. `quarantines`
    counts what was stopped of this recipe, `pusher_quarantines` what was stopped of the pusher's recipes anywhere; both now and
    formerly. `packager` wrote the newest changelog entry; `is_own_packaging` is whether its address is a verified one of the
    pusher's. `reviewer` let the revision out; empty where nobody looked.
    """

    pusher: Person
    maintainer: Person | None
    published: int
    pushes_since: datetime | None
    quarantines: int
    pusher_quarantines: int
    packager: str
    is_own_packaging: bool
    reviewer: str


def facts_of(recipe: Recipe, revision: Revision) -> TrustFacts:
    """Return what is known of the people behind `revision` of `recipe`, which has its maintainer at hand. One query."""
    changelog = revision.metadata.get("changelog") or {}
    written_by = changelog.get("author") or revision.metadata.get("maintainer") or {}
    row = _row(recipe, revision, str(written_by.get("email", "")))
    keeper = recipe.maintainer
    return TrustFacts(
        pusher=Person(revision.pusher_name, row["joined"], row["pusher_factor"], row["frozen"] is not None),
        maintainer=(
            Person(keeper.username, keeper.date_joined, row["keeper_factor"], keeper.frozen_at is not None) if keeper else None
        ),
        published=row["published"],
        pushes_since=row["first"],
        quarantines=row["quarantines"],
        pusher_quarantines=row["pusher_quarantines"],
        packager=str(written_by.get("name", "")),
        is_own_packaging=row["own_packaging"],
        reviewer=row["reviewer"] or "",
    )


_PUSHER = "FROM recipes_app_user who WHERE who.id = recipes_app_revision.pusher_id AND who.is_active"
_HERS = "FROM recipes_app_revision hers WHERE hers.recipe_id = recipes_app_revision.recipe_id AND hers.pusher_name = %s"
_STOPPED = f"FROM recipes_app_event line WHERE line.kind IN ({', '.join(['%s'] * len(_STOPS))})"
_NAMES = "(line.recipe_name = %s OR line.recipe_name IN (SELECT name FROM recipes_app_nameredirect WHERE recipe_id = %s))"
_REVIEWER = (
    "SELECT hold.decided_by_name FROM recipes_app_hold hold WHERE hold.revision_id = recipes_app_revision.id AND hold.released"
    " AND hold.decided_by_name NOT IN ('', recipes_app_revision.pusher_name)"
)
_FACTOR = "EXISTS (SELECT 1 FROM mfa_authenticator factor WHERE factor.user_id = {})"
_OWN = (
    "EXISTS (SELECT 1 FROM account_emailaddress own WHERE own.user_id = recipes_app_revision.pusher_id AND own.verified"
    " AND own.email = %s)"
)


def _row(recipe: Recipe, revision: Revision, packager_address: str) -> dict[str, Any]:
    """Return the columns of the one statement. They are texts: to put them together, Django takes longer than the database."""
    stops = [kind.value for kind in _STOPS]
    hers = (revision.pusher_name, Revision.Review.PUBLISHED)
    columns = {
        "joined": _column(f"SELECT who.date_joined {_PUSHER}", DateTimeField()),
        "frozen": _column(f"SELECT who.frozen_at {_PUSHER}", DateTimeField()),
        "pusher_factor": _column(_FACTOR.format("recipes_app_revision.pusher_id"), BooleanField()),
        "keeper_factor": _column(_FACTOR.format("%s"), BooleanField(), recipe.maintainer_id),
        "published": _column(f"SELECT COUNT(*) {_HERS} AND hers.review = %s", IntegerField(), *hers),
        "first": _column(f"SELECT MIN(hers.pushed_at) {_HERS} AND hers.review = %s", DateTimeField(), *hers),
        "quarantines": _column(f"SELECT COUNT(*) {_STOPPED} AND {_NAMES}", IntegerField(), *stops, recipe.name, recipe.pk),
        "pusher_quarantines": _column(
            f"SELECT COUNT(*) {_STOPPED} AND line.account_name = %s", IntegerField(), *stops, revision.pusher_name
        ),
        "own_packaging": _column(_OWN, BooleanField(), normal(packager_address)),
        "reviewer": _column(_REVIEWER, CharField()),
    }
    row: Any = Revision.objects.filter(pk=revision.pk).order_by().values(**columns).get()
    return dict(row)


def _column(select: str, output: Field[Any, Any], *parameters: Any) -> RawSQL:
    return RawSQL(select, parameters, output)  # noqa: S611 - constant texts of this module; what varies is a parameter
