"""The list of recipes and the single recipe."""

from __future__ import annotations

import pytest

from recipes_app.formats.metadata import Model, RecipeMetadata, Verdict
from tests.factories import issue_token, make_recipe, make_user

from .rows import add_recipe, add_report, add_revision, metadata

pytestmark = pytest.mark.django_db


def test_a_recipe_gives_everything_that_its_files_say(client, settings):
    recipe = add_recipe("hello-dur", make_user("ada"))

    answer = client.get("/api/v1/recipes/hello-dur/").json()

    assert RecipeMetadata.from_json(answer["metadata"]) == metadata("hello-dur")
    assert answer["name"] == "hello-dur"
    assert answer["version"] == "1.0-1"
    assert answer["synopsis"] == "friendly hello-dur"
    assert answer["maintainer"] == "ada"
    assert answer["licence_class"] == "dfsg-free"
    assert answer["redistribution"] == "permitted"
    assert answer["needs_acceptance"] is False
    assert answer["head_commit"] == recipe.current.commit
    assert answer["clone_url"] == f"{settings.PORTAL_URL}/git/hello-dur.git"
    assert answer["page"] == f"{settings.PORTAL_URL}/recipes/hello-dur/"
    assert answer["branches"] == [{"name": "main", "commit": recipe.current.commit, "version": "1.0-1"}]


def test_a_models_classes_are_in_the_answer(client):
    model = Model("tiny", 3, computed=Verdict("toxic-candy", ("the training data is not known",)))
    add_recipe("gpt", models=(model,), model_class="toxic-candy", osaid_class="unknown", needs_acceptance=True)

    answer = client.get("/api/v1/recipes/gpt/").json()

    assert (answer["model_class"], answer["osaid_class"], answer["needs_acceptance"]) == ("toxic-candy", "unknown", True)


def test_a_recipe_counts_its_hints_without_the_overridden_ones(client):
    recipe = add_recipe()
    add_report(
        recipe.current,
        {"severity": "warning", "tag": "no-manual-page"},
        {"severity": "warning", "tag": "no-manual-page"},
        {"severity": "error", "tag": "bad-thing", "overridden": True},
    )

    summary = client.get("/api/v1/recipes/hello-dur/").json()["lint_summary"]

    assert summary["state"] == "failed"
    assert summary["counts"] == {"warning": 2}
    assert summary["url"].endswith(f"/api/v1/recipes/hello-dur/revisions/{recipe.current.commit}/lint/")


def test_a_recipe_without_a_maintainer_is_an_orphan(client):
    add_recipe()

    assert client.get("/api/v1/recipes/hello-dur/").json()["maintainer"] is None


def test_a_recipe_of_which_nothing_could_be_read_has_no_metadata(client):
    make_recipe("hello-dur")

    answer = client.get("/api/v1/recipes/hello-dur/").json()

    assert (answer["metadata"], answer["head_commit"], answer["lint_summary"]) == (None, None, None)


def test_a_name_with_a_plus_is_found_and_linked(client):
    add_recipe("libsigc++-2.0")

    answer = client.get("/api/v1/recipes/libsigc++-2.0/").json()

    assert client.get(answer["url"].removeprefix("http://127.0.0.1:8000")).json()["name"] == "libsigc++-2.0"


@pytest.mark.parametrize("name", ["nobody", "UPPER", "%00", "a%00b", "%F0%9F%98%80", "%FF"])
def test_a_name_that_no_recipe_has_is_a_problem(expect_problem, name):
    expect_problem("GET", f"/api/v1/recipes/{name}/", "unknown-recipe", 404)


def test_the_list_gives_each_recipe_in_short(client):
    add_recipe("one", make_user("ada"))
    add_recipe("two")

    answer = client.get("/api/v1/recipes/").json()

    assert answer["total"] == 2
    assert answer["next"] is None
    assert {each["name"]: each["maintainer"] for each in answer["results"]} == {"one": "ada", "two": None}


