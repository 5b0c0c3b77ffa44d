"""How much waits, and for how long: what an operator watches to see that runners, mail and moderators keep up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone

from recipes_app.models import LintJob, LintPriority, LintState, OutboxMail, QueueEntry
from recipes_app.repos.store import store


@dataclass(frozen=True)
class Waiting:
    """The numbers at one moment; ages are seconds, 0 where nothing waits.

    `lint_jobs` counts the unsettled jobs by state. `lint_lag_seconds` is the age of the oldest job that no runner has taken;
    re-lints are left out, since they wait by design.
    """

    lint_jobs: Mapping[str, int] = field(default_factory=dict)
    lint_lag_seconds: float = 0.0
    mails: int = 0
    mail_lag_seconds: float = 0.0
    moderation_entries: int = 0
    moderation_lag_seconds: float = 0.0
    interrupted_acts: int = 0
    damaged_repositories: int = 0


def measure(now: datetime | None = None) -> Waiting:
    """Return what waits now. Four queries, each over what is unsettled only, and a look into the store."""
    now = now or timezone.now()
    unsettled = (LintState.QUEUED, LintState.RUNNING)
    by_state = LintJob.objects.filter(state__in=unsettled).order_by().values_list("state").annotate(number=Count("id"))
    asked_for = LintJob.objects.filter(state=LintState.QUEUED).exclude(priority=LintPriority.RELINT)
    oldest_job = asked_for.aggregate(first=Min("queued_at"))["first"]
    mails = OutboxMail.objects.filter(sent_at=None, given_up_at=None).aggregate(number=Count("id"), first=Min("created_at"))
    entries = QueueEntry.objects.filter(closed_at=None).aggregate(number=Count("id"), first=Min("created_at"))
    return Waiting(
        lint_jobs={state.value: 0 for state in unsettled} | dict(by_state),
        lint_lag_seconds=_age(oldest_job, now),
        mails=mails["number"],
        mail_lag_seconds=_age(mails["first"], now),
        moderation_entries=entries["number"],
        moderation_lag_seconds=_age(entries["first"], now),
        interrupted_acts=len(store().interrupted()),
        damaged_repositories=len(store().damaged()),
    )


def damaged_repositories() -> dict[str, str]:
    """Return why repositories could not be settled or packed the last time, by the name that they are stored under."""
    return store().damaged()


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
