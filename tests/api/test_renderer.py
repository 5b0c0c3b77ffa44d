"""The page that a browser gets."""

from __future__ import annotations

import re

import pytest

from api.framework.renderers import linked

from .rows import add_recipe

pytestmark = pytest.mark.django_db
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_curl_gets_json_and_a_browser_a_page(client):
    add_recipe()

    assert client.get("/api/v1/recipes/", headers={"Accept": "*/*"})["Content-Type"] == "application/json"
    assert client.get("/api/v1/recipes/", headers=BROWSER)["Content-Type"] == "text/html; charset=utf-8"


def test_hostile_text_is_escaped_in_the_page(client):
    add_recipe(homepage="https://example.org/</code><script>alert(1)</script>")

    page = client.get("/api/v1/recipes/hello-dur/", headers=BROWSER).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_links_of_the_portal_can_be_followed(client, settings):
    add_recipe()

    page = client.get("/api/v1/recipes/", headers=BROWSER).content.decode()

    assert f'<a href="{settings.PORTAL_URL}/api/v1/recipes/hello-dur/">' in page


def test_the_page_holds_nothing_inline(client):
    add_recipe()

    answer = client.get("/api/v1/recipes/hello-dur/", headers=BROWSER)

    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son\w+=", answer.content.decode())


def test_a_browser_gets_a_problem_as_a_page(client):
    answer = client.get("/api/v1/recipes/nobody/", headers=BROWSER)

    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "unknown-recipe" in answer.content.decode()


@pytest.mark.parametrize(
    ("line", "html"),
    [
        ('"a": "x"', "&quot;a&quot;: &quot;x&quot;"),
        (
            '"url": "http://127.0.0.1:8000/a?b=1&c=2",',
            '&quot;url&quot;: "<a href="http://127.0.0.1:8000/a?b=1&amp;c=2">http://127.0.0.1:8000/a?b=1&amp;c=2</a>"' + ",",
        ),
        ('"u": "http://127.0.0.1:8000/{name}/"', "&quot;u&quot;: &quot;http://127.0.0.1:8000/{name}/&quot;"),
        (
            '"u": "http://127.0.0.1:8000/\\"><script>"',
            "&quot;u&quot;: &quot;http://127.0.0.1:8000/\\&quot;&gt;&lt;script&gt;&quot;",
        ),
        ('"u": "http://127.0.0.1:8000.evil/"', "&quot;u&quot;: &quot;http://127.0.0.1:8000.evil/&quot;"),
    ],
)
def test_a_line_of_json_becomes_safe_html(line, html, settings):
    settings.PORTAL_URL = "http://127.0.0.1:8000"

    assert linked(line) == html
