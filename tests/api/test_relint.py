"""Re-lints by the API: begun, read with before and after, paused and resumed."""

from __future__ import annotations

import pytest

from recipes_app.lint.protocol import profile
from recipes_app.models import LintJob, LintTool, Rank, RelintChange, RelintRun, Scope
from tests.factories import issue_token, make_user

from .rows import add_recipe, add_report
from .test_schema import check

pytestmark = pytest.mark.django_db
HERE = "/api/v1/relint/"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("recipes_app.services.lint.queue.dispatch", list)


@pytest.fixture
def call(client, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    headers = {"Authorization": f"Bearer {issue_token(make_user('mira', rank=Rank.MODERATOR), *Scope)}"}

    def ask(method, address="", **body):
        options = {} if method == "get" else {"data": body, "content_type": "application/json"}
        return getattr(client, method)(f"{HERE}{address}", headers=headers, **options)

    return ask


@pytest.fixture
def outdated():
    """A recipe that the newest lintian has not looked at."""
    add_report(add_recipe().current)
    LintTool.objects.create(stage="source-lint", tool="lintian", tool_version="2.122.0", profile=profile.NAME)


def test_a_run_is_begun_paused_and_resumed(call, outdated):
    begun = call("post", stage="source-lint")
    assert begun.status_code == 201
    check(begun.json(), "RelintRun")
    facts = begun.json()
    assert (facts["tool_version"], facts["was_version"], facts["total"], facts["started_by"]) == ("2.122.0", "2.116.3", 1, "mira")
    assert LintJob.objects.get(state="queued").relint_id == facts["id"]
    assert call("post", f"{facts['id']}/pause/").json()["state"] == "paused"
    assert call("post", f"{facts['id']}/pause/").json()["reason"] == "wrong-state"
    assert call("post", f"{facts['id']}/resume/").json()["state"] == "running"
    listed = call("get").json()
    check(listed, "RelintList")
    assert (listed["total"], listed["results"][0]["url"][-len("/relint/0/") :]) == (1, f"/relint/{facts['id']}/")


@pytest.mark.parametrize(
    ("stage", "reason"), [("source-lint", "no-tool"), ("recipe-checks", "no-tool"), ("trial-build", "no-stage")]
)
def test_what_cannot_be_begun_is_refused_with_its_reason(call, stage, reason):
    assert call("post", stage=stage).json()["reason"] == reason


def test_what_a_run_changed_comes_in_pages_by_number_of_recipes(call, django_assert_max_num_queries):
    run = RelintRun.objects.create(stage="recipe-checks", tool="recipe-checks", tool_version="1", state="finished")
    revisions = [add_recipe(name).current for name in ("one", "two")]
    rows = [
        ("came", "DUR101", 0),
        ("came", "DUR101", 1),
        ("went", "gone", 0),
        ("failed", "", 0),
        ("failed", "", 1),
        ("passed", "", 0),
    ]
    for kind, tag, number in rows:
        RelintChange.objects.create(run=run, revision=revisions[number], kind=kind, tag=tag)
    call("get")
    with django_assert_max_num_queries(11):
        answer = call("get", f"{run.pk}/?limit=1").json()
    check(answer, "RelintRunPage")
    assert (answer["run"]["id"], answer["now_passed"], answer["now_failed"], answer["total"]) == (run.pk, 1, 2, 2)
    [first] = answer["results"]
    assert (first["tag"], first["came"], first["went"]) == ("DUR101", 2, 0)
    assert first["url"].endswith("/api/v1/checks/DUR101/")
    [second] = call("get", f"{run.pk}/?limit=1&cursor={answer['next_cursor']}").json()["results"]
    assert (second["tag"], second["went"]) == ("gone", 1)
    assert second["url"].endswith("/api/v1/lint/tags/gone/")


def test_a_run_that_is_none_is_not_found(call):
    assert call("get", "99/").json()["detail"] == "there is no re-lint 99"
