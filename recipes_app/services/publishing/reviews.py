"""The reviewers' work as a whole: how long a review takes, and what becomes of one that nobody decides."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.limits import MAX_OPEN_REVIEWS_PER_ACCOUNT, REVIEW_REMINDED_DAYS, REVIEW_STALE_DAYS, REVIEWS_FORECAST
from recipes_app.models import Hold, Notification, Rank, Revision, User

from ..core.errors import Refused
from ..notifications import notify


@dataclass(frozen=True)
class Forecast:
    """In how many days half of the last reviews were done, and how many revisions wait now."""

    days: int
    waiting: int


def forecast() -> Forecast | None:
    """Return what the last REVIEWS_FORECAST reviews by people took; None where there were none. Two queries."""
    decided = Hold.objects.exclude(decided_by_name="").filter(decided_at__isnull=False).exclude(reasons=[])
    times = list(decided.order_by("-decided_at").values_list("created_at", "decided_at")[:REVIEWS_FORECAST])
    if not times:
        return None
    seconds = statistics.median((end - start).total_seconds() for start, end in times if end)
    return Forecast(max(1, round(seconds / 86_400)), _open().count())


def require_quota(user: User) -> None:
    """Refuse a push of an account whose revisions fill the queue already, naming what waits. Two queries at most."""
    if user.rank != Rank.USER:
        return
    mine = _open().filter(revision__pusher=user, release_at=None).select_related("revision__recipe")
    if mine.count() < MAX_OPEN_REVIEWS_PER_ACCOUNT:
        return
    columns = mine.order_by("created_at").values_list("revision__recipe__name", "revision__version")
    waiting = ", ".join(f"{name} {version}" for name, version in columns[:MAX_OPEN_REVIEWS_PER_ACCOUNT])
    raise Refused(
        _("%(number)s revisions of yours wait for a reviewer, and no more can: %(waiting)s")
        % {"number": MAX_OPEN_REVIEWS_PER_ACCOUNT, "waiting": waiting},
        code="too-many-reviews",
    )


def remind(now: datetime | None = None) -> int:
    """Remind the reviewers, once, of what has waited for REVIEW_REMINDED_DAYS; return of how many."""
    moment = now or timezone.now()
    late = list(_open().filter(created_at__lte=moment - timedelta(days=REVIEW_REMINDED_DAYS), reminded_at=None, release_at=None))
    if not late:
        return 0
    with transaction.atomic():
        Hold.objects.filter(pk__in=[hold.pk for hold in late]).update(reminded_at=moment)
        reviewers = User.objects.filter(is_active=True, frozen_at=None).exclude(rank=Rank.USER)
        notify.notify(
            Notification.Kind.MODERATION, reviewers, url="/moderation/",
            text=lambda: _("%(number)s revisions have waited for a review for more than %(days)s days.")
            % {"number": len(late), "days": REVIEW_REMINDED_DAYS},
        )  # fmt: skip
    return len(late)


def stale(now: datetime | None = None) -> list[Revision]:
    """Return the held revisions that nobody has decided on for REVIEW_STALE_DAYS, the oldest first."""
    border = (now or timezone.now()) - timedelta(days=REVIEW_STALE_DAYS)
    late = _open().filter(created_at__lte=border, release_at=None).select_related("revision__recipe").order_by("created_at")
    return [hold.revision for hold in late]


def _open() -> QuerySet[Hold]:
    return Hold.objects.filter(decided_at=None, revision__review=Revision.Review.HELD, revision__recipe__deleted_at=None).exclude(
        reasons=[]
    )
