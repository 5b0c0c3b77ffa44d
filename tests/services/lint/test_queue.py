"""The queue: fair between recipes and accounts, pushes before retries before re-lints, with real brokers of both kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.utils import timezone
from kombu import Connection

from portal.celery import app as portal_app
from recipes_app.lint.protocol.broker import filesystem_broker
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.models import LintJob, LintPriority, LintState, Recipe, Revision, SuiteBranch, User
from recipes_app.services.lint import jobs as lint
from recipes_app.services.lint import queue as lint_queue
from recipes_app.services.lint import stages
from tests.factories import make_recipe, make_user
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.django_db


def add_revision(recipe: Recipe, number: int = 0, pusher: User | None = None, **columns: Any) -> Revision:
    return Revision.objects.create(
        recipe=recipe, commit=f"{recipe.pk:08x}{number:032x}", version=f"1.{number}-1", pushed_at=timezone.now(), pusher=pusher,
        pusher_name="ada", metadata={}, **columns,
    )  # fmt: skip


def add_job(revision: Revision, priority: LintPriority = LintPriority.PUSH) -> LintJob:
    job = LintJob(revision=revision, priority=priority)
    lint_queue.give_turn(job)
    job.save()
    return job


def add_jobs(recipe: Recipe, number: int, priority: LintPriority = LintPriority.PUSH) -> list[LintJob]:
    return [add_job(add_revision(recipe, each), priority) for each in range(number)]


def done(job_id: int) -> None:
    """A runner takes a job and reports."""
    assert lint.start(job_id)
    assert lint.record_report(job_id, LintReport(Outcome.PASSED, tool_version="2.1").to_json())


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the jobs whose message was handed to the broker, in order."""
    jobs: list[int] = []
    monkeypatch.setattr(portal_app, "send_task", lambda _name, args, **_options: jobs.append(args[0]["job"]))
    return jobs


def order(number: int) -> list[int]:
    """Be the only runner for `number` jobs; return their ids in the order in which they were done."""
    jobs: list[int] = []
    while len(jobs) < number and (handed := lint_queue.dispatch()):
        for job_id in handed:
            done(job_id)
            jobs.append(job_id)
    return jobs


def test_two_hundred_jobs_of_one_recipe_do_not_keep_another_waiting(sent: list[int], settings: Any) -> None:
    settings.LINT_READY_MESSAGES = 1
    greedy, modest = make_recipe("greedy"), make_recipe("modest")
    many = add_jobs(greedy, 200)
    assert order(20) == [job.pk for job in many[:20]]
    [one] = add_jobs(modest, 1)
    assert lint_queue.queue_place(one) == 2
    assert one.pk in order(2)
    assert order(300) == [job.pk for job in many[21:]]


def test_an_account_with_many_recipes_is_one_of_many(sent: list[int], settings: Any) -> None:
    settings.LINT_READY_MESSAGES = 1
    eve, ada = make_user("eve"), make_user("ada")
    for number in range(50):
        add_job(add_revision(make_recipe(f"flood-{number}"), pusher=eve))
    one = add_job(add_revision(make_recipe("modest"), pusher=ada))
    assert lint_queue.queue_place(one) == 2


def test_pushes_come_before_retries_before_relints(sent: list[int]) -> None:
    jobs = [
        add_job(add_revision(make_recipe(f"recipe-{priority}")), priority)
        for priority in (LintPriority.RELINT, LintPriority.RETRY, LintPriority.PUSH)
    ]
    assert [lint_queue.queue_place(job) for job in jobs] == [3, 2, 1]
    assert lint_queue.dispatch() == [job.pk for job in reversed(jobs)]


def test_only_a_handful_lies_in_the_broker(sent: list[int], settings: Any) -> None:
    settings.LINT_READY_MESSAGES = 3
    add_jobs(make_recipe("greedy"), 10)
    lint_queue.dispatch()
    lint_queue.dispatch()
    assert len(sent) == 3
    lint.start(sent[0])
    lint_queue.dispatch()
    assert len(sent) == 4


def test_a_place_takes_one_query_and_handing_out_few(sent: list[int], django_assert_max_num_queries: Callable[..., Any]) -> None:
    [*_, last] = add_jobs(make_recipe("greedy"), 50)
    with django_assert_max_num_queries(1):
        assert lint_queue.queue_place(last) == 50
    with django_assert_max_num_queries(5):
        lint_queue.dispatch()
    last.state = LintState.PASSED
    assert lint_queue.queue_place(last) == 0


