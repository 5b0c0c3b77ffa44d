"""The queue of lint jobs: which one goes next, and where one stands. The database orders; the broker holds a handful of messages.

A job is handed to the broker only when few others wait there, so that one broker without priorities (files, Redis, RabbitMQ)
serves as well as another, and a push waits for those few at most. The order is (priority, turn, id). Turns make the queue
fair: each recipe and each account has its jobs one turn apart, beginning where the queue stands, so that 200 jobs of one recipe
and one of another come as 1, 1, 2, 3, … and not as 200, 1.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from recipes_app.limits import LINT_MESSAGE_SECONDS
from recipes_app.lint.protocol.assignment import Assignment, Need
from recipes_app.lint.protocol.stages import AFTER, Mode, Stage
from recipes_app.models import LintJob, LintState, RelintRun, Revision

from ..core import sending
from ..core.retrying import retried
from . import build_needs, fetch_passes

logger = logging.getLogger(__name__)

UNSETTLED = (LintState.QUEUED, LintState.RUNNING)


def give_turn(job: LintJob) -> None:
    """Put `job` at its place in the queue; it is saved by the caller. Two queries."""
    job.turn = max(first_turn(job.priority), _next_own_turn(job))
    job.sent_at = None


def first_turn(priority: int) -> int:
    """Return the turn at which the queue of this priority stands: who comes now begins there. One query."""
    waiting = LintJob.objects.filter(state=LintState.QUEUED, priority=priority, sent_at=None)
    return waiting.aggregate(turn=Min("turn"))["turn"] or 0


def _next_own_turn(job: LintJob) -> int:
    """Return the turn after the last one that a job of the same recipe or account has."""
    revision = job.revision
    flow = Q(revision__recipe_id=revision.recipe_id)
    if revision.pusher_id is not None:
        flow |= Q(revision__pusher_id=revision.pusher_id)
    others = LintJob.objects.filter(flow, state__in=UNSETTLED, priority=job.priority).exclude(pk=job.pk)
    last = others.aggregate(turn=Max("turn"))["turn"]
    return 0 if last is None else last + 1


def queue_place(job: LintJob) -> int:
    """Return the place of a queued job in the queue, 1 for the next one; 0 for a job that does not wait. One query."""
    if job.state != LintState.QUEUED:
        return 0
    before = (
        Q(priority__lt=job.priority)
        | Q(priority=job.priority, turn__lt=job.turn)
        | Q(priority=job.priority, turn=job.turn, pk__lt=job.pk)
    )
    return LintJob.objects.filter(before, state=LintState.QUEUED).count() + 1


def ready() -> QuerySet[LintJob]:
    """Return the jobs that may be handed out, in the queue's order: the stages before them are over, no re-lint is paused."""
    waits = Q()
    for stage, before in AFTER.items():
        if before:
            earlier = LintJob.objects.filter(revision=OuterRef("revision"), stage__in=before, state__in=UNSETTLED)
            waits |= Q(Exists(earlier), stage=stage)
    paused = RelintRun.objects.filter(state=RelintRun.State.PAUSED).values("pk")
    jobs = LintJob.objects.filter(state=LintState.QUEUED, sent_at=None).exclude(waits).exclude(relint__in=paused)
    return jobs.order_by("priority", "turn", "id")


@retried
def dispatch(now: datetime | None = None) -> list[int]:
    """Hand out the next jobs, up to LINT_READY_MESSAGES messages that no runner has taken yet; return the ids of these jobs.

    A message dies when the next one may be sent, so that a runner that was away does not find the same job a hundred times.
    """
    now = now or timezone.now()
    with transaction.atomic():
        waiting = LintJob.objects.filter(state=LintState.QUEUED, sent_at__gt=now - timedelta(seconds=LINT_MESSAGE_SECONDS))
        room = settings.LINT_READY_MESSAGES - waiting.count()
        if room <= 0:
            return []
        jobs = list(
            ready().select_for_update(no_key=True, of=("self",), skip_locked=True).select_related("revision__recipe")[:room]
        )
        for job in jobs:
            job.sent_at, job.message = now, str(uuid.uuid4())
        LintJob.objects.bulk_update(jobs, ["sent_at", "message"])
    for job in jobs:
        _send(job)
    return [job.pk for job in jobs]


