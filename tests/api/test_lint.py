"""The lint report of a revision."""

from __future__ import annotations

import pytest

from recipes_app.models import LintJob, LintState

from .rows import add_recipe, add_report

pytestmark = pytest.mark.django_db


def address_of(revision):
    return f"/api/v1/recipes/hello-dur/revisions/{revision.commit}/lint/"


def test_a_report_gives_each_hint_with_its_explanation(client):
    revision = add_recipe().current
    add_report(
        revision,
        {
            "severity": "warning", "tag": "no-manual-page", "package": "hello-dur", "context": "[usr/bin/hello]",
            "path": "debian/control", "line": 12,
        },
        {"severity": "info", "tag": "unheard-of", "package": "hello-dur"},
    )  # fmt: skip

    report = client.get(address_of(revision)).json()

    assert (report["state"], report["tool"], report["tool_version"]) == ("failed", "lintian", "2.116.3")
    assert (report["profile"], report["mode"]) == ("debian/main", "recipe-only")
    explained, unknown = report["hints"]
    assert explained["pointer"] == {"path": "debian/control", "line": 12}
    assert explained["context"] == "[usr/bin/hello]"
    assert explained["explanation"] == "<p>Write one.</p>"
    assert explained["see_also"] == ["policy 12.1"]
    assert explained["origin"] == "lintian"
    assert (unknown["pointer"], unknown["explanation"]) == (None, "")


def test_an_overridden_hint_is_shown_with_its_justification(client):
    revision = add_recipe().current
    add_report(revision, {"severity": "error", "tag": "bad-thing", "overridden": True, "justification": "it is fine"})

    hint = client.get(address_of(revision)).json()["hints"][0]

    assert (hint["overridden"], hint["justification"]) == (True, "it is fine")


def test_a_queued_job_has_a_state_and_no_hints(client):
    revision = add_recipe().current
    LintJob.objects.create(revision=revision)

    report = client.get(address_of(revision)).json()

    assert (report["state"], report["hints"], report["finished_at"]) == ("queued", [], None)


def test_a_job_without_a_verdict_says_why(client):
    revision = add_recipe().current
    job = add_report(revision, state=LintState.ERROR)
    job.error = "the sandbox ended: out of memory"
    job.save()

    report = client.get(address_of(revision)).json()

    assert (report["state"], report["error"]) == ("error", "the sandbox ended: out of memory")


def test_a_revision_without_a_job_was_not_linted(expect_problem):
    expect_problem("GET", address_of(add_recipe().current), "not-linted", 404)


def test_a_report_of_a_thousand_hints_takes_at_most_six_queries(client, django_assert_max_num_queries):
    revision = add_recipe().current
    add_report(revision, *({"severity": "warning", "tag": f"tag-{number % 50}"} for number in range(1000)))

    with django_assert_max_num_queries(6):
        answer = client.get(address_of(revision))

    assert len(answer.json()["hints"]) == 1000
