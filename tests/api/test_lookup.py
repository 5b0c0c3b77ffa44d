"""Many recipes by name, and bodies that are none."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recipes_app.limits import MAX_LOOKUP_NAMES, MAX_NAME_LENGTH, MIB
from tests.factories import make_user

from .rows import add_recipe

pytestmark = pytest.mark.django_db
LOOKUP = "/api/v1/lookup/"


def post(client, body, content_type="application/json"):
    return client.generic("POST", LOOKUP, body if isinstance(body, bytes) else json.dumps(body), content_type=content_type)


def test_known_names_are_found_and_unknown_ones_listed(client):
    add_recipe("one", make_user("ada"))
    add_recipe("two")

    answer = post(client, {"names": ["two", "zero", "one", "two", ""]}).json()

    assert [each["name"] for each in answer["found"]] == ["two", "one"]
    assert [each["maintainer"] for each in answer["found"]] == [None, "ada"]
    assert answer["unknown"] == ["zero", ""]


def test_the_most_names_take_one_query(client, django_assert_num_queries):
    for number in range(20):
        add_recipe(f"recipe-{number}", make_user(f"user-{number}"))

    with django_assert_num_queries(1):
        answer = post(client, {"names": [f"recipe-{number}" for number in range(MAX_LOOKUP_NAMES)]})

    assert (len(answer.json()["found"]), len(answer.json()["unknown"])) == (20, MAX_LOOKUP_NAMES - 20)


def test_a_name_is_not_cut_of_its_spaces(client):
    add_recipe("one")

    assert post(client, {"names": [" one "]}).json()["unknown"] == [" one "]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "names"),
        ({"names": "one"}, "names"),
        ({"names": None}, "names"),
        ({"names": {"one": 1}}, "names"),
        ({"names": ["x"] * (MAX_LOOKUP_NAMES + 1)}, "names"),
        ({"names": [1]}, "names.0"),
        ({"names": ["one", True]}, "names.1"),
        ({"names": [None]}, "names.0"),
        ({"names": [["one"]]}, "names.0"),
        ({"names": ["x" * (MAX_NAME_LENGTH + 1)]}, "names.0"),
        ({"names": ["a\0b"]}, "names.0"),
        ({"names": ["\ud800"]}, "names.0"),
        ({"name": ["one"]}, "name"),
        ({"names": [], "more": 1}, "more"),
        ([], None),
        ("names", None),
        (7, None),
        (None, None),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_by_field(expect_problem, body, field):
    problem = expect_problem("POST", LOOKUP, "invalid-body", 400, data=json.dumps(body), content_type="application/json")

    assert problem["field"] == field
    assert problem["errors"][0]["field"] == field


def test_an_unknown_member_is_answered_with_the_nearest(expect_problem):
    problem = expect_problem("POST", LOOKUP, "invalid-body", 400, data='{"nmaes": []}', content_type="application/json")

    assert "did you mean 'names'" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b" ", "not JSON"),
        (b"{", "not JSON"),
        (b'{"names": ["one"]} x', "not JSON"),
        (b'{"names": NaN}', "NaN"),
        (b'{"names": Infinity}', "Infinity"),
        (b'{"names": [], "names": []}', "twice"),
        (b'{"names": ["\xff"]}', "not UTF-8"),
        ('{"names": ["one"]}'.encode("utf-16"), "not UTF-8"),
        (b'{"names": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[" * 100_000 + b"]" * 100_000, "nests too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nests too deeply"),
    ],
)
def test_a_body_that_is_not_json_is_refused(expect_problem, body, words):
    problem = expect_problem("POST", LOOKUP, "malformed-body", 400, data=body, content_type="application/json")

    assert words in problem["detail"]


def test_a_body_above_two_mebibytes_is_refused(expect_problem):
    body = json.dumps({"names": ["x" * (2 * MIB)]})

    problem = expect_problem("POST", LOOKUP, "body-too-large", 413, data=body, content_type="application/json")

    assert str(2 * MIB) in problem["detail"]


def test_a_request_without_a_body_is_refused(expect_problem):
    assert expect_problem("POST", LOOKUP, "invalid-body", 400, content_type="application/json")["field"] == "names"


@pytest.mark.parametrize("body", [{"names": ["x"] * 500_000}, {f"member-{number}": 0 for number in range(100_000)}])
def test_the_answer_to_a_large_wrong_body_is_small(client, body):
    answer = post(client, json.dumps(body).encode()[: 2 * MIB])

    assert answer.status_code == 400
    assert len(answer.content) < 10_000


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", "application/xml", "garbage"])
def test_a_body_of_another_media_type_is_refused(expect_problem, content_type):
    problem = expect_problem("POST", LOOKUP, "unsupported-media-type", 415, data="names=one", content_type=content_type)

    assert "Content-Type: application/json" in problem["detail"]


def test_a_body_in_chunks_is_refused(expect_problem):
    expect_problem("POST", LOOKUP, "length-required", 411, HTTP_TRANSFER_ENCODING="chunked", content_type="application/json")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(
    lambda value: json.dumps({"names": value}).encode()
))  # fmt: skip
def test_no_body_makes_the_portal_fail(client, body):
    assert post(client, body).status_code in (200, 400)
