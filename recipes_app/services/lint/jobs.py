"""Lint jobs: the row in the database is the truth, the broker only carries messages and may lose them.

queued → running → passed | failed | error; cancelled from queued and running; back to queued by the sweep (a lost runner), by
`requeue`, and by a re-lint that waits to be confirmed (`lint_confirm`). Whatever arrives twice, late or out of order changes
nothing that is settled. `lint_queue` says which job goes next, `lint_stages` what the stages of a revision say together.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recipes_app.limits import LINT_LOST_SECONDS, LINT_MAX_ATTEMPTS
from recipes_app.lint.protocol.build_report import steps_to_json
from recipes_app.lint.protocol.report import LintReport, Outcome, ReportError
from recipes_app.lint.protocol.stages import Mode, Stage
from recipes_app.models import LintHint, LintJob, LintPriority, LintState, Revision, SuiteBranch

from ..core import locks
from ..core.retrying import retried
from ..notifications import webhooks
from . import confirm, explanations, queue, stages, trial_builds, versions

logger = logging.getLogger(__name__)

_ENDS = frozenset({LintState.PASSED, LintState.FAILED, LintState.ERROR, LintState.CANCELLED})
# Which state may follow which. Reports are taken from `queued` too: a runner that was given up may still finish.
TRANSITIONS: Mapping[LintState, frozenset[LintState]] = {
    LintState.QUEUED: _ENDS | {LintState.RUNNING},
    LintState.RUNNING: _ENDS | {LintState.RUNNING, LintState.QUEUED},
    LintState.PASSED: frozenset({LintState.QUEUED}),
    LintState.FAILED: frozenset({LintState.QUEUED}),
    LintState.ERROR: frozenset({LintState.QUEUED}),
    LintState.CANCELLED: frozenset({LintState.QUEUED}),
}
SETTLED = _ENDS
# What every revision goes through; a trial build follows the checks where one is wanted.
_ALWAYS = (Stage.RECIPE_CHECKS, Stage.SOURCE_LINT)
# What one sweep looks at; the next one goes on. The oldest come first.
_SWEEP_SIZE = 500
# The id of a message is a UUID; a runner is not trusted to send one.
_MESSAGE_LENGTH = 36


@dataclass(frozen=True)
class Swept:
    """What one sweep did: the ids of jobs that wait for a runner again, and of those that were given up."""

    resent: tuple[int, ...] = ()
    given_up: tuple[int, ...] = ()


def enqueue(revision: Revision) -> list[LintJob]:
    """Queue the stages of a pushed `revision`, in the caller's transaction; they are handed out once that is committed.

    Idempotent. What still waits for older revisions of the branch is cancelled: nobody reads it any more.
    """
    _cancel_superseded(revision)
    known = {(job.stage, job.suite) for job in stages.jobs_of(revision)}
    jobs = []
    for stage in _ALWAYS:
        if (stage, "") not in known:
            job = LintJob(revision=revision, stage=stage, mode=Mode.RECIPE_ONLY, priority=LintPriority.PUSH)
            queue.give_turn(job)
            job.save()
            jobs.append(job)
    if jobs:
        stages.show_on_recipe(revision.pk)
        queue.dispatch_on_commit()
    return jobs


@retried
def requeue(job: LintJob) -> LintJob:
    """Run a settled job once more; the old report stands until the new one comes.

    A job that is not settled is left, and so is a build of what must not be built.
    """
    with transaction.atomic():
        locks.lock_recipe(job.revision.recipe_id)
        job = LintJob.objects.select_for_update(no_key=True, of=("self",)).select_related("revision").get(pk=job.pk)
        barred = job.stage == Stage.TRIAL_BUILD and trial_builds.why_not(job.revision)
        if job.state in SETTLED and not barred:
            job.attempts, job.priority, job.relint, job.first_run = 0, LintPriority.RETRY, None, None
            queue.give_turn(job)
            _queue_again(job)
    return job


@retried
def requeue_revision(revision: Revision) -> list[LintJob]:
    """Run every stage that `revision` went through once more; return the jobs that stand for it."""
    with transaction.atomic():
        locks.lock_recipe(revision.recipe_id)
        return [requeue(job) for job in stages.standing(stages.jobs_of(revision))]


@retried
def cancel(job: LintJob, reason: str) -> bool:
    """Cancel a job that is not settled; return whether it was so. A runner that works on it is told and kills its sandbox."""
    with transaction.atomic():
        locked = _locked(job.pk)
        if locked is None or not _may_become(locked, LintState.CANCELLED):
            return False
        _cancel(locked, reason)
        queue.dispatch_on_commit()
    return True


@retried
def start(job_id: int) -> bool:
    """Note that a runner has begun with a job; return whether the job was waiting for one.

    A broker that gives a dead runner's message to the next one would do so for ever: the try after LINT_MAX_ATTEMPTS is stopped.
    """
    with transaction.atomic():
        job = _locked(job_id)
        if job is None or not _may_become(job, LintState.RUNNING):
            _stop_unwanted(job)
            return False
        if job.attempts >= LINT_MAX_ATTEMPTS:
            _give_up(job)
            queue.recall(job)
            return False
        now = timezone.now()
        job.state, job.started_at, job.heartbeat_at = LintState.RUNNING, now, now
        job.attempts += 1
        job.save(update_fields=["state", "started_at", "heartbeat_at", "attempts"])
        stages.show_on_recipe(job.revision_id)
        queue.dispatch_on_commit()
    return True


def heartbeat(job_id: int) -> None:
    """Note that the runner of a running job lives; tell it where its work is not wanted any more."""
    if not LintJob.objects.filter(pk=job_id, state=LintState.RUNNING).update(heartbeat_at=timezone.now()):
        _stop_unwanted(LintJob.objects.filter(pk=job_id).first())


@retried
def stopped(job_id: int) -> bool:
    """Note that a runner has stopped with a job before its end; return whether it was stopped by mistake and waits again.

    Where the job was cancelled, nothing is left to do.
    """
    with transaction.atomic():
        job = _locked(job_id)
        if job is None or job.state in SETTLED:
            return False
        job.sent_at = None
        _queue_again(job)
    return True


@retried
def record_report(job_id: int, report_json: object, message: object = "") -> bool:
    """Write a runner's report to its job, hints and all, in one transaction; return whether the job was waiting for it.

    `message` is the id of the one by which the run was asked for; a runner of an older release does not tell it.
    Idempotent. What has not the shape of a report settles the job as `error`, since the same runner would say it again.
    """
    try:
        report = LintReport.from_json(report_json)
    except ReportError as error:
        return record_error(job_id, f"the runner's report cannot be read: {error}")
    return _settle(job_id, report, message[:_MESSAGE_LENGTH] if isinstance(message, str) else "")


@retried
def record_error(job_id: int, reason: str) -> bool:
    """Settle a job without a verdict; return whether it was waiting for one."""
    return _settle(job_id, LintReport(state=Outcome.ERROR, stage="", tool="", error=reason))


def sweep(now: datetime | None = None) -> Swept:
    """Queue again the jobs whose runner fell silent or whose message was lost; give up after LINT_MAX_ATTEMPTS; hand out.

    A queued job waits for a runner as long as it takes: only the runs that were begun count as attempts.
    """
    now = now or timezone.now()
    silent = Q(state=LintState.RUNNING, heartbeat_at__lt=now - timedelta(seconds=LINT_LOST_SECONDS))
    resent: list[int] = []
    given_up: list[int] = []
    for job_id in LintJob.objects.filter(silent).order_by("id").values_list("id", flat=True)[:_SWEEP_SIZE]:
        # One transaction each: no two recipes are locked at a time.
        is_given_up = _sweep_one(job_id, silent)
        if is_given_up is not None:
            (given_up if is_given_up else resent).append(job_id)
    resent += queue.forget_lost_messages(now)
    if resent or given_up:
        logger.warning("lint sweep: queued again %s, given up %s", resent, given_up)
    queue.dispatch(now)
    return Swept(tuple(resent), tuple(given_up))


@retried
def _sweep_one(job_id: int, silent: Q) -> bool | None:
    """Let a job whose runner fell silent wait again, or give it up; return whether it was given up, None where it lives."""
    with transaction.atomic():
        job = _locked(job_id)
        if job is None or not LintJob.objects.filter(silent, pk=job_id).exists():
            return None
        if job.attempts >= LINT_MAX_ATTEMPTS:
            _give_up(job)
            return True
        job.sent_at = None
        _queue_again(job)
        return False


def _locked(job_id: int) -> LintJob | None:
    """Return the job, locked after its recipe, or None where that has been deleted meanwhile."""
    recipe_id = LintJob.objects.filter(pk=job_id).values_list("revision__recipe_id", flat=True).first()
    if recipe_id is not None:
        locks.lock_recipe(recipe_id)
    rows = LintJob.objects.select_for_update(no_key=True, of=("self",)).select_related("revision__recipe")
    job = rows.filter(pk=job_id).first()
    if job is None:
        logger.warning("lint job %d is not there any more", job_id)
    return job


def _may_become(job: LintJob, state: LintState) -> bool:
    return state in TRANSITIONS[LintState(job.state)]


def _cancel(job: LintJob, reason: str) -> None:
    """Cancel a locked job that is not settled. The hints of a run before stay: they are still what is known."""
    job.state, job.error, job.finished_at = LintState.CANCELLED, reason, timezone.now()
    job.save(update_fields=["state", "error", "finished_at"])
    queue.recall(job)
    stages.show_on_recipe(job.revision_id)
    _follow_checks(job)


def _follow_checks(job: LintJob) -> None:
    """Where the recipe checks are over, let the trial builds follow; where they speak against it, cancel those that wait.

    A re-lint brings no build: a new version of the checks is no reason to build the whole catalogue.
    """
    if job.stage != Stage.RECIPE_CHECKS:
        return
    revision = Revision.objects.select_related("recipe__maintainer").get(pk=job.revision_id)
    waiting = trial_builds.unsettled(revision)
    if waiting and (reason := trial_builds.why_not(revision)):
        for build in waiting:
            _cancel(build, reason)
    elif job.priority != LintPriority.RELINT:
        trial_builds.queue(revision)


def _cancel_superseded(revision: Revision) -> None:
    """Cancel what waits for older revisions of the branch, but of those that users still get: the newer one may be held."""
    shown = SuiteBranch.objects.filter(recipe=revision.recipe_id).values("revision")
    older = LintJob.objects.filter(
        state=LintState.QUEUED, revision__recipe=revision.recipe_id, revision__branch=revision.branch
    ).exclude(Q(revision=revision) | Q(revision__in=shown) | revision.pushed_after("revision__"))
    for job in older.select_for_update(no_key=True, of=("self",)).select_related("revision"):
        _cancel(job, f"a newer push arrived: {revision.version} at {revision.commit}")


def _stop_unwanted(job: LintJob | None) -> None:
    """Tell the runner of a job that was cancelled once more: it has not heard it."""
    if job is not None and job.state == LintState.CANCELLED:
        queue.recall(job)


def _give_up(job: LintJob) -> None:
    reason = f"the runner was lost {job.attempts} times in the middle of this recipe; it is not tried again"
    _write_report(job, LintReport(state=Outcome.ERROR, stage=job.stage, tool="", error=reason))


def _settle(job_id: int, report: LintReport, message: str = "") -> bool:
    with transaction.atomic():
        job = _locked(job_id)
        if job is None or not _may_become(job, LintState(report.state)):
            return False
        taken = True
        if report.stage and report.stage != job.stage:
            report = LintReport(state=Outcome.ERROR, tool="", error=f"the runner reported on {report.stage} instead")
        if report.tool_version:
            versions.note(job.stage, report.tool, report.tool_version, report.profile)
        if report.tool_version and _done_before(job, report):
            _cancel(job, f"{report.tool} {report.tool_version} has looked at this revision before")
        elif job.relint_id is not None:
            taken = _settle_relint(job, report, message)
        else:
            _write_report(job, report)
        queue.dispatch_on_commit()
    return taken


def _settle_relint(job: LintJob, report: LintReport, message: str) -> bool:
    """Settle the job of a re-lint, or run it once more where it says something new; return whether it waited for this report."""
    old = confirm.before(job)
    step = confirm.judge(job, report, message, old)
    if step is confirm.Step.AGAIN:
        job.first_run, job.attempts = confirm.first_run(report, message), 0
        queue.give_turn(job)
        _queue_again(job)
    elif step is confirm.Step.UNSTABLE:
        # Without the key: no version has looked at the revision, so that a retry or a later run may.
        reason = confirm.disagreement(job, report)
        _write_report(job, LintReport(state=Outcome.ERROR, stage=job.stage, tool=report.tool, error=reason, log=report.log))
    elif step is confirm.Step.COUNTS:
        _write_report(job, report)
        if report.state is not Outcome.ERROR:
            confirm.note_changes(job, old, confirm.Statement.by_report(report))
    return step is not confirm.Step.KNOWN


def _done_before(job: LintJob, report: LintReport) -> bool:
    """Return whether another job has the key that this one gets by its report: there are no two verdicts on the same thing."""
    same = LintJob.objects.filter(revision_id=job.revision_id, stage=job.stage, mode=report.mode, suite=job.suite)
    return same.filter(tool_version=report.tool_version, profile=report.profile).exclude(pk=job.pk).exists()


def _write_report(job: LintJob, report: LintReport) -> None:
    """Write `report` to the locked `job`: all of it or, should the transaction fail, nothing."""
    job.state = LintState(report.state)
    if report.tool_version:
        # The key says what was run, which a report without a verdict may not know.
        job.mode, job.tool_version, job.profile = report.mode, report.tool_version, report.profile
    job.tool, job.sandbox = report.tool or job.tool, report.sandbox or job.sandbox
    job.error, job.log, job.duration_ms = report.error, report.log, report.duration_ms
    job.steps, job.effects = steps_to_json(report.steps), report.effects.to_json() if report.effects else None
    # In one commit with the report: whoever dies now leaves a row that says that the gates were not asked (`report_gates`).
    job.finished_at, job.gates_asked_at = timezone.now(), None
    job.confirmations = report.confirmations.to_json() if report.confirmations else None
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
    _tell_webhooks(job, stages.show_on_recipe(job.revision_id))
    _follow_checks(job)
    if report.tool_version and job.stage != Stage.RECIPE_CHECKS:
        explanations.ask_where_unknown(report.tool, report.tool_version)


def _tell_webhooks(job: LintJob, state: str) -> None:
    """Tell of the end of a revision's last stage. That the whole catalogue is looked at again is nobody's news."""
    if state and job.priority != LintPriority.RELINT:
        revision = job.revision
        facts = {"commit": revision.commit, "version": revision.version, "state": state}
        url = f"{settings.PORTAL_URL}{revision.get_absolute_url()}lint/"
        webhooks.emit(revision.recipe, webhooks.LINTED, {**facts, "url": url})


def _queue_again(job: LintJob) -> None:
    job.state, job.finished_at = LintState.QUEUED, None
    job.save(update_fields=["state", "finished_at", "attempts", "priority", "turn", "sent_at", "relint", "first_run"])
    stages.show_on_recipe(job.revision_id)
    queue.dispatch_on_commit()
