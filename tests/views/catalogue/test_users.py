"""An account's public page."""

import pytest

from tests.factories import make_user
from tests.views.pages import make_page

pytestmark = pytest.mark.django_db


def test_user_page_lists_what_they_maintain(client, django_assert_num_queries):
    make_page("mine", make_user("ada"))
    make_page("other", make_user("grace"))
    with django_assert_num_queries(2):
        page = client.get("/users/ada/").content.decode()
    assert "/recipes/mine/" in page
    assert "/recipes/other/" not in page


def test_user_page_gives_no_address_away(client):
    user = make_user("ada")
    assert user.email not in client.get("/users/ada/").content.decode()


@pytest.mark.parametrize("name", ["nobody", "Ada", "%00", "-x", "a" * 60])
def test_names_that_nobody_has_are_not_found(client, name):
    assert client.get(f"/users/{name}/").status_code == 404
