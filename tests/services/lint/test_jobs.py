"""The state machine of lint jobs: each event in each state, twice, late and out of order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from portal.celery import app as portal_app
from recipes_app.limits import LINT_LOST_SECONDS, LINT_MAX_ATTEMPTS, LINT_MESSAGE_SECONDS
from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.models import LintJob, LintState, LintTag, Recipe, Revision
from recipes_app.services.lint import jobs, queue, reports
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db

HINT = Hint(HintSeverity.ERROR, "some-tag", "src:hello-dur", context="here", path="debian/control", line=4)
PASSED = LintReport(state=Outcome.PASSED, tool_version="2.1", profile="debian/main", duration_ms=5, log="said").to_json()
CHECKED = LintReport(state=Outcome.PASSED, stage="recipe-checks", tool="recipe-checks", tool_version="1").to_json()
FAILED = LintReport(state=Outcome.FAILED, tool_version="2.1", hints=(HINT,)).to_json()


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any], dict[str, Any]]]:
    """What was handed to the broker; the real broker is driven in test_killed_worker."""
    sent: list[tuple[str, list[Any], dict[str, Any]]] = []
    monkeypatch.setattr(portal_app, "send_task", lambda name, args=(), **options: sent.append((name, list(args), options)))
    return sent


@pytest.fixture
def revision() -> Revision:
    """The current revision of a recipe, without a repository."""
    recipe = make_recipe(maintainer=make_user())
    revision = Revision.objects.create(
        recipe=recipe, commit="c" * 40, version="1.0-1", pushed_at=timezone.now(), pusher_name="ada", metadata={}
    )
    Recipe.objects.filter(pk=recipe.pk).update(current=revision)
    return revision


@pytest.fixture
def job(revision: Revision) -> LintJob:
    """The source lint of the current revision, queued, its turn come: the recipe checks are over."""
    checks, job = jobs.enqueue(revision)
    assert jobs.record_report(checks.pk, CHECKED)
    return job


def shown(job: LintJob) -> str:
    """The state that lists show for the job's recipe."""
    return Recipe.objects.get(current=job.revision_id).lint_state


def aged(job: LintJob, seconds: int) -> None:
    then = timezone.now() - timedelta(seconds=seconds + 1)
    LintJob.objects.filter(pk=job.pk).update(heartbeat_at=then, sent_at=then)


def state(job: LintJob) -> str:
    return LintJob.objects.get(pk=job.pk).state


