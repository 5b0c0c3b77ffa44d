"""The log: every line covers the line before, and an altered row is found."""

import pytest
from django.db import connection, transaction

from recipes_app.models import Event
from recipes_app.services.audit import audit
from recipes_app.services.audit.audit import EventKind
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def write_lines(number: int = 3) -> list[Event]:
    moderator = make_user("moderator")
    return [
        audit.record(EventKind.ACCOUNT_FROZEN, moderator, account=moderator, public={"n": n}, private={"why": "secret"})
        for n in range(number)
    ]


def test_chain_of_untouched_lines_verifies():
    write_lines(3)
    assert audit.verify() == 3


def test_first_line_stands_on_the_genesis_hash():
    assert write_lines(1)[0].previous_hash == audit.GENESIS


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "owner.adopted"),
        ("actor_name", "mallory"),
        ("public", {"n": 99}),
        ("recipe_name", "ffmpeg"),
        ("at", "2020-01-01T00:00Z"),
    ],
)
def test_altered_row_is_found(column, value):
    line = write_lines(3)[1]
    Event.objects.filter(pk=line.pk).update(**{column: value})
    with pytest.raises(audit.BrokenChain) as found:
        audit.verify()
    assert found.value.event_id == line.pk


def test_removed_row_is_found_at_the_line_behind_it():
    _, second, third = write_lines(3)
    Event.objects.filter(pk=second.pk).delete()
    with pytest.raises(audit.BrokenChain) as found:
        audit.verify()
    assert found.value.event_id == third.pk


def test_altered_private_part_is_found():
    line = write_lines(2)[0]
    Event.objects.filter(pk=line.pk).update(private={"why": "something else"})
    with pytest.raises(audit.BrokenChain, match="private part"):
        audit.verify()


def test_erased_private_part_keeps_the_chain():
    line = write_lines(2)[0]
    Event.objects.filter(pk=line.pk).update(private={"erased": True})
    assert audit.verify() == 2


@pytest.mark.django_db(transaction=True)
def test_line_outside_a_transaction_is_refused():
    assert not connection.in_atomic_block
    with pytest.raises(transaction.TransactionManagementError):
        audit.record(EventKind.SWITCH_TURNED, None)
