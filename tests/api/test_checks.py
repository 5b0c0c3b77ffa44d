"""The recipe checks in the API."""

import pytest

from recipes_app.lint.checks.registry import CHECKS

pytestmark = pytest.mark.django_db


def test_every_check_is_listed_without_a_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/api/v1/checks/")

    assert [each["id"] for each in answer.json()] == list(CHECKS)


def test_a_check_says_what_it_looks_for_and_where_its_page_is(client):
    answer = client.get("/api/v1/checks/DUR801/").json()

    about = CHECKS["DUR801"].about
    assert answer == {
        "id": "DUR801",
        "severity": "error",
        "family": "hidden",
        "is_security": True,
        "title": about.title,
        "explanation": about.explanation,
        "remedy": about.remedy,
        "page": answer["page"],
    }
    assert answer["page"].endswith("/checks/DUR801/")


def test_there_is_no_check_of_another_name(client):
    answer = client.get("/api/v1/checks/DUR199/")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-thing")


def test_a_list_that_is_known_is_not_sent_again(client):
    first = client.get("/api/v1/checks/")

    assert client.get("/api/v1/checks/", headers={"If-None-Match": first["ETag"]}).status_code == 304