@pytest.fixture(params=["files", "Redis"])
def broker(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """A real broker that the portal's messages go to, and a connection of a runner's to it."""
    options: dict[str, object] = {}
    if request.param == "files":
        url, options = filesystem_broker(tmp_path)
    else:
        server: RedisServer = request.getfixturevalue("redis_server")
        url = server.url
    sender = Celery("sender", broker=url, broker_transport_options=options, set_as_current=False)
    monkeypatch.setattr(portal_app, "send_task", sender.send_task)
    with Connection(url, transport_options=options) as connection:
        connection.SimpleQueue("lint").clear()
        yield connection
    sender.close()


@pytest.mark.server
def test_a_push_overtakes_two_hundred_relints_in_a_real_broker(broker: Connection, settings: Any) -> None:
    settings.LINT_READY_MESSAGES = 2
    add_jobs(make_recipe("old"), 200, LintPriority.RELINT)
    queue = broker.SimpleQueue("lint")
    taken: list[int] = []

    def run_one() -> None:
        message = queue.get(timeout=5)
        taken.append(message.payload[0][0]["job"])
        done(taken[-1])
        message.ack()
        lint_queue.dispatch()

    lint_queue.dispatch()
    for _ in range(5):
        run_one()
    [push] = add_jobs(make_recipe("new"), 1)
    lint_queue.dispatch()
    while push.pk not in taken:
        run_one()
    assert len(taken) - 5 <= settings.LINT_READY_MESSAGES + 1
    queue.close()


def test_a_newer_push_cancels_what_waits_for_the_older_one(sent: list[int]) -> None:
    recipe = make_recipe()
    old = add_revision(recipe, 1)
    jobs = lint.enqueue(old)
    new = add_revision(recipe, 2)
    lint.enqueue(new)
    for job in jobs:
        job.refresh_from_db()
        assert (job.state, job.error) == ("cancelled", f"a newer push arrived: 1.2-1 at {new.commit}")
    assert set(LintJob.objects.filter(revision=new).values_list("state", flat=True)) == {"queued"}


def test_what_users_still_get_is_linted_though_a_held_push_is_newer(sent: list[int]) -> None:
    recipe = make_recipe()
    shown = add_revision(recipe, 1)
    SuiteBranch.objects.create(recipe=recipe, name="main", revision=shown)
    lint.enqueue(shown)
    lint.enqueue(add_revision(recipe, 2, review=Revision.Review.HELD))
    assert set(LintJob.objects.filter(revision=shown).values_list("state", flat=True)) == {"queued"}


def test_a_job_of_a_branch_of_its_own_is_not_superseded(sent: list[int]) -> None:
    recipe = make_recipe()
    lint.enqueue(add_revision(recipe, 1, branch="debian/bookworm"))
    lint.enqueue(add_revision(recipe, 2))
    assert not LintJob.objects.filter(state=LintState.CANCELLED).exists()


def test_a_cancelled_job_takes_no_report_and_can_be_run_again(sent: list[int]) -> None:
    [job] = add_jobs(make_recipe(), 1)
    assert lint.cancel(job, "cancelled by ada")
    assert not lint.cancel(job, "twice")
    assert not lint.start(job.pk)
    assert not lint.record_report(job.pk, LintReport(Outcome.PASSED).to_json())
    assert lint.requeue(job).state == LintState.QUEUED


def test_the_same_version_gives_no_second_verdict(sent: list[int]) -> None:
    revision = add_revision(make_recipe())
    first = add_job(revision)
    done(first.pk)
    again = add_job(revision, LintPriority.RELINT)
    lint.start(again.pk)
    lint.record_report(again.pk, LintReport(Outcome.FAILED, tool_version="2.1").to_json())
    again.refresh_from_db()
    assert (again.state, again.error) == ("cancelled", "lintian 2.1 has looked at this revision before")


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], ""),
        ([("recipe-checks", "passed"), ("source-lint", "passed")], "passed"),
        ([("recipe-checks", "failed"), ("source-lint", "running")], "failed"),
        ([("recipe-checks", "passed"), ("source-lint", "queued")], "queued"),
        ([("recipe-checks", "error"), ("source-lint", "passed")], "error"),
        ([("recipe-checks", "passed"), ("source-lint", "cancelled")], "error"),
        ([("recipe-checks", "passed"), ("source-lint", "passed"), ("trial-build", "error")], "passed"),
        ([("recipe-checks", "passed"), ("source-lint", "passed"), ("trial-build", "failed")], "failed"),
    ],
)
def test_the_state_of_a_revision_is_the_worst_that_counts(states: list[tuple[str, str]], expected: str) -> None:
    assert stages.overall([LintJob(id=n, stage=s, state=t) for n, (s, t) in enumerate(states)]) == expected


def test_a_relint_without_a_verdict_leaves_the_old_one_standing() -> None:
    old = LintJob(id=1, stage="source-lint", state="passed")
    for state in ("queued", "running", "error", "cancelled"):
        newer = LintJob(id=2, stage="source-lint", state=state, priority=LintPriority.RELINT)
        assert stages.standing([newer, old]) == [old]
    failed = LintJob(id=2, stage="source-lint", state="failed", priority=LintPriority.RELINT)
    assert stages.standing([old, failed]) == [failed]
