"""Profiles: what is kept, and the field that is named where something is wrong."""

import pytest

from recipes_app.services.accounts.profiles import Profile, profile_of, update
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from tests.factories import make_user

pytestmark = pytest.mark.django_db
FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"


def test_profile_is_kept_as_given():
    ada = make_user()
    wanted = Profile("I pack games.", "https://example.org/", FINGERPRINT, "de", "Europe/Berlin")
    update(ada, wanted)
    ada.refresh_from_db()
    assert profile_of(ada) == wanted


@pytest.mark.parametrize(
    "typed", ["0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567", FINGERPRINT.lower(), f"0x{FINGERPRINT}", f" {FINGERPRINT}\n"]
)
def test_fingerprint_is_kept_in_one_spelling(typed):
    ada = make_user()
    update(ada, Profile(openpgp_fingerprint=typed))
    assert ada.openpgp_fingerprint == FINGERPRINT


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("openpgp_fingerprint", "89ABCDEF"),
        ("openpgp_fingerprint", FINGERPRINT + "89"),
        ("openpgp_fingerprint", "G" * 40),
        ("homepage", "javascript:alert(1)"),
        ("homepage", "https:///nowhere"),
        ("language", "tlh"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("about", "x" * 2001),
    ],
)
def test_wrong_value_is_refused_by_its_field_and_nothing_is_kept(field, value):
    ada = make_user()
    with pytest.raises(Refused) as refused:
        update(ada, Profile(**{"about": "new", field: value}))
    ada.refresh_from_db()
    assert refused.value.field == field
    assert profile_of(ada) == Profile()


def test_unverified_account_changes_nothing():
    with pytest.raises(PermissionDenied):
        update(make_user(verified=False), Profile("hello"))
