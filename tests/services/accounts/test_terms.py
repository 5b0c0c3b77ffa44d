"""The terms of service: each account accepts each version once, whatever others did."""

import pytest

from recipes_app.services.accounts import terms
from recipes_app.services.core.errors import Refused
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_fault_5_accepting_is_each_accounts_own_and_does_not_loop_for_the_second(settings):
    ada, bob = make_user("ada"), make_user("bob")
    settings.TERMS_VERSION = "2"
    terms.accept(ada, "2")
    assert not terms.must_accept(ada)
    assert terms.must_accept(bob)
    terms.accept(bob, "2")
    bob.refresh_from_db()
    assert not terms.must_accept(bob)


def test_new_version_is_asked_for_again(settings):
    ada = make_user()
    assert not terms.must_accept(ada)
    settings.TERMS_VERSION = "3"
    assert terms.must_accept(ada)


def test_version_that_changed_while_it_was_read_is_not_accepted(settings):
    ada = make_user()
    settings.TERMS_VERSION = "3"
    with pytest.raises(Refused, match="have changed"):
        terms.accept(ada, "2")
    assert terms.must_accept(ada)


def test_site_without_terms_asks_nobody(settings):
    ada = make_user()
    settings.TERMS_VERSION = ""
    assert not terms.must_accept(ada)


def test_each_translation_has_every_section_of_the_text_that_binds():
    english = terms.as_html("en")
    german = terms.as_html("de")
    assert german.count("<h") == english.count("<h") > 3
    assert "Maßgeblich ist die englische Fassung" in german


@pytest.mark.parametrize("language", ["fr", "../terms", ""])
def test_a_language_without_a_translation_reads_the_text_that_binds(language):
    assert terms.as_html(language) == terms.as_html("en")
