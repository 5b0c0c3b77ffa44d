"""The runner's Celery application. It has no database and no Django: it takes jobs from its queue and sends reports back.

Configured by the environment: BROKER_URL or PORTAL_DATA (see `broker`); LINT_SANDBOX, the sandbox's level (see `levels`); and
LINT_PROTOCOLS, a comma-separated list of the protocols by which recipes may be cloned (http,https where it is not set).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from types import TracebackType
from typing import Any, NoReturn, Self

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_init, worker_ready
from kombu.exceptions import OperationalError

from ..limits import LINT_HEARTBEAT_SECONDS, LINT_PRESENT_SECONDS
from .protocol.assignment import Assignment, AssignmentError
from .protocol.broker import REPORTS_QUEUE, broker_settings
from .protocol.report import LintReport, Outcome
from .runner import run_assignment
from .sandbox.check_sandbox import require_sandbox
from .sandbox.levels import Level
from .sandbox.sandbox import chosen_level, why_no_namespaces
from .source.check import ExplanationsUnavailable, explain_tags
from .tools import installed_tools

logger = logging.getLogger(__name__)

# Not the current application of a process that merely looks into this module: the portal's own tasks would be sent to its queue.
app = Celery("lint", set_as_current=False)
app.conf.update(
    broker_settings(),
    task_default_queue="lint",
    task_ignore_result=True,
    # A message is finished when the report has been sent; a broker that remembers gives it to another runner if this one dies.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    # A message is one of ours and nothing else, whoever wrote it.
    accept_content=["json"],
)


@worker_init.connect
def prove_sandbox(**_: object) -> None:
    """Before the first job, prove that the sandbox holds on this machine; the worker ends where it does not."""
    level = require_sandbox()
    if level is not Level.NAMESPACES:
        logger.warning(
            "recipes are looked at in a sandbox of the level %s, and no trial build runs: %s", level, why_no_namespaces()
        )


@worker_ready.connect
def tell_tools(**_: object) -> None:
    """Tell the portal which tools this runner has, so that it sees an upgrade before anybody pushes.

    A report says it again: where the broker is away for the moment, nothing is lost.
    """
    try:
        _tell("lint.tools", [tool.to_json() for tool in installed_tools()])
    except (OSError, OperationalError) as error:
        logger.warning("the portal could not be told of this runner's tools: %s", error)


@worker_ready.connect
def tell_presence(sender: Any, **_: object) -> None:
    """Tell the portal from now on, again and again, that this runner is there."""
    threading.Thread(target=_be_present, args=(str(sender.hostname), chosen_level()), daemon=True).start()


def _be_present(name: str, level: Level) -> NoReturn:
    while True:
        try:
            _tell("lint.present", name, level, expires=LINT_PRESENT_SECONDS)
        except (OSError, OperationalError) as error:
            # A broker that is away for a moment: the next one will get through.
            logger.warning("the portal could not be told that this runner is there: %s", error)
        time.sleep(LINT_PRESENT_SECONDS)


@app.task(name="lint.run")
def run(message: dict[str, Any]) -> None:
    """Do what one assignment asks for: tell the portal that it has begun, that it goes on, and what came out.

    A cancelled job ends in SoftTimeLimitExceeded, which Celery raises here when the portal revokes the message: the sandbox is
    killed on the way out of it.
    """
    job = message["job"]
    try:
        _tell("lint.started", job)
        with _Heartbeat(job):
            report = _report(message)
    except SoftTimeLimitExceeded:
        logger.warning("job %s was stopped by the portal", job)
        _tell("lint.stopped", job)
    else:
        _tell("lint.finished", job, report.to_json(), run.request.id or "")


def _report(message: dict[str, Any]) -> LintReport:
    protocols = [each.strip() for each in os.environ.get("LINT_PROTOCOLS", "http,https").split(",")]
    try:
        return run_assignment(Assignment.from_json(message), protocols=protocols)
    except SoftTimeLimitExceeded:
        raise
    except AssignmentError as error:
        return LintReport(state=Outcome.ERROR, tool="", error=str(error))
    except Exception as error:
        # The last door: without a report the job would be tried again and fail in the same way.
        logger.exception("%s failed", message)
        return LintReport(state=Outcome.ERROR, error=f"the runner failed: {type(error).__name__}; its log says more")


@app.task(name="lint.explain")
def explain() -> None:
    """Send the portal what the installed lintian says about each of its tags."""
    try:
        catalogue = explain_tags()
    except ExplanationsUnavailable as error:
        logger.error("no explanations: %s", error)  # noqa: TRY400 - the text says all; the portal asks again
        return
    _tell("lint.explained", catalogue)


def _tell(task: str, *arguments: object, expires: float | None = None) -> None:
    app.send_task(task, arguments, queue=REPORTS_QUEUE, expires=expires)


class _Heartbeat:
    """While it is open, tells the portal again and again that the job's runner lives. A context manager."""

    def __init__(self, job_id: int) -> None:
        self._job_id = job_id
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(LINT_HEARTBEAT_SECONDS):
            try:
                _tell("lint.heartbeat", self._job_id)
            except (OSError, OperationalError):
                # A broker that is away for a moment: the next beat or the report itself will get through.
                logger.warning("the heartbeat of job %d could not be sent", self._job_id)
