"""An account's own page: making and revoking tokens."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recipes_app.models import ApiToken, Scope
from recipes_app.services.accounts import tokens
from tests.factories import make_user

pytestmark = pytest.mark.django_db
CHOSEN = {"name": "laptop", "scopes_chosen": ["read", "push"], "lifetime": "30"}


@pytest.fixture
def ada(client):
    user = make_user("ada")
    client.force_login(user)
    return user


def test_visitor_is_sent_to_sign_in(client):
    response = client.get("/account/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_new_token_is_shown_once_and_works(client, ada):
    response = client.post("/account/tokens/", CHOSEN)
    secret = response.context["new_secret"]
    assert response.status_code == 201
    assert secret in response.content.decode()
    assert tokens.authenticate(secret, Scope.PUSH) == ada
    assert secret not in client.get("/account/").content.decode()


def test_page_with_a_secret_is_not_kept_by_any_cache(client, ada):
    assert "no-store" in client.post("/account/tokens/", CHOSEN)["Cache-Control"]


def test_token_ends_when_it_was_asked_to(client, ada):
    client.post("/account/tokens/", CHOSEN)
    left = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_token_without_end_can_be_had(client, ada):
    client.post("/account/tokens/", {**CHOSEN, "lifetime": ""})
    assert ApiToken.objects.get().expires_at is None


@pytest.mark.parametrize("wrong", [{"name": ""}, {"scopes_chosen": []}, {"scopes_chosen": ["root"]}, {"lifetime": "-1"}])
def test_wrong_choice_makes_no_token_and_is_explained(client, ada, wrong):
    response = client.post("/account/tokens/", {**CHOSEN, **wrong})
    assert response.status_code == 400
    assert 'class="error"' in response.content.decode()
    assert not ApiToken.objects.exists()


def test_unverified_account_gets_no_token_and_is_told_why(client):
    client.force_login(make_user("new", verified=False))
    response = client.post("/account/tokens/", CHOSEN)
    assert response.status_code == 400
    assert "verify your e-mail address first" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_revoked_token_opens_nothing(client, ada):
    token, secret = tokens.issue(ada, "old", [Scope.READ])
    client.post(f"/account/tokens/{token.pk}/revoke/")
    with pytest.raises(tokens.TokenRefused):
        tokens.authenticate(secret, Scope.READ)


def test_token_of_somebody_else_cannot_be_revoked(client, ada):
    token, _secret = tokens.issue(make_user("grace"), "hers", [Scope.READ])
    client.post(f"/account/tokens/{token.pk}/revoke/")
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_revoking_needs_a_post(client, ada):
    token, _secret = tokens.issue(ada, "old", [Scope.READ])
    assert client.get(f"/account/tokens/{token.pk}/revoke/").status_code == 405


def test_tokens_cannot_be_made_from_another_site(ada):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    response = strict.post("/account/tokens/", CHOSEN)
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_hostile_token_name_is_text(client, ada):
    tokens.issue(ada, '"><script>alert(1)</script>', [Scope.READ])
    assert "<script>" not in client.get("/account/").content.decode()


def test_number_of_queries_does_not_depend_on_the_tokens(client, ada, django_assert_max_num_queries):
    for number in range(10):
        tokens.issue(ada, f"token {number}", [Scope.READ])
    with django_assert_max_num_queries(6):
        client.get("/account/")
