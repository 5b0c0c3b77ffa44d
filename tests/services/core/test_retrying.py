"""An act that the database ended for another's sake is done again, from its outermost call, and what is no fault is not."""

from __future__ import annotations

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from recipes_app.services.core import retrying
from recipes_app.services.core.retrying import is_transient, is_unavailable, retried


class _Ended(Exception):
    """What the driver raises: PostgreSQL's code is on it."""

    def __init__(self, sqlstate):
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def error_of(sqlstate="", text="broken"):
    error = OperationalError(text)
    error.__cause__ = _Ended(sqlstate) if sqlstate else None
    return error


@pytest.fixture(autouse=True)
def _no_time_is_lost(monkeypatch):
    monkeypatch.setattr(retrying.time, "sleep", lambda _seconds: None)


@pytest.mark.parametrize(
    ("sqlstate", "transient", "unavailable"),
    [
        ("40001", True, True), ("40P01", True, True), ("55P03", False, True), ("57P01", False, True), ("53300", False, True),
        ("08006", False, True), ("25006", False, True), ("", False, True), ("42P01", False, False), ("22001", False, False),
    ],
)  # fmt: skip
def test_what_postgresql_says(monkeypatch, sqlstate, transient, unavailable):
    with monkeypatch.context() as patch:
        patch.setattr(connection, "vendor", "postgresql")
        assert (is_transient(error_of(sqlstate)), is_unavailable(error_of(sqlstate))) == (transient, unavailable)


@pytest.mark.parametrize(
    ("text", "transient", "unavailable"),
    [
        ("database is locked", True, True), ("database table is locked", True, True), ("disk I/O error", False, True),
        ("unable to open database file", False, True), ("no such table: x", False, False),
    ],
)  # fmt: skip
def test_what_sqlite_says(monkeypatch, text, transient, unavailable):
    with monkeypatch.context() as patch:
        patch.setattr(connection, "vendor", "sqlite")
        assert (is_transient(error_of(text=text)), is_unavailable(error_of(text=text))) == (transient, unavailable)


def test_a_closed_connection_is_away_and_a_mistake_is_not():
    assert is_unavailable(InterfaceError("connection already closed"))
    assert not is_unavailable(ValueError("no"))


class Act:
    """Fails so many times, with what it is given."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def wrapped(act):
    def service():
        """Do it."""
        return act()

    return retried(service)


@pytest.mark.django_db(transaction=True)
def test_it_is_done_again():
    act = Act(error_of("40P01"), error_of("40001"))
    assert wrapped(act)() == "done"
    assert act.calls == 3


@pytest.mark.django_db(transaction=True)
def test_it_ends_at_last():
    act = Act(*(error_of("40P01") for _ in range(99)))
    with pytest.raises(OperationalError):
        wrapped(act)()
    assert act.calls == retrying.RETRIED_ATTEMPTS


@pytest.mark.django_db(transaction=True)
def test_what_helps_nothing_is_not_done_again():
    act = Act(error_of("42P01"))
    with pytest.raises(OperationalError):
        wrapped(act)()
    assert act.calls == 1


@pytest.mark.django_db(transaction=True)
def test_inside_of_a_transaction_the_outermost_act_decides():
    act = Act(error_of("40P01"))
    with pytest.raises(OperationalError), transaction.atomic():
        wrapped(act)()
    assert act.calls == 1
