"""What the runner sends back, and the sweep: thin callers of `services.lint.jobs`, run by the portal's worker."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from ..services.lint import explanations, jobs, relint, runners, versions
from ..services.publishing import report_gates
from . import runner_reports
from .register import task


@shared_task(name="lint.started")
def started(job_id: int) -> None:
    """A runner has begun with a job."""
    jobs.start(job_id)


@shared_task(name="lint.heartbeat")
def heartbeat(job_id: int) -> None:
    """A job's runner lives."""
    jobs.heartbeat(job_id)


@shared_task(name="lint.stopped")
def stopped(job_id: int) -> None:
    """A runner was told to stop, and has killed what it ran."""
    jobs.stopped(job_id)


@shared_task(name="lint.finished")
def finished(job_id: int, report: Any, message: Any = "") -> None:
    """A runner has sent its report, and the id of the message that asked for it."""
    runner_reports.finished(job_id, report, message)


@shared_task(name="lint.explained")
def explained(catalogue: Any) -> None:
    """A runner has sent what its tool says about its tags."""
    explanations.import_catalogue(catalogue)


@shared_task(name="lint.tools")
def tools(found: Any) -> None:
    """A runner has started and tells its tools."""
    versions.told(found)


@shared_task(name="lint.present")
def present(name: Any, sandbox: Any) -> None:
    """A runner is there, at work or idle."""
    runners.note(name, sandbox)


@task("lint")
def go_on_with_relints() -> None:
    """Begin the re-lints that a new tool asks for, and queue the next portions; scheduled by the portal's settings."""
    relint.go_on()


@task("lint")
def sweep_lint_jobs() -> None:
    """Send again what was lost with a process or a broker; scheduled by the portal's settings."""
    report_gates.sweep()
