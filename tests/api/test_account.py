"""One's own account: profile, mail, and the token at hand."""

from __future__ import annotations

import pytest

from recipes_app.models import ApiToken, Scope
from recipes_app.services.accounts import tokens
from tests.factories import issue_token, make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("ada")


def bearer(user, *scopes):
    return {"Authorization": f"Bearer {issue_token(user, *(scopes or Scope))}"}


def test_an_account_is_told_who_it_is(client, ada):
    answer = client.get("/api/v1/account/", headers=bearer(ada)).json()

    assert (answer["username"], answer["rank"], answer["roles"]) == ("ada", "user", ["user"])
    assert "email" not in answer


def test_only_what_is_given_of_a_profile_is_changed(client, ada):
    headers = bearer(ada)
    client.patch("/api/v1/account/", {"about": "I package", "language": "de"}, "application/json", headers=headers)
    answer = client.patch("/api/v1/account/", {"homepage": "https://example.org/"}, "application/json", headers=headers)

    ada.refresh_from_db()
    assert (ada.about, ada.language, ada.homepage) == ("I package", "de", "https://example.org/")
    assert answer.json()["about"] == "I package"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"homepage": "javascript:alert(1)"}, 422, "homepage"),
        ({"openpgp_fingerprint": "ABCD"}, 422, "openpgp_fingerprint"),
        ({"language": "xx"}, 422, "language"),
        ({"time_zone": "Mars/Base"}, 422, "time_zone"),
        ({"about": "x" * 2001}, 422, "about"),
        ({"rank": "administrator"}, 400, "rank"),
        ({"about": 1}, 400, "about"),
    ],
)
def test_a_profile_that_breaks_a_rule_is_refused_by_member(client, ada, body, status, field):
    answer = client.patch("/api/v1/account/", body, "application/json", headers=bearer(ada))

    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_mail_is_chosen_by_kind(client, ada):
    headers = bearer(ada)
    answer = client.put("/api/v1/account/mail/", {"choices": {"lint": "never"}}, "application/json", headers=headers)

    assert answer.json()["choices"]["lint"] == "never"
    assert client.get("/api/v1/account/mail/", headers=headers).json() == answer.json()


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"lnit": "never"}, "choices.lnit"),
        ({"lint": "hourly"}, "choices.lint"),
        ([], "choices"),
        ({"lint": None}, "choices.lint"),
    ],
)
def test_a_choice_of_mail_that_is_none_is_refused(client, ada, choices, field):
    answer = client.put("/api/v1/account/mail/", {"choices": choices}, "application/json", headers=bearer(ada))

    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("scope", Scope)
def test_any_token_shows_what_it_is_good_for_and_ends_itself(client, ada, scope):
    headers = bearer(ada, scope)

    shown = client.get("/api/v1/token/", headers=headers).json()
    assert (shown["account"], shown["scopes"], shown["recipe"], shown["name"]) == ("ada", [scope.value], None, "test")
    assert client.delete("/api/v1/token/", headers=headers).json() == {"done": True}
    assert not ApiToken.objects.exists()
    assert client.get("/api/v1/", headers=headers).status_code == 401


def test_a_token_for_one_recipe_ends_itself_too(client, ada):
    _token, secret = tokens.issue(ada, "test", [Scope.PUSH], recipe=make_recipe("mine"))

    assert client.delete("/api/v1/token/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert not ApiToken.objects.exists()


def test_a_frozen_accounts_token_ends_itself(client, ada):
    headers = bearer(ada)
    type(ada).objects.update(frozen_at="2026-01-01T00:00:00Z")

    assert client.delete("/api/v1/token/", headers=headers).status_code == 200


def test_a_session_has_no_token_to_end(client, ada):
    client.force_login(ada)

    assert client.get("/api/v1/token/").json()["code"] == "unknown-thing"


def test_without_an_account_there_is_nothing_to_show(client):
    for address in ("account/", "account/mail/", "token/"):
        assert client.get(f"/api/v1/{address}").status_code == 401
