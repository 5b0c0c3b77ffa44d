"""The one way in which messages leave the site: claim, attempt, back off, give up, prune. Mail and webhooks are queues of it.

A worker claims a row by one UPDATE; two that got the same number send one message. A worker that dies between the receiver's
answer and the row's end makes a second attempt with the same message id.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from recipes_app.limits import MAIL_BATCH
from recipes_app.models.deliveries import Delivery

from ..core import task_queue

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=Delivery)
ERROR_LENGTH = 500
_DIED = "every attempt ended without an answer: the worker died at it"


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt. `is_final` means that no other one is made; `columns` are written to the row as well."""

    error: str = ""
    is_final: bool = False
    columns: Mapping[str, Any] = field(default_factory=dict)


class Queue(ABC, Generic[Row]):
    """A table of messages and how they are sent. A subclass gives the class variables, `attempt`, `delivered` and `given_up`."""

    name: ClassVar[str]
    task: ClassVar[str]
    waiting: ClassVar[Q]
    """Which rows are not settled. It names columns of the row alone: PostgreSQL does not ask a join again after it has waited."""
    overdue: ClassVar[timedelta]
    pauses: ClassVar[tuple[int, ...]]
    """Minutes to wait after each failed attempt; after one more the message is given up."""
    unanswered: ClassVar[Mapping[str, Any]] = {}
    """The columns of an attempt to which nothing was answered."""

    @abstractmethod
    def rows(self) -> QuerySet[Row]:
        """Return all rows, with what an attempt reads of them."""

    @abstractmethod
    def attempt(self, row: Row) -> Attempt:
        """Send the message of `row`. What a receiver says is no exception; an empty `error` means that it was taken."""

    @abstractmethod
    def delivered(self, now: datetime) -> dict[str, Any]:
        """Return the columns of a row whose message has arrived."""

    @abstractmethod
    def given_up(self, now: datetime) -> dict[str, Any]:
        """Return the columns of a row that nobody tries any more."""

    def deliver(self, row_id: int) -> bool:
        """Send the message `row_id`, if nobody else does or did; return whether it arrived now."""
        row = self.claim(row_id)
        if row is None:
            return False
        if row.attempts > len(self.pauses) + 1:
            self._settle(row, Attempt(_DIED, is_final=True, columns=self.unanswered))
            return False
        attempt = self.attempt(row)
        self._settle(row, attempt)
        self.attempted(row, attempt)
        return not attempt.error

    def attempted(self, row: Row, attempt: Attempt) -> None:
        """Do what follows from an attempt beyond its row."""

    def claim(self, row_id: int) -> Row | None:
        """Take the row for this worker, or return None where it is gone, done, or taken a short time ago."""
        now = timezone.now()
        free = Q(claimed_at=None) | Q(claimed_at__lte=now - self.overdue)
        taken = self._plain().filter(self.waiting, free, pk=row_id).update(
            claimed_at=now, attempts=F("attempts") + 1, next_attempt_at=now + self.overdue
        )  # fmt: skip
        return self.rows().filter(pk=row_id).first() if taken else None

    def _settle(self, row: Row, attempt: Attempt) -> None:
        """Write down what came of an attempt: the end, or when the next one is made."""
        now, error = timezone.now(), attempt.error[:ERROR_LENGTH]
        if not error:
            columns = self.delivered(now)
        elif attempt.is_final or row.attempts > len(self.pauses):
            columns = self.given_up(now)
            logger.error("%s %d is given up after %d attempts: %s", self.name, row.pk, row.attempts, error)
        else:
            pause = timedelta(minutes=self.pauses[row.attempts - 1])
            columns = {"next_attempt_at": now + pause}
            logger.warning("%s %d was not sent, attempt %d, next in %s: %s", self.name, row.pk, row.attempts, pause, error)
        self._plain().filter(pk=row.pk).update(claimed_at=None, error=error, **attempt.columns, **columns)

    def hand_out_due(self) -> int:
        """Hand every message whose time has come to a worker; return how many. Each is handed out again only after a while."""
        now = timezone.now()
        due = self._plain().filter(self.waiting, next_attempt_at__lte=now).order_by("next_attempt_at")
        ids = list(due.values_list("pk", flat=True)[:MAIL_BATCH])
        self._plain().filter(pk__in=ids).update(next_attempt_at=now + self.overdue)
        for row_id in ids:
            task_queue.send(self.task, [row_id])
        return len(ids)

    def unsettled(self) -> list[int]:
        """Return the numbers of all messages that wait, oldest first."""
        return list(self._plain().filter(self.waiting).order_by("pk").values_list("pk", flat=True))

    def prune(self, settled: Q) -> int:
        """Delete the rows of `settled` that do not wait; return how many."""
        return self._plain().filter(settled).exclude(self.waiting).delete()[0]

    def _plain(self) -> QuerySet[Row]:
        return self.rows().select_related(None)
