"""One stage of a revision by the API: run again, cancelled, and how that is refused."""

from __future__ import annotations

import pytest

from recipes_app.models import LintJob, LintState, Scope
from tests.factories import issue_token, make_user

from .rows import add_recipe, add_report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("recipes_app.services.lint.queue.dispatch", list)


@pytest.fixture
def owner():
    return make_user("owner")


@pytest.fixture
def post(client, owner):
    headers = {"Authorization": f"Bearer {issue_token(owner, *Scope)}"}

    def act(job, what, commit=""):
        address = f"/api/v1/recipes/hello-dur/revisions/{commit or job.revision.commit}/lint/{job.pk}/{what}/"
        return client.post(address, {}, "application/json", headers=headers)

    return act


def test_a_stage_of_the_report_runs_again_and_is_cancelled(client, owner, post):
    revision = add_recipe("hello-dur", owner).current
    add_report(revision, {"severity": "error", "tag": "old"})
    [stage] = client.get(f"/api/v1/recipes/hello-dur/revisions/{revision.commit}/lint/").json()["stages"]
    job = LintJob.objects.get(pk=stage["id"])

    again = post(job, "retry")
    assert (again.status_code, again.json()["state"], again.json()["id"]) == (200, "queued", job.pk)
    ended = post(job, "cancel").json()
    assert (ended["state"], ended["error"]) == ("cancelled", "cancelled by owner")
    assert job.hints.get().tag == "old"


@pytest.mark.parametrize(
    ("state", "act", "reason"), [(LintState.RUNNING, "retry", "not-settled"), (LintState.PASSED, "cancel", "settled")]
)
def test_what_makes_no_sense_is_refused_with_its_reason(owner, post, state, act, reason):
    job = add_report(add_recipe("hello-dur", owner).current, state=state)
    answer = post(job, act)
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (409, "refused", reason)


def test_a_stage_is_found_at_its_own_revision_only(owner, post):
    mine = add_recipe("hello-dur", owner).current
    other = add_report(add_recipe("other", owner).current)
    assert post(other, "retry", commit=mine.commit).json()["detail"] == f"there is no stage of this revision {other.pk}"
