"""Feeds: well-formed Atom, what they list, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from recipes_app.limits import FEED_ENTRIES
from recipes_app.models import Recipe, Revision
from tests.api.rows import add_recipe, add_revision
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def recipes():
    ada, bob = make_user("ada"), make_user("bob")
    made = [add_recipe("hello-old", ada), add_recipe("hello-new", bob)]
    Recipe.objects.filter(name="hello-old").update(
        created_at=timezone.now() - timedelta(days=9), updated_at=timezone.now() + timedelta(minutes=1)
    )
    return made


def entries(answer) -> list[ElementTree.Element]:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content).findall(f"{ATOM}entry")


def titles(answer) -> list[str]:
    return [entry.findtext(f"{ATOM}title", "") for entry in entries(answer)]


def test_new_lists_by_making_and_updated_by_pushing(client, recipes):
    assert titles(client.get("/feeds/new/")) == ["hello-new", "hello-old"]
    assert titles(client.get("/feeds/updated/")) == ["hello-old 1.0-1", "hello-new 1.0-1"]


def test_maintainers_feed_has_his_recipes_only(client, recipes):
    assert titles(client.get("/feeds/users/bob/")) == ["hello-new 1.0-1"]
    assert client.get("/feeds/users/nobody/").status_code == 404


def test_searchs_feed_has_what_the_search_finds(client, recipes):
    assert titles(client.get("/feeds/search/?q=name:hello-old")) == ["hello-old 1.0-1"]
    assert client.get("/feeds/search/?q=colour:red").status_code == 400


def test_recipes_feed_has_its_published_revisions(client, recipes):
    add_revision(recipes[1], "1.1-1")
    held = add_revision(recipes[1], "1.2-1")
    Revision.objects.filter(pk=held.pk).update(review=Revision.Review.HELD)
    assert titles(client.get("/feeds/recipes/hello-new/")) == ["hello-new 1.1-1", "hello-new 1.0-1"]


def test_deleted_recipe_is_in_none(client, recipes):
    Recipe.objects.filter(name="hello-new").update(deleted_at=timezone.now())
    for address in ("/feeds/new/", "/feeds/updated/", "/feeds/users/bob/", "/feeds/search/?q=hello"):
        assert not any(title.startswith("hello-new") for title in titles(client.get(address))), address


def test_entry_has_all_that_rfc_4287_asks_for(client, recipes, settings):
    answer = client.get("/feeds/updated/")
    feed = ElementTree.fromstring(answer.content)
    for element in [feed, *entries(answer)]:
        assert all(element.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    links = [link.get("href") for entry in entries(answer) for link in entry.findall(f"{ATOM}link")]
    assert links == [f"{settings.PORTAL_URL}/recipes/hello-old/", f"{settings.PORTAL_URL}/recipes/hello-new/"]


def test_hostile_words_leave_the_xml_whole(client):
    add_recipe("hello-evil", make_user("eve"))
    Recipe.objects.update(synopsis="\x0b\x1b[31m</summary><script>alert(1)</script>\u202e]]>")
    [entry] = entries(client.get("/feeds/updated/"))
    said = entry.findtext(f"{ATOM}summary", "")
    assert "U+000B" in said
    assert "</summary><script>" in said


def test_empty_feed_is_one_and_stays_the_same(client):
    first, second = client.get("/feeds/new/"), client.get("/feeds/new/")
    assert entries(first) == []
    assert first.content == second.content


@pytest.mark.parametrize(("address", "queries"), [("/feeds/new/", 1), ("/feeds/updated/", 1), ("/feeds/users/ada/", 2),
                                                  ("/feeds/recipes/hello-old/", 2)])  # fmt: skip
def test_queries_and_a_304_for_who_has_it(client, recipes, django_assert_num_queries, address, queries):
    with django_assert_num_queries(queries):
        answer = client.get(address)
    with django_assert_num_queries(queries):
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_feed_is_short(client):
    ada = make_user("ada")
    for number in range(FEED_ENTRIES + 3):
        add_recipe(f"hello-{number}", ada)
    assert len(entries(client.get("/feeds/new/"))) == FEED_ENTRIES
