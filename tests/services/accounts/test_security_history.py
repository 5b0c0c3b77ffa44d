"""The security history of an account: bounded, and not washed out by strangers."""

import pytest

from recipes_app.limits import SECURITY_EVENTS_KEPT
from recipes_app.models import SecurityEvent
from recipes_app.services.accounts import security_history
from recipes_app.services.accounts.security_history import LABELS, SecurityKind
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_every_kind_has_its_words():
    assert set(LABELS) == set(SecurityKind)


def test_oldest_lines_go_first(monkeypatch):
    monkeypatch.setattr(security_history, "SECURITY_EVENTS_KEPT", 3)
    ada = make_user()
    for number in range(5):
        security_history.record(ada, SecurityKind.SIGNED_IN, str(number))
    assert [line.detail for line in security_history.lines_of(ada)] == ["4", "3", "2"]


def test_failed_attempts_of_strangers_push_nothing_else_out(monkeypatch):
    monkeypatch.setattr(security_history, "SECURITY_EVENTS_KEPT", 3)
    ada = make_user()
    security_history.record(ada, SecurityKind.KEY_ADDED)
    for _ in range(10):
        security_history.record_by_name("ada", SecurityKind.SIGN_IN_FAILED)
    kinds = [line.kind for line in security_history.lines_of(ada)]
    assert kinds == [SecurityKind.SIGN_IN_FAILED] * 3 + [SecurityKind.KEY_ADDED]


def test_limit_is_each_accounts_own(monkeypatch):
    monkeypatch.setattr(security_history, "SECURITY_EVENTS_KEPT", 1)
    ada, bob = make_user("ada"), make_user("bob")
    security_history.record(ada, SecurityKind.SIGNED_IN)
    security_history.record(bob, SecurityKind.SIGNED_IN)
    assert SecurityEvent.objects.count() == 2


@pytest.mark.parametrize("name", ["ada", "ada@example.org", "ADA@example.org"])
def test_failed_sign_in_is_noted_by_username_and_by_address(name):
    ada = make_user("ada")
    security_history.record_by_name(name, SecurityKind.SIGN_IN_FAILED)
    assert ada.security_events.get().kind == "sign-in-failed"


def test_failed_sign_in_of_nobody_is_noted_nowhere():
    security_history.record_by_name("ghost", SecurityKind.SIGN_IN_FAILED)
    assert not SecurityEvent.objects.exists()


def test_too_long_a_browser_name_is_cut(rf):
    ada = make_user()
    security_history.record(ada, SecurityKind.SIGNED_IN, "d" * 500)
    assert len(ada.security_events.get().detail) == 200
    assert SECURITY_EVENTS_KEPT >= 100
