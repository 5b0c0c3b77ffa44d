"""The chooser of colours, contrast and keys, and the page of the design system."""

import pytest

from recipes_app.appearance import Look, read
from tests.factories import make_user

pytestmark = pytest.mark.django_db
DARK = {"scheme": "dark", "contrast": "more", "keys_off": "on"}


def test_visitor_chooses_by_a_form_and_every_page_follows(client):
    client.post("/appearance/", DARK)
    page = client.get("/recipes/").content.decode()
    assert 'data-scheme="dark" data-contrast="more" data-keys="off"' in page
    assert '<dialog id="keys"' not in page


def test_account_has_its_choice_in_every_browser(client):
    user = make_user("ada")
    client.force_login(user)
    client.post("/appearance/", {"scheme": "light"})
    client.cookies.pop("look")
    assert 'data-scheme="light"' in client.get("/").content.decode()


def test_account_that_may_write_nothing_still_chooses_in_its_browser(client):
    user = make_user("newcomer", verified=False)
    client.force_login(user)
    page = client.post("/appearance/", {"scheme": "dark"}, follow=True).content.decode()
    user.refresh_from_db()
    assert user.appearance == ""
    assert 'data-scheme="dark"' in page
    assert "verify your e-mail address first" in page


@pytest.mark.parametrize(
    ("text", "look"),
    [
        ("", Look()),
        ("dark.more.keys-off", Look("dark", "more", keys_off=True)),
        ('"><script>.light', Look("light")),
        ("dark" * 500, Look()),
    ],
)
def test_cookie_is_read_as_anybody_could_have_written_it(text, look):
    assert read(text) == look


def test_what_is_kept_reads_back():
    assert read(Look("light", "normal", keys_off=True).text) == Look("light", "normal", keys_off=True)


def test_unknown_colour_is_refused(client):
    response = client.post("/appearance/", {"scheme": "mauve"})
    assert response.status_code == 400
    assert "look" not in response.cookies


def test_design_page_is_there_in_debug_mode_only(client, settings):
    assert client.get("/design/").status_code == 404
    settings.DEBUG = True
    assert client.get("/design/").status_code == 200
