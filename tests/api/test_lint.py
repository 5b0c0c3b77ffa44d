"""The lint report of a revision."""

from __future__ import annotations

import pytest

from recipes_app.models import LintJob, LintState

from .rows import add_recipe, add_report, add_revision

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


def test_a_hint_that_only_concerns_the_archive_says_that_it_does_not_count_and_why(client):
    revision = add_recipe().current
    add_report(
        revision,
        {"severity": "warning", "tag": "no-nmu-in-changelog", "reason": "Rules of the archive."},
        {"severity": "warning", "tag": "bad-thing"},
    )

    report = client.get(address_of(revision)).json()

    assert [(hint["counts"], hint["reason"]) for hint in report["hints"]] == [(False, "Rules of the archive."), (True, "")]
    assert report["trend"][0]["counts"] == {"warning": 1}


def test_new_and_gone_hints_and_the_trend(client):
    recipe = add_recipe()
    first = recipe.current
    add_report(first, {"severity": "info", "tag": "mended"}, {"severity": "info", "tag": "kept"})
    second = add_revision(recipe, "1.0-2")
    add_report(second, {"severity": "info", "tag": "kept"}, {"severity": "error", "tag": "broken", "path": "debian/rules"})

    report = client.get(address_of(second)).json()

    assert (report["changes"]["since"], report["changes"]["version"]) == (first.commit, "1.0-1")
    assert [(hint["tag"], hint["path"]) for hint in report["changes"]["new"]] == [("broken", "debian/rules")]
    assert [hint["tag"] for hint in report["changes"]["gone"]] == ["mended"]
    assert [point["counts"] for point in report["trend"]] == [{"info": 2}, {"info": 1, "error": 1}]


def test_facets_are_given_by_tag(client):
    revision = add_recipe().current
    add_report(revision, {"severity": "classification", "tag": "source-format", "context": "3.0 (quilt)"})

    assert client.get(address_of(revision)).json()["facets"] == {"source-format": ["3.0 (quilt)"]}


def test_a_report_of_a_thousand_hints_takes_at_most_eight_queries(client, django_assert_max_num_queries):
    revision = add_recipe().current
    add_report(revision, *({"severity": "warning", "tag": f"tag-{number % 50}"} for number in range(1000)))

    with django_assert_max_num_queries(8):
        answer = client.get(address_of(revision))

    assert len(answer.json()["hints"]) == 1000
