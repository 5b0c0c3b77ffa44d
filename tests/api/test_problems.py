"""Problems that no single room owns: wrong methods, media types and addresses, and the portal's own mistakes."""

from __future__ import annotations

import logging
import re

import pytest

from api.framework.schema import portal_schema
from recipes_app.services.catalogue import catalogue

from .rows import add_recipe

pytestmark = pytest.mark.django_db
ARGUMENTS = {
    "name": "none", "commit": "0" * 40, "old": "0" * 40, "new": "0" * 40, "path": "a/b", "username": "nobody",
    "check_id": "DUR101", "tag": "no-manual-page", "comment_id": 1, "flag_id": 1, "request_id": 1,
    "webhook_id": 1, "delivery_id": 1, "run_id": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "address"), [("POST", "/api/v1/recipes/"), ("GET", "/api/v1/lookup/"), ("DELETE", "/api/v1/")]
)
def test_a_method_that_does_not_fit_is_refused_with_those_that_do(client, method, address):
    answer = client.generic(method, address)

    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer["Allow"].split(", ")) >= {"OPTIONS"}
    assert answer["Allow"] in answer.json()["detail"]


def test_a_media_type_that_cannot_be_given_is_refused(expect_problem):
    problem = expect_problem("GET", "/api/v1/recipes/", "not-acceptable", 406, HTTP_ACCEPT="application/xml")

    assert "application/json" in problem["detail"]


@pytest.mark.parametrize(
    "address", ["/api/v1/nothing/", "/api/v1/recipes/a/b/c/", "/api/v1/recipes//", "/api/v1/%00/", "/api/v1/%FF/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_is_none_is_a_problem(expect_problem, method, address):
    expect_problem(method, address, "unknown-address", 404)


def test_an_address_without_its_last_slash_leads_on(client):
    add_recipe()

    answer = client.get("/api/v1/recipes/hello-dur")

    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/recipes/hello-dur/")


def test_a_mistake_of_the_portal_is_a_problem_and_logged(client, monkeypatch, caplog):
    def fail(name):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(catalogue, "get_recipe", fail)
    client.raise_request_exception = False

    with caplog.at_level(logging.ERROR, logger="api.framework.problems"):
        answer = client.get("/api/v1/recipes/hello-dur/")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert answer["Content-Type"] == "application/problem+json"
    assert b"secret" not in answer.content
    assert "secret detail" in caplog.text


def test_the_kinds_of_problems_are_listed_by_their_codes(client):
    kinds = {kind["code"]: kind for kind in client.get("/api/v1/problems/").json()}

    assert kinds["unknown-recipe"]["status"] == 404
    assert all(kind["meaning"] for kind in kinds.values())


def test_the_root_lists_the_addresses(client, settings):
    endpoints = client.get("/api/v1/").json()["endpoints"]

    assert endpoints["recipe"] == f"{settings.PORTAL_URL}/api/v1/recipes/{{name}}/"
    for address in endpoints.values():
        path = address.removeprefix(settings.PORTAL_URL).partition("{?")[0].replace("{+path}", "{path}")
        assert client.options(path.format_map(ARGUMENTS)).status_code == 200


def test_the_root_lists_whatever_can_be_read(client):
    endpoints = client.get("/api/v1/").json()["endpoints"]
    listed = {re.sub(r"\{\?.*", "", address.partition("/api/v1/")[2]) for address in endpoints.values()}
    described = {path.removeprefix("/api/v1/") for path, methods in portal_schema()["paths"].items() if "get" in methods}

    # A file's path has slashes in it, which the template says and OpenAPI has no words for.
    assert described - {each.replace("{+path}", "{file_path}") for each in listed} == {""}


def test_a_host_header_does_not_reach_the_links(client, settings):
    answer = client.get("/api/v1/", headers={"Host": "evil.example"})

    assert all(address.startswith(settings.PORTAL_URL) for address in answer.json()["endpoints"].values())
