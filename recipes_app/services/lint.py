"""Lint jobs: the row in the database is the truth, the broker only carries messages and may lose them.

queued → running → passed | failed | error; back to queued by the sweep (a lost runner) and by `requeue`. Whatever arrives
twice, late or out of order changes nothing that is settled.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ..limits import LINT_LOST_SECONDS, LINT_MAX_ATTEMPTS, LINT_MESSAGE_SECONDS
from ..lint.report import LintReport, Outcome, ReportError
from ..models import LintHint, LintJob, LintState, Recipe, Revision
from . import explanations

logger = logging.getLogger(__name__)

# Which state may follow which. Reports are taken from `queued` too: a runner that was given up may still finish.
TRANSITIONS: Mapping[LintState, frozenset[LintState]] = {
    LintState.QUEUED: frozenset({LintState.RUNNING, LintState.PASSED, LintState.FAILED, LintState.ERROR}),
    LintState.RUNNING: frozenset({LintState.RUNNING, LintState.QUEUED, LintState.PASSED, LintState.FAILED, LintState.ERROR}),
    LintState.PASSED: frozenset({LintState.QUEUED}),
    LintState.FAILED: frozenset({LintState.QUEUED}),
    LintState.ERROR: frozenset({LintState.QUEUED}),
}
SETTLED = frozenset({LintState.PASSED, LintState.FAILED, LintState.ERROR})
# What one sweep looks at; the next one goes on. The oldest come first.
_SWEEP_SIZE = 500


@dataclass(frozen=True)
class Swept:
    """What one sweep did: the ids of jobs whose message was sent again, and of those that were given up."""

    resent: tuple[int, ...] = ()
    given_up: tuple[int, ...] = ()


def enqueue(revision: Revision) -> LintJob:
    """Queue the lint of `revision`, in the caller's transaction; its message is sent once that is committed. Idempotent."""
    job, created = LintJob.objects.get_or_create(revision=revision, stage="lintian", mode="recipe-only")
    if created:
        _send_on_commit(job)
        _show_on_recipe(job)
    return job


def requeue(job: LintJob) -> LintJob:
    """Lint a settled revision once more; the old report stands until the new one comes. A job that is not settled is left."""
    with transaction.atomic():
        job = LintJob.objects.select_for_update().get(pk=job.pk)
        if job.state in SETTLED:
            job.attempts = 0
            _queue_again(job)
    return job


def start(job_id: int) -> bool:
    """Note that a runner has begun with a job; return whether the job was waiting for one."""
    with transaction.atomic():
        job = _locked(job_id)
        if job is None or not _may_become(job, LintState.RUNNING):
            return False
        now = timezone.now()
        job.state, job.started_at, job.heartbeat_at = LintState.RUNNING, now, now
        job.attempts += 1
        job.save(update_fields=["state", "started_at", "heartbeat_at", "attempts"])
        _show_on_recipe(job)
    return True


def heartbeat(job_id: int) -> None:
    """Note that the runner of a running job lives."""
    LintJob.objects.filter(pk=job_id, state=LintState.RUNNING).update(heartbeat_at=timezone.now())


def record_report(job_id: int, report_json: object) -> bool:
    """Write a runner's report to its job, hints and all, in one transaction; return whether the job was waiting for it.

    Idempotent. What has not the shape of a report settles the job as `error`, since the same runner would say it again.
    """
    try:
        report = LintReport.from_json(report_json)
    except ReportError as error:
        return record_error(job_id, f"the runner's report cannot be read: {error}")
    return _settle(job_id, report)


def record_error(job_id: int, reason: str) -> bool:
    """Settle a job without a verdict; return whether it was waiting for one."""
    return _settle(job_id, LintReport(state=Outcome.ERROR, tool="", error=reason))


