"""Badges: what they say, that nothing of a recipe becomes markup, and what they cost."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.utils import timezone

from recipes_app.models import Recipe
from tests.api.rows import add_recipe
from tests.factories import make_user

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def recipe():
    return add_recipe("hello-dur", make_user("ada"))


def said(client, kind: str) -> str:
    answer = client.get(f"/badges/hello-dur/{kind}.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml; charset=utf-8")
    return ElementTree.fromstring(answer.content).findtext(f"{SVG}title", "")


@pytest.mark.parametrize(("kind", "columns", "words"), [
    ("version", {}, "recipe: 1.0-1"),
    ("lint", {"lint_state": "failed"}, "lint: failed"),
    ("lint", {"lint_state": ""}, "lint: none"),
    ("class", {}, "licence: dfsg-free"),
    ("class", {"model_class": "toxic-candy"}, "model: toxic-candy"),
    ("votes", {"vote_count": 7}, "votes: 7"),
    ("version", {"quarantined_at": timezone.now()}, "version: quarantined"),
])  # fmt: skip
def test_badge_says_what_the_page_says(client, kind, columns, words):
    Recipe.objects.update(**columns)
    assert said(client, kind) == words


def test_hostile_version_stays_text(client):
    Recipe.objects.update(version='1"><script>alert(1)</script>\u202e')
    answer = client.get("/badges/hello-dur/version.svg").content
    assert b"<script>" not in answer
    assert "U+202E" in said(client, "version")


def test_kind_or_recipe_that_is_none_is_a_404(client):
    assert client.get("/badges/hello-dur/colour.svg").status_code == 404
    assert client.get("/badges/nonesuch/version.svg").status_code == 404


def test_one_query_and_a_304_for_who_has_it(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = client.get("/badges/hello-dur/votes.svg")
    assert client.get("/badges/hello-dur/votes.svg", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    Recipe.objects.update(vote_count=3)
    assert client.get("/badges/hello-dur/votes.svg", headers={"If-None-Match": answer["ETag"]}).status_code == 200
