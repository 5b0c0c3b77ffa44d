"""What a runner may say, and what is refused: by name, length, shape and type."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from django.utils import timezone
from kombu import Connection

from recipes_app.limits import MAX_REPORT_BYTES
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.models import LintJob, LintRunner, LintState, Revision
from recipes_app.services.lint import jobs
from recipes_app.tasks import runner_reports
from tests.factories import make_recipe, make_user

PASSED = LintReport(state=Outcome.PASSED, stage="recipe-checks", tool="recipe-checks", tool_version="1").to_json()
NEVER = "lint.sweep portal.x celery.group mail.deliver_outbox lint.sweep_lint_jobs"


def body(*arguments: object, named: object = None, embedded: object = None) -> bytes:
    return json.dumps([list(arguments), named or {}, embedded or {}]).encode()


@pytest.fixture
def job(db: None) -> LintJob:
    """The recipe checks of a revision, queued."""
    recipe = make_recipe(maintainer=make_user())
    revision = Revision.objects.create(
        recipe=recipe, commit="c" * 40, version="1.0-1", pushed_at=timezone.now(), pusher_name="ada", metadata={}
    )
    return jobs.enqueue(revision)[0]


def state(job: LintJob) -> tuple[str, str]:
    job.refresh_from_db()
    return job.state, job.error


def test_a_report_is_recorded(job):
    assert runner_reports.handle("lint.started", body(job.pk))
    assert state(job)[0] == LintState.RUNNING
    assert runner_reports.handle("lint.finished", body(job.pk, PASSED, "message"))
    assert state(job) == (LintState.PASSED, "")


def test_a_runner_of_an_older_release_is_understood(job):
    assert runner_reports.handle("lint.finished", body(job.pk, PASSED))
    assert state(job)[0] == LintState.PASSED


def test_what_else_a_message_wants_is_not_done(job):
    """Celery would send these tasks, with the portal's rights, once the first is done."""
    after = {"callbacks": [{"task": "mail.deliver_outbox", "args": [[1]]}], "chain": [{"task": "x"}]}
    assert runner_reports.handle("lint.finished", body(job.pk, PASSED, "message", embedded=after))
    assert state(job)[0] == LintState.PASSED


@pytest.mark.parametrize("name", [*NEVER.split(), "", "lint.run"])
def test_only_what_runners_say_is_heard(job, name):
    assert not runner_reports.handle(name, body(job.pk))
    assert state(job)[0] == LintState.QUEUED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([["JOB", PASSED, 5], {}, {}], "arguments are int, dict, int"),
        ([["JOB", "passed", ""], {}, {}], "arguments are int, str, str"),
        ([["JOB", PASSED, "m" * 10_000], {}, {}], "texts is too long"),
        ([["JOB", PASSED, ""], {"job_id": 5}, {}], "no message of Celery"),
        ([["JOB", {"hints": []}, ""], {}, {}], "cannot be read"),
        ([["JOB", PASSED | {"state": "fine"}, ""], {}, {}], "cannot be read"),
        ([["JOB", PASSED | {"log": "x" * MAX_REPORT_BYTES}, ""], {}, {}], "bytes"),
        ([["JOB", PASSED | {"hints": [{}] * 5_001}, ""], {}, {}], "cannot be read"),
    ],
)
def test_a_malformed_report_ends_its_job_without_a_verdict(job, content, words):
    content[0][0] = job.pk
    runner_reports.handle("lint.finished", json.dumps(content).encode())
    ended, error = state(job)
    assert ended == LintState.ERROR
    assert words in error


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[[true], {}, {}]", b"[[-1], {}, {}]", b"[[99999999999999999999], {}, {}]", b"[" * 100_000, b"\xff"]
)
def test_what_names_no_job_changes_nothing(job, content):
    assert not runner_reports.handle("lint.started", content)
    assert state(job)[0] == LintState.QUEUED


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_it_is_taken_from_a_real_broker(redis_server, monkeypatch):
    """A message that nobody can read is gone, and those behind it are taken."""
    done = threading.Event()
    seen: list[Any] = []
    monkeypatch.setattr(
        runner_reports, "handle", lambda name, content: seen.append((name, content)) or (len(seen) > 2 and done.set())
    )
    over = threading.Event()
    url = f"{redis_server.url[:-1]}5"
    thread = threading.Thread(target=runner_reports.take, args=(url, {}, over))
    with Connection(url) as connection:
        producer = connection.Producer()
        for headers, content in (({"task": "lint.present"}, '[["a","namespaces"],{},{}]'), ({}, "x"), ({"task": 5}, "[]")):
            producer.publish(
                content, routing_key="reports", headers=headers, content_type="application/json", declare=[runner_reports._QUEUE]
            )
        thread.start()
        try:
            assert done.wait(30)
        finally:
            over.set()
            thread.join()
        until = time.monotonic() + 10
        while connection.default_channel.client.hlen("unacked") and time.monotonic() < until:
            time.sleep(0.05)
        assert connection.default_channel.client.hlen("unacked") == 0
    assert seen == [("lint.present", b'[["a","namespaces"],{},{}]'), ("", b"x"), ("5", b"[]")]
    assert not LintRunner.objects.exists()
