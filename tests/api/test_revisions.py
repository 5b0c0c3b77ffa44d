"""A recipe's history, and one revision of it."""

from __future__ import annotations

import pytest

from recipes_app.formats.findings import Finding, Severity
from recipes_app.formats.metadata import RecipeMetadata
from tests.factories import make_user

from .rows import add_recipe, add_report, add_revision, metadata

pytestmark = pytest.mark.django_db
HISTORY = "/api/v1/recipes/hello-dur/revisions/"


def test_the_history_is_newest_first(client):
    recipe = add_recipe("hello-dur", make_user("ada"))
    add_revision(recipe, "1.1-1")
    newest = add_revision(recipe, "1.2-1")

    answer = client.get(HISTORY).json()

    assert [each["version"] for each in answer["results"]] == ["1.2-1", "1.1-1", "1.0-1"]
    assert answer["results"][0]["commit"] == newest.commit
    assert answer["results"][0]["pusher"] == "ada"
    assert answer["results"][0]["review_status"] == "published"


def test_following_next_shows_every_revision_once_though_pushes_go_on(client):
    recipe = add_recipe()
    for number in range(1, 5):
        add_revision(recipe, f"1.{number}-1")

    first = client.get(f"{HISTORY}?limit=2").json()
    add_revision(recipe, "2.0-1")
    second = client.get(first["next"].removeprefix("http://127.0.0.1:8000")).json()
    third = client.get(HISTORY, {"limit": 2, "cursor": second["next_cursor"]}).json()

    versions = [each["version"] for page in (first, second, third) for each in page["results"]]
    assert versions == ["1.4-1", "1.3-1", "1.2-1", "1.1-1", "1.0-1"]
    assert third["next"] is None


def test_revisions_of_one_moment_are_not_lost_between_pages(client):
    recipe = add_recipe()
    for number in range(1, 4):
        add_revision(recipe, f"1.{number}-1")
    recipe.revisions.update(pushed_at=recipe.created_at)

    first = client.get(f"{HISTORY}?limit=2").json()
    second = client.get(HISTORY, {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert len({each["commit"] for page in (first, second) for each in page["results"]}) == 4


@pytest.mark.parametrize("cursor", ["garbage", "0" * 40, "%F0%9F%98%80", "a%00b"])
def test_a_cursor_that_was_never_given_is_refused(expect_problem, cursor):
    add_recipe()

    assert expect_problem("GET", f"{HISTORY}?cursor={cursor}", "invalid-parameter", 400)["field"] == "cursor"


def test_a_search_parameter_is_unknown_to_the_history(expect_problem):
    add_recipe()

    assert expect_problem("GET", f"{HISTORY}?q=x", "invalid-parameter", 400)["field"] == "q"


def test_a_history_takes_at_most_six_queries(client, django_assert_max_num_queries):
    recipe = add_recipe("hello-dur", make_user("ada"))
    for number in range(30):
        add_revision(recipe, f"1.{number}-1")
    cursor = client.get(HISTORY).json()["next_cursor"]

    with django_assert_max_num_queries(6):
        answer = client.get(HISTORY, {"cursor": cursor})

    assert len(answer.json()["results"]) == 6


def test_a_revision_keeps_what_it_said_when_a_newer_one_came(client):
    recipe = add_recipe()
    old = recipe.current
    add_revision(recipe, "2.0-1")

    answer = client.get(f"{HISTORY}{old.commit}/").json()

    assert RecipeMetadata.from_json(answer["metadata"]) == metadata("hello-dur", "1.0-1")
    assert (answer["recipe"], answer["branch"], answer["commit"]) == ("hello-dur", "main", old.commit)


def test_a_revision_gives_the_parsers_findings(client):
    revision = add_recipe().current
    finding = Finding(Severity.WARNING, "debian/control", 3, "control-odd", "found that, expected this", "change it")
    revision.findings = [finding.to_json()]
    revision.save()

    answer = client.get(f"{HISTORY}{revision.commit}/").json()

    assert [Finding.from_json(each) for each in answer["findings"]] == [finding]


def test_a_revision_takes_at_most_six_queries(client, django_assert_max_num_queries):
    revision = add_recipe("hello-dur", make_user("ada")).current
    add_report(revision, {"severity": "warning", "tag": "no-manual-page"})

    with django_assert_max_num_queries(6):
        answer = client.get(f"{HISTORY}{revision.commit}/")

    assert answer.json()["lint_summary"]["counts"] == {"warning": 1}


@pytest.mark.parametrize("commit", ["0" * 40, "main", "HEAD", "abc123", "0" * 41, "%00", "F" * 40])
def test_a_commit_that_is_no_revision_is_a_problem(expect_problem, commit):
    add_recipe()

    expect_problem("GET", f"{HISTORY}{commit}/", "unknown-revision", 404)


def test_another_recipes_commit_is_no_revision_of_this_one(expect_problem):
    add_recipe()
    other = add_recipe("other").current

    expect_problem("GET", f"{HISTORY}{other.commit}/", "unknown-revision", 404)


def test_the_history_of_an_unknown_recipe_is_a_problem(expect_problem):
    expect_problem("GET", "/api/v1/recipes/nobody/revisions/", "unknown-recipe", 404)