def test_a_queued_job_is_sent_when_the_transaction_is_committed(
    revision: Revision, messages: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job, _ = jobs.enqueue(revision)
        assert messages == []
    [(name, [assignment], options)] = messages
    job.refresh_from_db()
    assert (name, options["queue"], options["task_id"]) == ("lint.run", "lint", job.message)
    assert assignment["clone_url"].endswith("/git/hello-dur.git")
    assert (assignment["job"], assignment["stage"], assignment["commit"]) == (job.pk, "recipe-checks", "c" * 40)
    assert shown(job) == "queued"


def test_lintian_follows_the_recipe_checks_whatever_they_say(
    revision: Revision, messages: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        checks, source = jobs.enqueue(revision)
    with django_capture_on_commit_callbacks(execute=True):
        jobs.start(checks.pk)
    assert [message[1][0]["job"] for message in messages] == [checks.pk]
    with django_capture_on_commit_callbacks(execute=True):
        jobs.record_report(checks.pk, {**CHECKED, "state": "failed"})
    assert [message[1][0]["job"] for message in messages] == [checks.pk, source.pk]


def test_a_revision_is_queued_once(revision: Revision) -> None:
    assert [job.stage for job in jobs.enqueue(revision)] == ["recipe-checks", "source-lint"]
    assert jobs.enqueue(revision) == []
    assert LintJob.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [ConnectionError, OperationalError])
def test_a_broker_that_is_away_does_not_fail_the_push(
    revision: Revision, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(portal_app, "send_task", refuse)
    with transaction.atomic():
        job, _ = jobs.enqueue(revision)
    job.refresh_from_db()
    assert (job.state, job.sent_at) == (LintState.QUEUED, None)


def test_a_started_job_runs_and_counts_the_attempt(job: LintJob) -> None:
    assert jobs.start(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, shown(job)) == ("running", 1, "running")
    assert job.started_at is not None


def test_a_report_is_written_whole(job: LintJob) -> None:
    jobs.start(job.pk)
    assert jobs.record_report(job.pk, FAILED)
    job.refresh_from_db()
    assert (job.state, job.tool, job.tool_version, shown(job)) == ("failed", "lintian", "2.1", "failed")
    [explained] = reports.hints_with_explanations([job])
    hint = explained.hint
    assert (hint.severity, hint.tag, hint.package, hint.context) == ("error", "some-tag", "src:hello-dur", "here")
    assert (hint.path, hint.line, hint.origin) == ("debian/control", 4, "lintian")


def test_a_report_that_comes_twice_changes_nothing(job: LintJob) -> None:
    assert jobs.record_report(job.pk, FAILED)
    assert not jobs.record_report(job.pk, PASSED)
    assert (state(job), job.hints.count()) == ("failed", 1)


def test_a_report_counts_though_the_start_was_never_heard_of(job: LintJob) -> None:
    assert jobs.record_report(job.pk, PASSED)
    assert state(job) == LintState.PASSED


def test_a_report_on_another_stage_is_no_verdict(job: LintJob) -> None:
    assert jobs.record_report(job.pk, CHECKED)
    job.refresh_from_db()
    assert (job.state, job.error) == ("error", "the runner reported on recipe-checks instead")


@pytest.mark.parametrize("report", [None, {}, {**PASSED, "state": "fine"}, {**PASSED, "version": 99}])
def test_what_is_no_report_settles_the_job_as_an_error_that_says_so(job: LintJob, report: object) -> None:
    assert jobs.record_report(job.pk, report)
    job.refresh_from_db()
    assert job.state == LintState.ERROR
    assert job.error.startswith("the runner's report cannot be read: ")


@pytest.mark.parametrize(
    "event",
    [
        jobs.start,
        lambda pk: jobs.record_report(pk, FAILED),
        lambda pk: jobs.record_error(pk, "late"),
        lambda pk: bool(jobs.heartbeat(pk)),
    ],
    ids=["start", "report", "error", "heartbeat"],
)
def test_nothing_that_comes_late_changes_a_settled_job(job: LintJob, event: Callable[[int], bool]) -> None:
    jobs.record_report(job.pk, PASSED)
    before = LintJob.objects.filter(pk=job.pk).values().get()
    assert not event(job.pk)
    assert LintJob.objects.filter(pk=job.pk).values().get() == before


def test_events_of_a_job_that_was_deleted_are_passed_over(job: LintJob) -> None:
    key = job.pk
    job.delete()
    assert not jobs.start(key)
    assert not jobs.record_report(key, PASSED)
    jobs.heartbeat(key)


def test_an_old_revisions_report_is_not_shown_on_the_recipe(job: LintJob) -> None:
    newer = Revision.objects.create(
        recipe=job.revision.recipe, commit="d" * 40, version="2", pushed_at=timezone.now(), pusher_name="ada", metadata={}
    )
    Recipe.objects.update(current=newer, lint_state="queued")
    jobs.record_report(job.pk, FAILED)
    assert Recipe.objects.get().lint_state == "queued"


def test_a_heartbeat_keeps_the_sweep_away(job: LintJob) -> None:
    jobs.start(job.pk)
    aged(job, LINT_LOST_SECONDS)
    jobs.heartbeat(job.pk)
    assert jobs.sweep() == jobs.Swept()


def test_a_silent_runners_job_is_queued_and_sent_again(
    job: LintJob, messages: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    jobs.start(job.pk)
    aged(job, LINT_LOST_SECONDS)
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.sweep() == jobs.Swept(resent=(job.pk,))
    assert (state(job), shown(job), len(messages)) == ("queued", "queued", 1)


def test_a_broker_that_gives_a_deadly_recipe_to_runner_after_runner_is_stopped(job: LintJob) -> None:
    for _ in range(LINT_MAX_ATTEMPTS):
        assert jobs.start(job.pk)
    assert not jobs.start(job.pk)
    job.refresh_from_db()
    assert job.state == LintState.ERROR
    assert f"lost {LINT_MAX_ATTEMPTS} times" in job.error


def test_a_lost_message_is_sent_again_and_is_no_attempt(job: LintJob) -> None:
    queue.dispatch()
    assert jobs.sweep() == jobs.Swept()
    for _ in range(LINT_MAX_ATTEMPTS + 1):
        aged(job, LINT_MESSAGE_SECONDS)
        assert jobs.sweep() == jobs.Swept(resent=(job.pk,))
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_a_message_ends_when_the_next_one_is_sent(
    revision: Revision, messages: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue(revision)
    assert messages[0][2]["expires"] == LINT_MESSAGE_SECONDS


def test_a_job_that_takes_its_runner_down_each_time_is_given_up_with_the_reason(job: LintJob) -> None:
    for _ in range(LINT_MAX_ATTEMPTS):
        jobs.start(job.pk)
        aged(job, LINT_LOST_SECONDS)
        swept = jobs.sweep()
    assert swept == jobs.Swept(given_up=(job.pk,))
    job.refresh_from_db()
    assert (job.state, shown(job)) == ("error", "error")
    assert f"lost {LINT_MAX_ATTEMPTS} times" in job.error


def test_a_settled_job_can_be_linted_again_and_keeps_its_report_until_then(job: LintJob) -> None:
    jobs.record_report(job.pk, FAILED)
    assert jobs.requeue(job).state == LintState.QUEUED
    assert job.hints.count() == 1
    jobs.record_report(job.pk, PASSED)
    assert (state(job), job.hints.count()) == ("passed", 0)


def test_a_running_job_is_not_queued_again_by_hand(job: LintJob) -> None:
    jobs.start(job.pk)
    assert jobs.requeue(job).state == LintState.RUNNING


def test_explanations_of_an_unknown_version_are_asked_for_once(
    job: LintJob, messages: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    report = {**PASSED, "tool_version": "9.9-asked-once"}
    with django_capture_on_commit_callbacks(execute=True):
        jobs.record_report(job.pk, report)
        jobs.requeue(job)
        jobs.record_report(job.pk, report)
    assert [name for name, _, _ in messages].count("lint.explain") == 1


def test_known_explanations_are_not_asked_for(
    job: LintJob, messages: list[Any], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    LintTag.objects.create(tool="lintian", tool_version="9.9-known", tag="t", severity="error", explanation="")
    with django_capture_on_commit_callbacks(execute=True):
        jobs.record_report(job.pk, {**PASSED, "tool_version": "9.9-known"})
    assert "lint.explain" not in [name for name, _, _ in messages]
