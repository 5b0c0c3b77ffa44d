"""How far the lint of a revision is: what runs, what waits and at which place. Asked again and again by pages that are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from recipes_app.models import LintJob, LintState

from . import runners
from .queue import queue_place
from .stages import standing


@dataclass(frozen=True)
class Running:
    """A stage in some runner's hands: for how long, and how long it took when this recipe went through it last; 0 if never."""

    job: LintJob
    elapsed_ms: int
    usual_ms: int


@dataclass(frozen=True)
class Progress:
    """What has no end yet. `place` is that of the next stage in the queue, 1 for the next of all; 0 where none waits.

    `has_no_runner` says that it waits, nothing of it runs, and no runner is there to take it.
    """

    running: tuple[Running, ...] = ()
    waiting: tuple[LintJob, ...] = ()
    place: int = 0
    has_no_runner: bool = False

    @property
    def is_over(self) -> bool:
        """Whether every stage has come to an end."""
        return not (self.running or self.waiting)


def jobs_at(name: str, commit: str) -> list[LintJob]:
    """Return every job of the revision `commit` of the living recipe `name`, without logs and without the revision. One query."""
    found = LintJob.objects.filter(revision__recipe__name=name, revision__recipe__deleted_at=None, revision__commit=commit)
    return list(found.defer("log", "effects").order_by("-id"))


def progress_of(jobs: Sequence[LintJob], now: datetime | None = None) -> Progress:
    """Return how far the `jobs` of one revision are. Two queries for what waits, one for what runs, none where all is over."""
    stands = standing(jobs)
    runs = [job for job in stands if job.state == LintState.RUNNING]
    usual = _usual_durations(runs)
    now = now or timezone.now()
    running = (Running(job, _since(job, now), usual.get((job.stage, job.suite), 0)) for job in runs)
    waiting = tuple(job for job in stands if job.state == LintState.QUEUED)
    alone = bool(waiting and not runs and not runners.is_any_there(now))
    return Progress(tuple(running), waiting, place_of(jobs), alone)


def place_of(jobs: Sequence[LintJob]) -> int:
    """Return the place in the queue of what goes next of the `jobs` of one revision; 0 where none waits. One query, or none."""
    waits = [job for job in standing(jobs) if job.state == LintState.QUEUED]
    # Stages go one after the other, so the first one's place is the one that counts.
    return queue_place(min(waits, key=lambda job: (job.priority, job.turn, job.pk))) if waits else 0


def _since(job: LintJob, now: datetime) -> int:
    return max(0, round((now - job.started_at).total_seconds() * 1000)) if job.started_at else 0


def _usual_durations(runs: Sequence[LintJob]) -> dict[tuple[str, str], int]:
    """Return how long each stage of `runs` took the recipe the last time that it came to an end there. One query, or none."""
    if not runs:
        return {}
    earlier = LintJob.objects.filter(
        revision__recipe__revisions=runs[0].revision_id, stage__in=[job.stage for job in runs], duration_ms__gt=0
    ).exclude(revision=runs[0].revision_id)
    last = earlier.order_by().values("stage", "suite").annotate(last=Max("id")).values("last")
    found = LintJob.objects.filter(pk__in=last).values_list("stage", "suite", "duration_ms")
    return {(stage, suite): took or 0 for stage, suite, took in found}
