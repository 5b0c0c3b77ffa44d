"""Tokens: shown once, stored hashed, scoped, ending."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.models import ApiToken, NameRedirect, Scope
from recipes_app.services.accounts import tokens
from recipes_app.services.core.permissions import PermissionDenied
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


def test_secret_opens_the_scope_that_it_was_made_for():
    ada = make_user()
    _, secret = tokens.issue(ada, "laptop", [Scope.PUSH])
    assert tokens.authenticate(secret, Scope.PUSH) == ada


def test_secret_is_stored_nowhere():
    token, secret = tokens.issue(make_user(), "laptop", [Scope.PUSH])
    stored = ApiToken.objects.values().get(pk=token.pk)
    assert secret not in str(stored)
    assert secret.startswith(stored["hint"])


def test_token_does_not_reach_another_scope():
    _, secret = tokens.issue(make_user(), "reader", [Scope.READ])
    with pytest.raises(tokens.TokenRefused, match="no 'push' scope"):
        tokens.authenticate(secret, Scope.PUSH)


def test_unknown_secret_is_refused():
    with pytest.raises(tokens.TokenRefused, match="not known"):
        tokens.authenticate("dur_nonsense", Scope.READ)


def test_expired_token_is_refused_with_its_date():
    token, secret = tokens.issue(make_user(), "old", [Scope.READ], timezone.now() + timedelta(hours=1))
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(days=1))
    with pytest.raises(tokens.TokenRefused, match="expired on"):
        tokens.authenticate(secret, Scope.READ)


def test_token_of_a_disabled_account_is_refused():
    ada = make_user()
    _, secret = tokens.issue(ada, "laptop", [Scope.READ])
    ada.is_active = False
    ada.save()
    with pytest.raises(tokens.TokenRefused):
        tokens.authenticate(secret, Scope.READ)


def test_unverified_account_gets_no_token():
    with pytest.raises(PermissionDenied, match="verify your e-mail address"):
        tokens.issue(make_user(verified=False), "laptop", [Scope.READ])


def test_token_that_would_have_ended_already_is_refused():
    with pytest.raises(ValueError, match="later end"):
        tokens.issue(make_user(), "laptop", [Scope.READ], timezone.now() - timedelta(seconds=1))


def test_token_without_scope_is_refused():
    with pytest.raises(ValueError, match="at least one scope"):
        tokens.issue(make_user(), "laptop", [])


def test_last_use_is_kept_and_not_written_at_each_use(django_assert_num_queries):
    token, secret = tokens.issue(make_user(), "laptop", [Scope.READ])
    tokens.authenticate(secret, Scope.READ)
    assert ApiToken.objects.get(pk=token.pk).last_used_at is not None
    with django_assert_num_queries(1):
        tokens.authenticate(secret, Scope.READ)


def test_revoked_token_is_refused():
    ada = make_user()
    token, secret = tokens.issue(ada, "laptop", [Scope.READ])
    assert tokens.revoke(ada, token.pk)
    with pytest.raises(tokens.TokenRefused):
        tokens.authenticate(secret, Scope.READ)


def test_nobody_revokes_the_token_of_another():
    token, secret = tokens.issue(make_user("ada"), "laptop", [Scope.READ])
    assert not tokens.revoke(make_user("bob"), token.pk)
    assert tokens.authenticate(secret, Scope.READ).username == "ada"


def test_token_for_one_recipe_reaches_that_one():
    ada = make_user()
    _, secret = tokens.issue(ada, "robot", [Scope.PUSH], recipe=make_recipe("mine", ada))
    assert tokens.authenticate(secret, Scope.PUSH, "mine") == ada


@pytest.mark.parametrize("recipe", ["other", "", "min", "not-there-yet"])
def test_token_for_one_recipe_reaches_nothing_else(recipe):
    ada = make_user()
    make_recipe("other", ada)
    _, secret = tokens.issue(ada, "robot", [Scope.PUSH], recipe=make_recipe("mine", ada))
    with pytest.raises(tokens.TokenRefused, match="reaches the recipe mine only"):
        tokens.authenticate(secret, Scope.PUSH, recipe)


def test_token_for_one_recipe_follows_its_new_name():
    ada = make_user()
    recipe = make_recipe("new", ada)
    NameRedirect.objects.create(name="old", recipe=recipe)
    _, secret = tokens.issue(ada, "robot", [Scope.PUSH], recipe=recipe)
    assert tokens.authenticate(secret, Scope.PUSH, "old") == ada


def test_history_has_the_token_and_not_its_secret():
    ada = make_user()
    token, secret = tokens.issue(ada, "laptop", [Scope.READ])
    tokens.revoke(ada, token.pk)
    assert list(ada.security_events.values_list("kind", flat=True)) == ["token-revoked", "token-made"]
    assert secret not in str(list(ada.security_events.values()))


def test_a_secret_shows_what_it_is_and_that_it_is_whole():
    secret = tokens.new_secret()
    assert re.fullmatch("dur_[0-9A-Za-z]{49}", secret)
    assert not tokens.is_misspelt(secret)
    assert tokens.is_misspelt(secret[:-1] + ("0" if secret[-1] != "0" else "1"))
    assert tokens.is_misspelt("ghp_" + secret)


def test_a_misspelt_token_asks_the_database_nothing(django_assert_num_queries):
    secret = tokens.new_secret()
    with django_assert_num_queries(0), pytest.raises(tokens.TokenRefused, match="mistyped"):
        tokens.authenticate(secret[:-1] + ("0" if secret[-1] != "0" else "1"), Scope.READ)


def test_a_token_of_before_the_checksum_still_opens():
    token, _secret = tokens.issue(make_user(), "old", [Scope.READ])
    old = "dur_" + "-" * 43
    ApiToken.objects.filter(pk=token.pk).update(digest=hashlib.sha256(old.encode()).hexdigest())
    assert tokens.authenticate(old, Scope.READ).username == "ada"


def test_a_narrow_token_is_told_from_one_that_is_none():
    _token, secret = tokens.issue(make_user(), "reader", [Scope.READ])
    with pytest.raises(tokens.TokenTooNarrow, match="/account/") as refusal:
        tokens.authenticate(secret, Scope.OWN)
    assert refusal.value.scope == Scope.OWN
    with pytest.raises(tokens.TokenTooNarrow, match="'eve'"):
        tokens.authenticate(secret, Scope.READ, username="eve")
