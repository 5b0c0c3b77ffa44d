"""A runner that is killed, or told to stop, in the middle of a lint: the real Celery worker, the real broker, the job done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from portal.celery import app as portal_app
from recipes_app.limits import LINT_LOST_SECONDS
from recipes_app.lint.protocol.broker import REPORTS_QUEUE
from recipes_app.models import LintJob, LintState, Revision
from recipes_app.services.lint import jobs
from tests.factories import commit_tree, git, make_recipe, recipe_tree

pytestmark = [pytest.mark.server, pytest.mark.django_db(transaction=True)]

# Tells this test's sandboxes from others on the machine.
VERSION = f"1.0+{os.getpid()}-1"
ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def runner(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A runner in a process group of its own, on the test's broker; killed at the end."""
    command = [sys.executable, "-m", "celery", "-A", "recipes_app.lint.runner_app", "worker", "-Q", "lint", "-c", "1"]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    environment = {**os.environ, "LINT_PROTOCOLS": "file"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with (
        log.open("ab") as output,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        ) as process,
    ):
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """What a power cut or the OOM killer does to the whole group."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def deliver_until(condition: Callable[[], bool], seconds: float = 120) -> list[str]:
    """Be the portal's worker: take the runner's messages from the broker and run their tasks, until `condition` holds.

    Returns the names of the tasks.
    """
    names: list[str] = []
    deadline = time.monotonic() + seconds
    with portal_app.connection_for_read() as connection:
        queue = connection.SimpleQueue(REPORTS_QUEUE)
        while not condition():
            assert time.monotonic() < deadline, "the runner did not get there in time"
            try:
                message = queue.get(timeout=1)
            except queue.Empty:
                continue
            arguments = message.payload[0]
            names.append(message.headers["task"])
            portal_app.tasks[names[-1]](*arguments)
            message.ack()
        queue.close()
    return names


@pytest.fixture
def job(tmp_path: Path, settings: object) -> LintJob:
    """A queued job whose revision can be fetched from a real repository."""
    commit = commit_tree(recipe_tree(version=VERSION), tmp_path / "work")
    git("clone", "-q", "--bare", "work", str(tmp_path / "git" / "hello-dur.git"), cwd=tmp_path)
    settings.PORTAL_RUNNER_URL = f"file://{tmp_path}"
    portal_app.autodiscover_tasks(["recipes_app.tasks.lint"], related_name=None, force=True)
    revision = Revision.objects.create(
        recipe=make_recipe(), commit=commit, version="1.0-1", pushed_at=timezone.now(), pusher_name="ada", metadata={}
    )
    with transaction.atomic():
        checks, job = jobs.enqueue(revision)
        # This test is about one stage.
        checks.delete()
    return job


def state(job: LintJob) -> str:
    return LintJob.objects.get(pk=job.pk).state


def test_a_job_whose_runner_was_killed_is_done_by_the_next_one(job: LintJob, tmp_path: Path) -> None:
    log = tmp_path / "runner.log"
    with runner(log) as first:
        deliver_until(lambda: state(job) == LintState.RUNNING)
        kill(first)
    assert state(job) == LintState.RUNNING

    swept = jobs.sweep(timezone.now() + timedelta(seconds=LINT_LOST_SECONDS + 1))
    assert swept == jobs.Swept(resent=(job.pk,))
    with runner(log):
        deliver_until(lambda: state(job) not in (LintState.QUEUED, LintState.RUNNING))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (LintState.PASSED, 2), log.read_text()
    assert job.hints.count() > 0
    # A keeper takes a moment to end what it kept.
    deadline = time.monotonic() + 5
    while leftovers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert leftovers() == [], "the killed runner's sandbox still runs"


def test_a_cancelled_lint_is_stopped_in_the_middle_and_its_runner_goes_on(job: LintJob, tmp_path: Path) -> None:
    log = tmp_path / "runner.log"
    with runner(log) as process:
        deliver_until(lambda: state(job) == LintState.RUNNING)
        deadline = time.monotonic() + 30
        while not leftovers():
            assert time.monotonic() < deadline, (state(job), LintJob.objects.get(pk=job.pk).error, log.read_text())
            time.sleep(0.02)
        assert jobs.cancel(job, "cancelled by ada")
        deliver_until(lambda: leftovers() == [] and "was stopped by the portal" in log.read_text(), 20)
        assert process.poll() is None
        job.refresh_from_db()
        assert (job.state, job.error) == (LintState.CANCELLED, "cancelled by ada"), log.read_text()

        jobs.requeue(job)
        told = deliver_until(lambda: state(job) not in (LintState.QUEUED, LintState.RUNNING))
    assert state(job) == LintState.PASSED, log.read_text()
    assert "lint.finished" in told
    assert leftovers() == []


def leftovers() -> list[str]:
    """Command lines of sandboxes that still run: bubblewrap's, or those of the keepers of the level confined."""
    listed = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    ours = [line for line in listed.splitlines() if f"hello-dur_{VERSION}.dsc" in line]
    return [line for line in ours if line.startswith("bwrap ") or "/confine.py " in line]
