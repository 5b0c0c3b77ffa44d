"""What is read across recipes: binary packages, relations, keywords, suggestions, upgrades, users, statistics."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest
from django.core.cache import cache

from recipes_app.formats.metadata import Relation, RelationTerm
from recipes_app.limits import MAX_LOOKUP_NAMES, MAX_NAME_LENGTH, MAX_VERSION_LENGTH
from recipes_app.models import Recipe
from recipes_app.services.ownership import ownership
from tests.factories import make_user

from .rows import add_recipe, add_revision

pytestmark = pytest.mark.django_db
PORTAL = "http://127.0.0.1:8000"


@pytest.fixture(autouse=True)
def nothing_is_cached():
    cache.clear()


def walk(client, address):
    """Return all results of a list, by following `next`."""
    results = []
    while address:
        page = client.get(address).json()
        results += page["results"]
        address = page["next"] and page["next"].removeprefix(PORTAL)
    return results


def test_the_list_is_narrowed_by_every_field_of_the_search_box(client):
    add_recipe("one", make_user("ada"), suites=("bookworm",))
    add_recipe("two", suites=("trixie",))

    def names(**asked):
        return [each["name"] for each in client.get("/api/v1/recipes/", {"sort": "name", **asked}).json()["results"]]

    assert names(suite="bookworm") == ["one"]
    assert names(suite="bookworm,trixie") == ["one", "two"]
    assert names(**{"class": "nonfree"}) == []
    assert names(submitter="ada", licence="mit") == ["one"]
    assert names(depends="libc6", q="two") == ["two"]


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"class": "fre"}, "class", "dfsg-free"),
        ({"lint": "pass"}, "lint", "did you mean 'passed'"),
        ({"suite": ","}, "suite", "no value"),
        ({"suite": ",".join("abcdefghijklmnopqrstuvwxyz")}, "suite", "1 to 20"),
        ({"suit": "sid"}, "suit", "did you mean 'suite'"),
        ({"suite": "x" * 201}, "suite", "200"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(expect_problem, asked, field, words):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    problem = expect_problem("GET", f"/api/v1/recipes/?{query}", "invalid-parameter", 400)

    assert problem["field"] == field
    assert words in problem["detail"]


def test_a_binary_package_is_looked_up_with_what_to_build(client):
    recipe = add_recipe("hello", suites=("sid",))

    answer = client.get("/api/v1/binaries/", {"name": "hello", "suite": "sid", "architecture": "amd64"}).json()

    (offer,) = answer["results"]
    assert (offer["package"], offer["recipe"], offer["suites"]) == ("hello", "hello", ["sid"])
    assert (offer["branch"], offer["version"], offer["commit"]) == ("main", "1.0-1", recipe.current.commit)
    assert client.get("/api/v1/binaries/", {"name": "hello", "suite": "etch"}).json()["results"] == []


def test_a_binary_package_has_to_be_named(expect_problem):
    assert expect_problem("GET", "/api/v1/binaries/", "invalid-parameter", 400)["field"] == "name"


def test_what_other_recipes_need_of_one_is_listed(client):
    add_recipe("libhello")
    for number in range(3):
        term = Relation((RelationTerm("libhello"),), "libhello (>= 1.0)")
        add_recipe(f"user-{number}", relations={"Build-Depends": (term,)})

    found = walk(client, "/api/v1/recipes/libhello/required-by/?limit=2")

    assert [(each["recipe"], each["kind"], each["target"]) for each in found] == [
        (f"user-{number}", "Build-Depends", "libhello") for number in (2, 1, 0)
    ]
    assert walk(client, "/api/v1/recipes/libhello/required-by/?kind=Depends") == []


def test_keywords_are_counted_whoever_set_them(client):
    ada = make_user("ada")
    one = add_recipe("one", ada, keywords=("Games", "fun"))
    add_recipe("two", keywords=("games",))
    ownership.set_keywords(ada, one, ["gpu"])

    found = walk(client, "/api/v1/keywords/?limit=1")

    assert found == [{"keyword": "fun", "recipes": 1}, {"keyword": "games", "recipes": 2}, {"keyword": "gpu", "recipes": 1}]
    assert [each["keyword"] for each in walk(client, "/api/v1/keywords/?q=G")] == ["games", "gpu"]


def test_a_keyword_that_a_push_takes_away_is_counted_no_more(client):
    recipe = add_recipe("one", keywords=("games",))
    add_revision(recipe, "2.0-1", keywords=("toys",))

    assert walk(client, "/api/v1/keywords/") == [{"keyword": "toys", "recipes": 1}]


def test_what_was_typed_is_completed(client, django_assert_max_num_queries):
    add_recipe("hello-moon")

    with django_assert_max_num_queries(1):
        answer = client.get("/api/v1/suggest/?q=hello%20m")

    named = [{"name": "hello-moon", "recipe": "hello-moon", "synopsis": "friendly hello-moon"}]
    assert answer.json() == {"query": "hello m", "suggestions": named}
    assert len(answer.content) < 200


def test_a_browser_finds_the_search_and_its_suggestions(client):
    add_recipe("hello-moon")
    (link,) = re.findall(r'<link rel="search"[^>]* href="([^"]+)"', client.get("/").content.decode())

    described = client.get(link)
    urls = {
        each.get("type"): each.get("template")
        for each in ElementTree.fromstring(described.content).iter("{http://a9.com/-/spec/opensearch/1.1/}Url")
    }
    suggestions = client.get(urls["application/x-suggestions+json"].removeprefix(PORTAL).format(searchTerms="hel"))

    assert described["Content-Type"].startswith("application/opensearchdescription+xml")
    assert suggestions["Content-Type"] == "application/x-suggestions+json"
    assert suggestions.json() == ["hel", ["hello-moon"], ["friendly hello-moon"], [f"{PORTAL}/recipes/hello-moon/"]]
    assert client.get(urls["text/html"].removeprefix(PORTAL).format(searchTerms="hel")).status_code == 200


def test_upgrades_are_told_with_what_changed(client):
    recipe = add_recipe("hello", make_user("ada"), version="1.0-1")
    add_revision(recipe, "1.1-1", licence_class="nonfree")

    body = {"installed": {"hello": "1.0-1", "bash": "5.2.15-2"}}
    answer = client.post("/api/v1/upgrades/", body, "application/json").json()

    (told,) = answer["upgrades"]
    assert (told["name"], told["installed"], told["available"], told["maintainer"]) == ("hello", "1.0-1", "1.1-1", "ada")
    assert told["changes"] == [{"field": "licence_class", "then": "dfsg-free", "now": "nonfree"}]
    assert (told["review_status"], told["owner_changed"]) == ("published", False)
    assert (answer["current"], answer["unknown"], answer["quarantined"]) == ([], ["bash"], [])


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({}, 400, "invalid-body", "installed"),
        ({"installed": []}, 400, "invalid-body", "installed"),
        ({"installed": {"hello": 1}}, 400, "invalid-body", "installed.hello"),
        ({"installed": {"hello": ""}}, 400, "invalid-body", "installed.hello"),
        ({"installed": {"hello": {"1": {}}}}, 400, "invalid-body", "installed.hello"),
        ({"installed": {"hello": "1" * (MAX_VERSION_LENGTH + 1)}}, 400, "invalid-body", "installed.hello"),
        ({"installed": {"x" * (MAX_NAME_LENGTH + 1): "1"}}, 400, "invalid-body", f"installed.{'x' * 80}"),
        ({"installed": {f"name-{number}": "1" for number in range(MAX_LOOKUP_NAMES + 1)}}, 400, "invalid-body", "installed"),
        ({"installed": {"hello": "no version"}}, 422, "invalid-value", "installed.hello"),
        ({"instaled": {}}, 400, "invalid-body", "instaled"),
    ],
)
def test_what_is_installed_is_read_strictly(expect_problem, body, status, code, field):
    data = json.dumps(body)
    assert expect_problem("POST", "/api/v1/upgrades/", code, status, data=data, content_type="application/json")["field"] == field


@pytest.mark.parametrize(("name", "status"), [("a\0b", 400), ("\ud800", 400), ("ä", 200), ("x y", 200), ("", 200)])
def test_a_name_that_none_can_have_is_unknown_and_one_that_is_no_text_is_refused(client, name, status):
    answer = client.post("/api/v1/upgrades/", json.dumps({"installed": {name: "1"}}), "application/json")

    assert answer.status_code == status
    assert name in answer.json()["unknown"] if status == 200 else answer.json()["field"].startswith("installed.")


def test_a_member_that_is_no_text_is_refused(client):
    answer = client.post("/api/v1/upgrades/", json.dumps({"\ud800": 1}), "application/json")

    assert (answer.status_code, answer.json()["field"]) == (400, "\\ud800")


def test_an_account_tells_the_public_what_its_page_does(client):
    ada = make_user("ada")
    add_recipe("one", ada)
    add_recipe("two", ada)

    answer = client.get("/api/v1/users/ada/").json()

    assert (answer["username"], answer["rank"], answer["recipe_count"], answer["frozen"]) == ("ada", "user", 2, False)
    assert not {"email", "language", "time_zone", "terms_version", "last_login"} & set(answer)
    assert [each["name"] for each in walk(client, "/api/v1/users/ada/recipes/?limit=1")] == ["two", "one"]


@pytest.mark.parametrize("name", ["nobody", "gone", "a%00b"])
def test_an_account_that_is_none_any_more_is_a_problem(expect_problem, name):
    gone = make_user("gone")
    gone.is_active = False
    gone.save()

    expect_problem("GET", f"/api/v1/users/{name}/", "unknown-account", 404)
    expect_problem("GET", f"/api/v1/users/{name}/recipes/", "unknown-account", 404)


def test_statistics_count_by_class(client, django_assert_max_num_queries):
    add_recipe("one", make_user("ada"))
    Recipe.objects.filter(pk=add_recipe("two").pk).update(licence_class="nonfree")

    with django_assert_max_num_queries(6):
        answer = client.get("/api/v1/statistics/").json()

    assert (answer["recipes"], answer["maintainers"], answer["orphans"], answer["revisions"]) == (2, 1, 1, 2)
    assert answer["by"]["licence_class"] == {"dfsg-free": 1, "nonfree": 1}


@pytest.mark.parametrize(
    "address",
    [
        "recipes/hello/required-by/", "binaries/?name=hello&suite=unstable&architecture=amd64", "keywords/?q=g", "users/ada/",
        "users/ada/recipes/", "recipes/?suite=unstable&depends=libc6&maintainer=ada",
    ],
)  # fmt: skip
def test_each_answer_takes_at_most_six_queries(client, address, django_assert_max_num_queries):
    ada = make_user("ada")
    for name in ("hello", "other", "more"):
        add_recipe(name, ada, keywords=("games",))

    with django_assert_max_num_queries(6):
        assert client.get(f"/api/v1/{address}").status_code == 200
