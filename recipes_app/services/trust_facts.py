"""What is known of the people behind a recipe: facts for the card on its page and for the API, without a verdict.

All of it in one statement: a page of a recipe may ask the database seven times in all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Exists, F, IntegerField, OuterRef, Q, Subquery
from django.utils import timezone

from ..limits import YOUNG_ACCOUNT_DAYS
from ..models import Event, Hold, NameRedirect, Recipe, Revision, User
from .event_kinds import EventKind

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


def _row(recipe: Recipe, revision: Revision, packager_address: str) -> dict[str, Any]:
    """Return the columns of the one statement: subselects about the pusher, the maintainer and the recipe."""
    pusher = User.objects.filter(pk=OuterRef("pusher"), is_active=True)
    published = Revision.objects.filter(recipe=recipe, pusher_name=revision.pusher_name, review=Revision.Review.PUBLISHED)
    former = NameRedirect.objects.filter(recipe=recipe).values("name")
    stops = Event.objects.filter(kind__in=[kind.value for kind in _STOPS])
    of_recipe = stops.filter(Q(recipe_name=recipe.name) | Q(recipe_name__in=former))
    own = EmailAddress.objects.filter(user=OuterRef("pusher"), verified=True, email__iexact=packager_address)
    review = Hold.objects.filter(revision=OuterRef("pk"), released=True).exclude(decided_by_name="")
    columns = {
        "joined": Subquery(pusher.values("date_joined")[:1]),
        "frozen": Subquery(pusher.values("frozen_at")[:1]),
        "pusher_factor": Exists(Authenticator.objects.filter(user=OuterRef("pusher"))),
        "keeper_factor": Exists(Authenticator.objects.filter(user=recipe.maintainer_id)),
        "published": _Number(published.order_by().values("pk")),
        "first": Subquery(published.order_by("pushed_at").values("pushed_at")[:1]),
        "quarantines": _Number(of_recipe.order_by().values("pk")),
        "pusher_quarantines": _Number(stops.filter(account_name=revision.pusher_name).order_by().values("pk")),
        "own_packaging": Exists(own),
        "reviewer": Subquery(review.exclude(decided_by_name=F("revision__pusher_name")).values("decided_by_name")[:1]),
    }
    row: Any = Revision.objects.filter(pk=revision.pk).order_by().values(**columns).get()
    return dict(row)


class _Number(Subquery):
    """How many rows a subselect has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
