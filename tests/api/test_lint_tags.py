"""Lint's tags in the API."""

import pytest

from recipes_app.lint.protocol import profile
from recipes_app.models import LintTag

from .rows import add_recipe, add_report

pytestmark = pytest.mark.django_db
LIST = "/api/v1/lint/tags/"


def explain(tag, **columns):
    values = {"severity": "warning", "explanation": "<p>Because.</p>", **columns}
    LintTag.objects.create(tool="lintian", tool_version="2.116.3", tag=tag, **values)


def test_tags_are_listed_with_their_counts(client):
    explain("bad-thing", severity="error")
    explain("initial-upload-closes-no-bugs")
    add_report(add_recipe().current, {"severity": "error", "tag": "bad-thing"})

    answer = client.get(LIST).json()

    lines = {line["tag"]: line for line in answer["results"]}
    assert answer["total"] == len(lines)
    assert (lines["bad-thing"]["recipes"], lines["bad-thing"]["counts"], lines["bad-thing"]["reason"]) == (1, True, "")
    archive_only = lines["initial-upload-closes-no-bugs"]
    assert (archive_only["counts"], archive_only["reason"]) == (False, profile.NOT_COUNTED["initial-upload-closes-no-bugs"])
    assert lines["bad-thing"]["url"].endswith("/api/v1/lint/tags/bad-thing/")


def test_a_list_is_narrowed_and_paged(client):
    for number in range(5):
        explain(f"tag-{number}", severity="error" if number % 2 else "info")
    first = client.get(LIST, {"severity": "info", "limit": 2}).json()
    second = client.get(LIST, {"severity": "info", "limit": 2, "cursor": first["next_cursor"]}).json()
    assert [line["tag"] for line in first["results"] + second["results"]] == ["tag-0", "tag-2", "tag-4"]
    assert (first["total"], second["next_cursor"]) == (3, None)
    assert [line["tag"] for line in client.get(LIST, {"q": "g-3"}).json()["results"]] == ["tag-3"]


def test_one_tag_is_explained_with_its_recipes(client):
    explain("team/x", see_also=["policy 1"], renamed_from=["old"], check_name="a/check")
    recipe = add_recipe()
    add_report(recipe.current, {"severity": "warning", "tag": "team/x"})

    answer = client.get(f"{LIST}team/x/").json()

    assert answer["tag"]["explanation"] == "<p>Because.</p>"
    assert (answer["tag"]["see_also"], answer["tag"]["renamed_from"], answer["tag"]["check_name"]) == (
        ["policy 1"],
        ["old"],
        "a/check",
    )
    assert [(row["name"], row["commit"]) for row in answer["results"]] == [("hello-dur", recipe.current.commit)]
    assert (answer["total"], answer["next_cursor"]) == (1, None)


def test_recipes_of_a_tag_are_paged_by_name(client):
    for name in ("aa", "bb", "cc"):
        add_report(add_recipe(name).current, {"severity": "warning", "tag": "common"})
    first = client.get(f"{LIST}common/", {"limit": 2}).json()
    second = client.get(f"{LIST}common/", {"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [row["name"] for row in first["results"] + second["results"]] == ["aa", "bb", "cc"]


def test_a_former_name_says_what_the_tag_is_called_now(client, expect_problem):
    explain("new-name", renamed_from=["old-name"])
    problem = expect_problem("GET", f"{LIST}old-name/", "unknown-thing", 404)
    assert "it is called new-name now" in problem["detail"]


@pytest.mark.parametrize(
    ("query", "field"), [({"severity": "worst"}, "severity"), ({"limit": 0}, "limit"), ({"drawn": "x"}, "drawn")]
)
def test_a_wrong_parameter_is_named(client, query, field):
    answer = client.get(LIST, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-parameter")
    assert answer.json()["detail"].startswith(field)


@pytest.mark.parametrize("tag", ["never-heard", "%00", "a%0Ab", "x" * 2000, "%3Cscript%3E"])
def test_a_tag_that_nobody_says_is_a_problem(expect_problem, tag):
    expect_problem("GET", f"{LIST}{tag}/", "unknown-thing", 404)


def test_a_list_takes_four_queries(client, django_assert_num_queries):
    for number in range(20):
        explain(f"tag-{number}")
        add_report(add_recipe(f"recipe-{number}").current, {"severity": "warning", "tag": f"tag-{number}"})
    with django_assert_num_queries(4):
        client.get(LIST)
