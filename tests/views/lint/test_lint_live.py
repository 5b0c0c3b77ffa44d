"""How far lint is, without reload: what an open page asks for, what it costs, and that nothing more is asked at the end."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.models import LintJob, LintPriority, LintState, Recipe
from recipes_app.services.lint import jobs
from tests.factories import make_recipe, make_user
from tests.views.pages import add_report, add_revision, make_page

pytestmark = pytest.mark.django_db
COMMIT = "a" * 40
REPORT = f"/recipes/hello-dur/revisions/{COMMIT}/lint/"
REVISION = f"/recipes/hello-dur/revisions/{COMMIT}/"
STATE = f"{REPORT}state/"


@pytest.fixture
def revision():
    return make_page().current


@pytest.fixture
def job(revision):
    return LintJob.objects.create(revision=revision, priority=LintPriority.PUSH)


def ask(client, etag="", part="report"):
    return client.get(f"{STATE}?part={part}", headers={"If-None-Match": etag} if etag else {})


@pytest.mark.parametrize(("page", "part"), [(REPORT, "report"), (REVISION, "stages")])
def test_page_of_a_lint_that_runs_names_what_to_ask_for(client, job, page, part):
    shown = client.get(page)
    assert f'data-live="{STATE}?part={part}"' in shown.content.decode()
    assert "live.js" in shown.content.decode()
    # What the page was made with is what the first question names: nothing is sent twice.
    assert ask(client, shown.context["live_etag"], part).status_code == 304


@pytest.mark.parametrize("page", [REPORT, REVISION])
def test_page_of_a_lint_that_is_over_asks_for_nothing(client, revision, page):
    add_report(revision, state=LintState.PASSED)
    shown = client.get(page).content.decode()
    assert "data-live" not in shown
    assert "live.js" not in shown


def test_without_scripts_there_is_a_link_to_reload(client, job):
    assert "Reload to see how far it is" in client.get(REPORT).content.decode()


def test_place_in_the_queue_is_shown(client, job):
    assert "Next in the queue" in ask(client).content.decode()
    other = add_revision(make_recipe("other"), "b" * 40)
    LintJob.objects.create(revision=other, priority=LintPriority.PUSH)
    LintJob.objects.filter(pk=job.pk).update(turn=5)
    assert "Place 2 in the queue" in ask(client).content.decode()


def test_place_that_changes_is_news(client, job):
    LintJob.objects.filter(pk=job.pk).update(turn=5)
    etag = ask(client).headers["ETag"]
    assert ask(client, etag).status_code == 304
    LintJob.objects.create(revision=add_revision(make_recipe("other"), "b" * 40), priority=LintPriority.PUSH)
    assert ask(client, etag).status_code == 200


def test_stage_that_runs_is_measured_by_the_last_one(client, revision, job):
    older = add_revision(revision.recipe, "c" * 40, "0.9-1")
    add_report(older, state=LintState.PASSED, duration_ms=8_000)
    LintJob.objects.filter(pk=job.pk).update(state=LintState.RUNNING, started_at=timezone.now() - timedelta(seconds=3))
    page = ask(client).content.decode()
    assert "Source lint is running" in page
    measured = re.search(r'<progress max="8000" value="(\d+)"', page)
    assert measured is not None
    # Three seconds ago, and what this machine took since.
    assert 3_000 <= int(measured[1]) < 8_000
    assert "the last one took 8.0 s" in page


def test_stage_that_never_ran_has_no_bar(client, job):
    LintJob.objects.filter(pk=job.pk).update(state=LintState.RUNNING, started_at=timezone.now())
    page = ask(client).content.decode()
    assert "Source lint is running" in page
    assert "<progress" not in page


def test_end_takes_the_place_of_what_ran(client, job):
    etag = ask(client).headers["ETag"]
    jobs.start(job.pk)
    running = ask(client, etag)
    assert "data-live" in running.content.decode()
    hint = Hint(HintSeverity.ERROR, "made-up-tag", "src:hello-dur")
    report = LintReport(Outcome.FAILED, stage="source-lint", tool="lintian", tool_version="2.116.3", hints=[hint])
    assert jobs.record_report(job.pk, report.to_json())
    over = ask(client, running.headers["ETag"]).content.decode()
    assert "made-up-tag" in over
    assert "Every stage of lint has ended" in over
    assert "data-live" not in over
    assert "<html" not in over


def test_part_of_the_revision_page_has_no_report(client, revision):
    add_report(revision, {"tag": "made-up-tag"})
    part = ask(client, part="stages").content.decode()
    assert "made-up-tag" not in part
    assert 'id="stages"' in part


def test_buttons_are_those_of_the_reader(client, job, revision):
    ada = make_user("ada")
    Recipe.objects.filter(pk=revision.recipe_id).update(maintainer=ada)
    visitor = ask(client)
    client.force_login(ada)
    team = ask(client, visitor.headers["ETag"])
    assert team.status_code == 200
    assert "Cancel" in team.content.decode()
    assert "Cancel" not in visitor.content.decode()


def test_other_language_is_another_answer(client, job):
    etag = ask(client).headers["ETag"]
    german = client.get(f"{STATE}?part=report", headers={"If-None-Match": etag, "Accept-Language": "de"})
    assert german.status_code == 200


def test_nobody_else_keeps_it(client, job):
    headers = ask(client).headers
    assert "private" in headers["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= {each.strip() for each in headers["Vary"].split(",")}


@pytest.mark.parametrize("address", [STATE.replace("hello-dur", "none"), STATE.replace(COMMIT, "b" * 40)])
def test_what_is_not_there_is_not_found(client, job, address):
    assert client.get(address).status_code == 404


def test_deleted_recipe_is_not_found(client, job, revision):
    etag = ask(client).headers["ETag"]
    Recipe.objects.filter(pk=revision.recipe_id).update(deleted_at=timezone.now())
    assert ask(client, etag).status_code == 404


def test_question_without_news_takes_two_queries_however_long_the_queue(client, job, django_assert_num_queries):
    other = make_recipe("other")
    for number in range(30):
        LintJob.objects.create(revision=add_revision(other, f"{number:040x}"), priority=LintPriority.PUSH)
    etag = ask(client).headers["ETag"]
    with django_assert_num_queries(2):
        assert ask(client, etag).status_code == 304


def test_question_of_an_account_without_news_takes_four_queries(job, django_assert_num_queries):
    client = Client()
    client.force_login(make_user("ada"))
    etag = ask(client).headers["ETag"]
    with django_assert_num_queries(4):
        assert ask(client, etag).status_code == 304
