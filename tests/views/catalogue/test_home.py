"""The first page."""

import re

import pytest

from recipes_app.limits import RECENT_ON_HOME
from tests.factories import make_user
from tests.views.pages import make_page

pytestmark = pytest.mark.django_db


def test_home_of_an_empty_portal_says_how_to_begin(client):
    page = client.get("/").content.decode()
    assert "git push" in page
    assert "/git/NAME.git HEAD:main" in page


def test_home_lists_what_was_updated_last(client):
    make_page("older")
    make_page("newer")
    page = client.get("/").content.decode()
    assert page.index("/recipes/newer/") < page.index("/recipes/older/")


def test_home_counts(client):
    make_page("mine", make_user("ada"))
    make_page("orphan")
    counts = client.get("/").context["statistics"]
    assert (counts.recipes, counts.maintainers, counts.orphans, counts.revisions) == (2, 1, 1, 2)


def test_home_takes_six_queries_whatever_there_is(client, django_assert_num_queries):
    for number in range(RECENT_ON_HOME + 3):
        make_page(f"recipe-{number}", make_user(f"user{number}"))
    client.get("/")
    with django_assert_num_queries(6):
        page = client.get("/")
    assert len(page.context["recent"]) == RECENT_ON_HOME


def test_footer_says_whose_site_this_is_not(client):
    assert "not affiliated with the Debian project" in client.get("/").content.decode()


def test_policy_forbids_everything_inline_and_from_elsewhere(client):
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/", "/recipes/", "/accounts/login/", "/accounts/signup/"])
def test_pages_have_no_inline_style_and_no_inline_script(client, address):
    page = client.get(address).content.decode()
    assert " style=" not in page
    assert "<style" not in page
    # A script of ours is a file; a block of JSON is no script, it is data that such a file reads.
    assert not re.search(r"<script(?![^>]* (?:src=|type=\"application/json\"))", page)
    assert " onclick=" not in page
