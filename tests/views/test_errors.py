"""Pages for what went wrong."""

import pytest
from django.template.loader import render_to_string

pytestmark = pytest.mark.django_db


def test_unknown_address_has_a_page_that_leads_on(client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert 'href="/recipes/"' in response.content.decode()
    assert "Resolver404" not in response.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_pages_that_django_renders_without_context_are_whole(name, settings):
    settings.SITE_NAME = "Some Site"
    page = render_to_string(name)
    assert "Some Site" in page
    assert "</html>" in page


@pytest.mark.parametrize("address", ["/", "/recipes/", "/users/x/", "/recipes/hello-dur/"])
def test_reading_pages_take_no_post(client, address):
    assert client.post(address).status_code == 405
