"""What a header asks for: found before Django wakes up as Django itself would find it."""

import pytest
from django.test import RequestFactory
from django.utils.translation import get_language_from_request

from recipes_app.languages import is_for_programs, preferred

HEADERS = [
    "", "de", "en", "de-AT", "de_DE", "DE", "fr", "fr, de;q=0.5", "en;q=0.2, de;q=0.9", "*", "fr, *", "de;q=0", "x", ",,;",
    "de;q=x", "de" * 600, "fr," * 300 + "de", "zh-Hant-TW, de", "d\u00e9",
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[:20])
def test_the_language_is_the_one_that_django_finds(header):
    assert preferred(header) == get_language_from_request(RequestFactory().get("/", HTTP_ACCEPT_LANGUAGE=header))


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/recipes/", "/git/hello-dur.git/info/refs", "/metrics"])
def test_addresses_of_programs(path):
    assert is_for_programs(path)


@pytest.mark.parametrize("path", ["/", "/api/docs/", "/recipes/git/", "/feeds/new/", "/accounts/login/"])
def test_addresses_of_people(path):
    assert not is_for_programs(path)
