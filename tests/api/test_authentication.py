"""Tokens in the header Authorization."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recipes_app.models import ApiToken, Scope
from tests.factories import issue_token, make_user

pytestmark = pytest.mark.django_db


def basic(username, secret):
    return "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token"])
def test_a_token_is_taken_from_the_header(client, scheme):
    secret = issue_token(make_user("ada"), Scope.READ)

    answer = client.get("/api/v1/", headers={"Authorization": f"{scheme} {secret}"})

    assert answer.status_code == 200
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize("username", ["ada", "Ada", ""])
def test_a_token_is_taken_as_the_password_of_basic(client, username):
    secret = issue_token(make_user("ada"), Scope.READ)

    assert client.get("/api/v1/", headers={"Authorization": basic(username, secret)}).status_code == 200
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize(
    "header",
    [
        "Bearer dur_wrong",
        "Bearer",
        "Bearer a b",
        "Digest x",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic " + base64.b64encode(b"no colon").decode(),
        basic("ada", "correct horse"),
        "Bearer \xff\xfe",
        "Bearer " + "x" * 5000,
    ],
)
def test_a_header_that_opens_nothing_is_refused(client, header):
    make_user("ada")

    answer = client.get("/api/v1/recipes/", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")
    assert answer["WWW-Authenticate"] == 'Basic realm="api", charset="UTF-8", Bearer realm="api"'


def test_a_page_makes_no_browser_ask_for_a_password(client):
    answer = client.get("/api/v1/account/", headers={"Accept": "text/html"})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_a_token_without_the_read_scope_is_refused(expect_problem):
    secret = issue_token(make_user("ada"), Scope.PUSH)

    problem = expect_problem("GET", "/api/v1/", "insufficient-scope", 403, HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert problem["reason"] == "read"
    assert "'read'" in problem["detail"]


def test_an_expired_token_is_refused(expect_problem):
    secret = issue_token(make_user("ada"), Scope.READ)
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(days=1))

    problem = expect_problem("GET", "/api/v1/", "invalid-token", 401, HTTP_AUTHORIZATION=f"Bearer {secret}")

    assert "expired" in problem["detail"]


def test_a_token_under_another_accounts_name_is_refused(expect_problem):
    make_user("eve")
    secret = issue_token(make_user("ada"), Scope.READ)

    expect_problem("GET", "/api/v1/", "insufficient-scope", 403, HTTP_AUTHORIZATION=basic("eve", secret))


def test_a_session_cannot_post_without_the_csrf_token():

    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("ada"), backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post("/api/v1/lookup/", {"names": []}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (403, "permission-denied")