def sweep(now: datetime | None = None) -> Swept:
    """Send again the message of jobs whose runner fell silent or whose message was lost; give up after LINT_MAX_ATTEMPTS.

    A queued job waits for a runner as long as it takes: only the runs that were begun count as attempts. A message expires
    when the next one is sent, so that a runner that was away does not find the same job a hundred times.
    """
    now = now or timezone.now()
    lost = Q(state=LintState.RUNNING, heartbeat_at__lt=now - timedelta(seconds=LINT_LOST_SECONDS))
    unheard = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - timedelta(seconds=LINT_MESSAGE_SECONDS))
    resent, given_up = [], []
    with transaction.atomic():
        waiting = LintJob.objects.select_for_update(of=("self",)).select_related("revision__recipe")
        for job in waiting.filter(lost | Q(state=LintState.QUEUED) & unheard).order_by("id")[:_SWEEP_SIZE]:
            if job.state == LintState.RUNNING and job.attempts >= LINT_MAX_ATTEMPTS:
                reason = f"the runner was lost {job.attempts} times in the middle of this recipe; it is not tried again"
                _write_report(job, LintReport(state=Outcome.ERROR, tool="", error=reason))
                given_up.append(job.pk)
            else:
                _queue_again(job)
                resent.append(job.pk)
    if resent or given_up:
        logger.warning("lint sweep: sent again %s, given up %s", resent, given_up)
    return Swept(tuple(resent), tuple(given_up))


def _locked(job_id: int) -> LintJob | None:
    """Return the job, locked, or None where its recipe has been deleted meanwhile."""
    job = LintJob.objects.select_for_update(of=("self",)).select_related("revision").filter(pk=job_id).first()
    if job is None:
        logger.warning("lint job %d is not there any more", job_id)
    return job


def _may_become(job: LintJob, state: LintState) -> bool:
    return state in TRANSITIONS[LintState(job.state)]


def _settle(job_id: int, report: LintReport) -> bool:
    with transaction.atomic():
        job = _locked(job_id)
        if job is None or not _may_become(job, LintState(report.state)):
            return False
        _write_report(job, report)
    return True


def _write_report(job: LintJob, report: LintReport) -> None:
    """Write `report` to the locked `job`: all of it or, should the transaction fail, nothing."""
    job.state = LintState(report.state)
    job.tool, job.tool_version, job.profile = report.tool, report.tool_version, report.profile
    job.error, job.log, job.duration_ms = report.error, report.log, report.duration_ms
    job.finished_at = timezone.now()
    job.save()
    job.hints.all().delete()
    LintHint.objects.bulk_create(
        LintHint(
            job=job,
            position=position,
            severity=hint.severity,
            tag=hint.tag,
            package=hint.package,
            context=hint.context,
            path=hint.path,
            line=hint.line,
            origin=hint.origin,
            experimental=hint.experimental,
            overridden=hint.overridden,
            justification=hint.justification,
            reason=hint.reason,
        )
        for position, hint in enumerate(report.hints)
    )
    _show_on_recipe(job)
    if report.tool_version:
        explanations.ask_where_unknown(report.tool, report.tool_version)


def _show_on_recipe(job: LintJob) -> None:
    """Copy the job's state to the recipe's row, for lists and filters, where its revision is the current one."""
    Recipe.objects.filter(current_id=job.revision_id).update(lint_state=job.state)


def _queue_again(job: LintJob) -> None:
    job.state, job.finished_at = LintState.QUEUED, None
    job.save(update_fields=["state", "finished_at", "attempts"])
    _show_on_recipe(job)
    _send_on_commit(job)


def _send_on_commit(job: LintJob) -> None:
    """Send the job's message when the transaction is committed, and note the time.

    A broker that is away must not fail the push: the error is logged, and the sweep sends it again. For a queued job
    `heartbeat_at` is the time of its last message.
    """
    job.heartbeat_at = timezone.now()
    job.save(update_fields=["heartbeat_at"])
    recipe, revision = job.revision.recipe, job.revision
    clone_url = f"{settings.PORTAL_RUNNER_URL}/git/{recipe.name}.git"
    arguments = [job.pk, clone_url, revision.commit, recipe.name]

    # A function and no partial: Django logs the name of a callback that failed, and a partial has none.
    def send() -> None:
        current_app.send_task("lint.run", arguments, queue="lint", expires=LINT_MESSAGE_SECONDS)

    transaction.on_commit(send, robust=True)