def test_following_next_shows_every_recipe_once(client):
    names = {f"recipe-{number}" for number in range(7)}
    for name in names:
        add_recipe(name)

    address, seen = "/api/v1/recipes/?limit=3&sort=name", []
    while address:
        answer = client.get(address).json()
        seen += [each["name"] for each in answer["results"]]
        address = answer["next"] and answer["next"].removeprefix("http://127.0.0.1:8000")

    assert seen == sorted(names)


def test_a_query_finds_by_word(client):
    add_recipe("one")
    add_recipe("two")

    assert [each["name"] for each in client.get("/api/v1/recipes/?q=two").json()["results"]] == ["two"]


def test_a_misspelt_word_is_corrected_and_the_answer_says_so(client):
    add_recipe("telescope")

    answer = client.get("/api/v1/recipes/?q=telescppe").json()

    assert answer["corrected"] == "telescope"
    assert [each["name"] for each in answer["results"]] == ["telescope"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("q=" + "x" * 201, "q"),
        ("q=a%00b", "q"),
        ("q=nofield:x", "q"),
        ("sort=nonsense", "sort"),
        ("sort=a%00", "sort"),
        ("cursor=garbage", "cursor"),
        ("cursor=%F0%9F%98%80", "cursor"),
        ("cursor=" + "x" * 4001, "cursor"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("q=a&q=b", "q"),
        ("format=xml", "format"),
    ],
)
def test_a_wrong_parameter_is_named(expect_problem, query, field):
    problem = expect_problem("GET", f"/api/v1/recipes/?{query}", "invalid-parameter", 400)

    assert problem["field"] == field


def test_an_unknown_parameter_is_answered_with_the_nearest(expect_problem):
    problem = expect_problem("GET", "/api/v1/recipes/?cursr=1", "invalid-parameter", 400)

    assert problem["field"] == "cursr"
    assert "did you mean 'cursor'" in problem["detail"]


def test_parameters_that_are_not_utf_8_are_refused(expect_problem):
    assert "UTF-8" in expect_problem("GET", "/api/v1/recipes/?q=%FF%FE", "invalid-parameter", 400)["detail"]


def test_more_parameters_than_django_reads_are_refused(expect_problem):
    expect_problem("GET", "/api/v1/recipes/?" + "&".join(f"a{number}=1" for number in range(1100)), "invalid-parameter", 400)


def test_the_list_takes_at_most_six_queries_with_a_token(client, django_assert_max_num_queries):
    ada = make_user("ada")
    for number in range(25):
        add_recipe(f"recipe-{number}", ada if number % 2 else make_user(f"user-{number}"))
    secret = issue_token(ada)
    client.get("/api/v1/", headers={"Authorization": f"Bearer {secret}"})

    with django_assert_max_num_queries(6):
        answer = client.get("/api/v1/recipes/?q=friendly", headers={"Authorization": f"Bearer {secret}"})

    assert len(answer.json()["results"]) == 25


def test_a_recipe_takes_at_most_six_queries_with_a_token(client, django_assert_max_num_queries):
    ada = make_user("ada")
    recipe = add_recipe("hello-dur", ada)
    for number in range(10):
        add_revision(recipe, f"1.{number}-1")
    add_report(recipe.current, *({"severity": "warning", "tag": f"tag-{number}"} for number in range(20)))
    secret = issue_token(ada)
    client.get("/api/v1/", headers={"Authorization": f"Bearer {secret}"})

    with django_assert_max_num_queries(6):
        answer = client.get("/api/v1/recipes/hello-dur/", headers={"Authorization": f"Bearer {secret}"})

    assert answer.json()["lint_summary"]["counts"] == {"warning": 20}


def test_a_row_of_an_older_schema_is_given_in_the_present_one(client):
    recipe = add_recipe()
    stored = recipe.current.metadata
    recipe.current.metadata = {**{key: stored[key] for key in stored if key != "readme_path"}, "schema": 0}
    recipe.current.save()

    assert client.get("/api/v1/recipes/hello-dur/").json()["metadata"]["readme_path"] == ""


def test_a_head_request_has_the_headers_and_no_body(client):
    add_recipe()

    answer = client.head("/api/v1/recipes/hello-dur/")

    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "application/json", b"")