def dispatch_on_commit() -> None:
    """Hand out what may go once the caller's transaction is committed. A broker that is away must not fail it."""
    # A function of ours and no partial: Django logs the name of a callback that failed.
    transaction.on_commit(_dispatch, robust=True)


def _dispatch() -> None:
    dispatch()


def _send(job: LintJob) -> None:
    """Send the job's message soon; where the broker is away, the job waits here again for the next sweep."""
    sending.later(f"lint job {job.pk}", partial(_hand_over, job.pk, job.message, assignment_of(job).to_json()))


def _hand_over(job_id: int, message: str, assignment: dict[str, Any]) -> None:
    try:
        current_app.send_task("lint.run", [assignment], queue="lint", task_id=message, expires=LINT_MESSAGE_SECONDS, retry=False)
    except (OSError, OperationalError) as error:
        logger.warning("lint job %d could not be handed to the broker: %s", job_id, error)
        LintJob.objects.filter(pk=job_id, state=LintState.QUEUED, message=message).update(sent_at=None)


def recall(job: LintJob) -> None:
    """Tell every runner, once the transaction is committed, to leave the job's message, or to stop what it does for it.

    Celery's own remote control: the worker that has the task raises an exception inside it, which kills the sandbox. Runners
    that do not hear it lose some seconds of work: the row decides, and their report is refused.
    """
    if not job.message:
        return
    message = job.message

    def revoke() -> None:
        current_app.control.revoke(message, terminate=True, signal="SIGUSR1")

    transaction.on_commit(lambda: sending.later(f"lint message {message} is recalled", revoke), robust=True)


def assignment_of(job: LintJob) -> Assignment:
    """Return what a runner is told of `job`. One query for a check of the recipe, some for a trial build."""
    recipe = job.revision.recipe
    stage = Stage(job.stage)
    facts: dict[str, str] = {}
    needs: tuple[Need, ...] = ()
    if stage is Stage.RECIPE_CHECKS:
        facts["previous_version"] = previous_version(job.revision)
    elif stage is Stage.TRIAL_BUILD:
        try:
            needs = build_needs.needs_of(job.revision)
        except build_needs.CannotBuildBefore as error:
            facts["cannot_build"] = str(error)
    return Assignment(
        job=job.pk,
        stage=stage,
        clone_url=f"{settings.PORTAL_RUNNER_URL}/git/{recipe.name}.git",
        commit=job.revision.commit,
        recipe=recipe.name,
        # The row says what was run; what a runner may try is the site's to say, also where a re-lint asks.
        mode=Mode.FULL if stage is Stage.SOURCE_LINT and settings.LINT_FETCH else Mode(job.mode),
        suite=job.suite,
        facts=facts,
        needs=needs,
        fetch_pass=fetch_passes.issue(job.revision),
    )


def previous_version(revision: Revision) -> str:
    """Return the version of the published revision that this one follows on its branch; empty for the first. One query."""
    before = Revision.objects.filter(
        revision.pushed_before(), recipe_id=revision.recipe_id, branch=revision.branch, review=Revision.Review.PUBLISHED
    )
    return before.order_by("-pushed_at", "-id").values_list("version", flat=True).first() or ""


def forget_lost_messages(now: datetime) -> list[int]:
    """Let the jobs whose message nobody took in LINT_MESSAGE_SECONDS wait here again; return their ids."""
    lost = LintJob.objects.filter(state=LintState.QUEUED, sent_at__lte=now - timedelta(seconds=LINT_MESSAGE_SECONDS))
    ids = list(lost.order_by(F("id")).values_list("id", flat=True))
    LintJob.objects.filter(pk__in=ids, state=LintState.QUEUED).update(sent_at=None)
    return ids
