"""A trial build over the whole way: queue, broker, a real runner, the report; its cancel, and what a runner cannot do."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from portal.celery import app as portal_app
from recipes_app.lint.build import bases
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.protocol.stages import Mode, Stage
from recipes_app.lint.runner import FetchedRecipe, run_stage
from recipes_app.models import LintJob, LintState, TrialBuilds
from recipes_app.repos.store import store
from recipes_app.services.lint import actions, jobs
from tests.factories import make_user, publish_recipe
from tests.lint.building import native, none_mounted, sleeping
from tests.lint.built import built_files
from tests.lint.test_killed_worker import deliver_until, runner, state

pytestmark = [
    pytest.mark.server,
    pytest.mark.xdist_group("trial-build"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("base"),
]


def queued(tree: dict[str, bytes], tmp_path: Path, settings: Any) -> LintJob:
    """A build that waits, of a recipe in a store that the runner clones from; its other stages are over."""
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.TRIAL_BUILD_SUITES = ["bookworm"]
    portal_app.autodiscover_tasks(["recipes_app.tasks.lint"], related_name=None, force=True)
    ada = make_user("ada")
    recipe = publish_recipe(tree, ada)
    (tmp_path / "git").mkdir()
    repository = store().public("hello-dur")
    (tmp_path / "git" / "hello-dur.git").symlink_to(repository)
    settings.PORTAL_RUNNER_URL = f"file://{tmp_path}"
    with transaction.atomic():
        for job in LintJob.objects.exclude(stage=Stage.TRIAL_BUILD):
            passed = LintReport(state=Outcome.PASSED, stage=job.stage, tool="t", tool_version="1")
            assert jobs.record_report(job.pk, passed.to_json())
        actions.choose_trial_builds(ada, recipe, TrialBuilds.ALWAYS)
    return LintJob.objects.get(stage=Stage.TRIAL_BUILD)


def test_a_build_goes_through_queue_and_runner_and_nothing_of_it_stays(tmp_path: Path, settings: Any) -> None:
    started = time.time()
    seed = secrets.token_hex()
    marker = hashlib.sha256(seed.encode()).hexdigest()
    plant = f"@printf %s {seed} | sha256sum | cut -c1-64 > marker; for f in /tmp /dev/shm /build; do cp marker $$f/planted; done"
    job = queued(native(plant, **{"debian/install": "marker usr/share/hello-dur\n"}), tmp_path, settings)
    log = tmp_path / "runner.log"
    with runner(log):
        told = deliver_until(lambda: state(job) not in (LintState.QUEUED, LintState.RUNNING), 300)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == (LintState.PASSED, "", 1), log.read_text()
    assert (job.mode, job.suite, job.tool) == (Mode.BUILT, "bookworm", "lintian")
    assert "building package 'hello-dur'" in job.log
    assert "lint.heartbeat" in told or job.duration_ms < 20_000
    folders = [Path(each) for each in ("/tmp", "/var/tmp", "/run", "/dev/shm", "/var/lib", "/var/cache")]
    folders += [bases.bases_folder(), tmp_path.parent, Path(os.environ["PORTAL_DATA"])]
    control = tmp_path / "control"
    control.write_text(marker)
    assert built_files(folders, marker.encode(), since=started) == [control]


def test_a_cancelled_build_is_killed_and_its_runner_goes_on(tmp_path: Path, settings: Any) -> None:
    seconds = f"4324.{os.getpid()}"
    job = queued(native(f"sleep {seconds}"), tmp_path, settings)
    log = tmp_path / "runner.log"
    with runner(log) as process:
        deliver_until(lambda: sleeping(seconds), 300)
        assert state(job) == LintState.RUNNING
        assert jobs.cancel(job, "cancelled by ada")
        deliver_until(lambda: not sleeping(seconds) and "was stopped by the portal" in log.read_text(), 30)
        none_mounted()
        assert process.poll() is None
    job.refresh_from_db()
    assert (job.state, job.error) == (LintState.CANCELLED, "cancelled by ada")


@contextmanager
def another_user() -> Iterator[None]:
    """This very process without root's rights."""
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_runner_that_is_not_root_says_so_and_what_to_do() -> None:
    with another_user():
        report = run_stage(Stage.TRIAL_BUILD, FetchedRecipe(native(), frozenset()), facts={}, suite="bookworm")
    assert (report.state, report.stage, report.mode) == (Outcome.ERROR, "trial-build", "built")
    assert "needs a runner that is root" in report.error
    assert "run the lint workers as root" in report.error


def test_a_job_for_a_suite_without_a_base_is_an_error_and_not_tried_again(tmp_path: Path, settings: Any) -> None:
    job = queued(native(), tmp_path, settings)
    report = run_stage(Stage.TRIAL_BUILD, FetchedRecipe(native(), frozenset()), facts={}, suite="trixie")
    assert "run `python -m recipes_app.lint.build.prepare_base trixie`" in report.error
    assert jobs.start(job.pk)
    assert jobs.record_report(job.pk, {**report.to_json(), "suite": "bookworm"})
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (LintState.ERROR, 1, report.error)
    assert jobs.sweep().resent == ()
    assert not jobs.start(job.pk)
