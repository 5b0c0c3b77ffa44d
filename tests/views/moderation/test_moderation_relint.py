"""The pages of re-lints: what moderators see and press."""

from __future__ import annotations

import pytest
from django.urls import reverse

from recipes_app.lint.protocol import profile
from recipes_app.models import LintTool, Rank, RelintChange, RelintRun
from tests.api.rows import add_recipe, add_report
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("recipes_app.services.lint.queue.dispatch", list)


@pytest.fixture
def moderator(client, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    client.force_login(make_user("mira", rank=Rank.MODERATOR))


@pytest.fixture
def lintian():
    return LintTool.objects.create(stage="source-lint", tool="lintian", tool_version="2.122.0", profile=profile.NAME)


def words(client, address):
    return client.get(address).content.decode()


def test_a_moderator_begins_pauses_and_resumes(client, moderator, lintian):
    add_report(add_recipe().current)
    page = words(client, reverse("relint"))
    assert "2.122.0" in page
    assert "Look at what is left" in page
    answer = client.post(reverse("relint"), {"stage": "source-lint"})
    run = RelintRun.objects.get()
    here = reverse("relint_run", args=[run.pk])
    assert (answer.status_code, answer["Location"], run.started_by_name) == (302, here, "mira")
    assert "0 of 1" in words(client, here)
    client.post(here, {"act": "pause"})
    assert "Resume" in words(client, here)
    client.post(here, {"act": "pause"})
    assert "this run is paused, and not running" in words(client, here)
    client.post(here, {"act": "resume"})
    run.refresh_from_db()
    assert (run.state, run.changed_by_name) == ("running", "mira")
    assert "Look at what is left" not in words(client, reverse("relint"))


def test_what_cannot_be_begun_says_why_on_the_page(client, moderator, lintian):
    client.post(reverse("relint"), {"stage": "source-lint"})
    assert "lintian 2.122.0 has looked at every recipe" in words(client, reverse("relint"))
    client.post(reverse("relint"), {"stage": "<b>"})
    assert "&lt;b&gt;&#x27; is no stage" in words(client, reverse("relint"))


def test_before_and_after_leads_to_the_pages_of_the_tags(client, moderator, django_assert_max_num_queries):
    run = RelintRun.objects.create(
        stage="source-lint", tool="lintian", tool_version="2", was_version="1", state="finished", unstable=3
    )
    for number in range(3):
        revision = add_recipe(f"recipe-{number}").current
        for kind, tag in (("came", "new-tag"), ("went", "DUR101"), ("failed", "")):
            RelintChange.objects.create(run=run, revision=revision, kind=kind, tag=tag)
    here = reverse("relint_run", args=[run.pk])
    words(client, here)
    with django_assert_max_num_queries(9):
        page = words(client, here)
    assert reverse("lint_tag", args=["new-tag"]) in page
    assert reverse("check", args=["DUR101"]) in page
    assert "by itself" in page
    with django_assert_max_num_queries(10):
        words(client, reverse("relint"))


def test_a_reviewer_reads_and_has_no_buttons(client, lintian):
    client.force_login(make_user("trusty", rank=Rank.TRUSTED))
    assert "Look at what is left" not in words(client, reverse("relint"))


@pytest.mark.parametrize("address", ["/moderation/relint/", "/moderation/relint/1/"])
def test_others_do_not_get_in(client, address):
    RelintRun.objects.create(pk=1, stage="source-lint", tool="lintian", tool_version="2")
    assert client.get(address).status_code == 302
    client.force_login(make_user("bob"))
    assert client.get(address).status_code == 403
    assert client.post(address, {"stage": "source-lint"}).status_code == 403
