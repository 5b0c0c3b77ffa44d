"""Fragments: the bytes of a look-up made of parts that are kept, each as long as nothing about its recipe changes."""

import pytest
from django.test import Client

from api.views import recipes as view
from recipes_app.models import Recipe
from recipes_app.response_cache import fragments
from recipes_app.response_cache.changes import Notices, changes
from recipes_app.response_cache.fragments import Fragments
from recipes_app.services.catalogue import votes
from recipes_app.services.moderation import quarantine
from tests.factories import Scope, issue_token, make_user
from tests.search.catalogue import add_recipe, binary

NAMES = ("hello-dur", "unknown", "other", "hello-dur")


class Made:
    """Makes fragments, and remembers for what it was asked."""

    def __init__(self, *recipes: str) -> None:
        self.recipes = set(recipes)
        self.asked: list[list[str]] = []

    def __call__(self, names: list[str]) -> dict[str, bytes]:
        self.asked.append(names)
        return {name: name.encode() for name in names if name in self.recipes}


def test_each_is_made_once_and_a_name_without_recipe_is_asked_for_again():
    kept, make = Fragments(9, Notices()), Made("a", "b")
    assert kept.of(["a", "none"], make) == {"a": b"a"}
    assert kept.of(["b", "a", "none"], make) == {"a": b"a", "b": b"b"}
    assert kept.of(["a", "b"], make) == {"a": b"a", "b": b"b"}
    assert make.asked == [["a", "none"], ["b", "none"]]


def test_a_change_of_one_makes_that_one_anew():
    known, make = Notices(), Made("a", "b")
    kept = Fragments(9, known)
    kept.of(["a", "b"], make)
    known.note("a")
    kept.of(["a", "b"], make)
    known.note("")
    kept.of(["a", "b"], make)
    assert make.asked == [["a", "b"], ["a"], ["a", "b"]]


def test_a_change_that_comes_while_it_is_made_makes_it_old():
    known, make = Notices(), Made("a")
    kept = Fragments(9, known)

    def changed_meanwhile(names: list[str]) -> dict[str, bytes]:
        known.note("a")
        return make(names)

    kept.of(["a"], changed_meanwhile)
    kept.of(["a"], make)
    assert make.asked == [["a"], ["a"]]


def test_where_nobody_knows_what_changes_nothing_is_kept():
    class Unknown:
        def stamp(self, recipe: str) -> None:
            return None

    kept, make = Fragments(9, Unknown()), Made("a")
    assert [kept.of(["a"], make) for _ in range(2)] == [{"a": b"a"}] * 2
    assert make.asked == [["a"], ["a"]]


def test_they_grow_old_and_are_no_more_than_there_is_room_for(monkeypatch):
    kept, make = Fragments(2, Notices()), Made("a", "b", "c")
    kept.of(["a", "b"], make)
    kept.of(["c"], make)
    assert kept.of(["c", "b"], make) == {"b": b"b", "c": b"c"}
    kept.of(["a"], make)
    kept.of(["b"], make)
    now = fragments.time.monotonic()
    monkeypatch.setattr(fragments.time, "monotonic", lambda: now + 600)
    kept.of(["a"], make)
    assert make.asked == [["a", "b"], ["c"], ["a"], ["b"], ["a"]]


@pytest.fixture
def keeping(transactional_db, monkeypatch):
    for name in ("hello-dur", "other"):
        add_recipe(name, binary(name, synopsis="a line\u2028end"))
    kept = Fragments(100, changes())
    monkeypatch.setattr(view, "fragments_of_this_process", lambda: kept)


def ask(*names: str, **headers: str) -> bytes:
    client = Client(headers={"accept": "application/json", **headers})
    answer = client.post("/api/v1/lookup/", {"names": names or NAMES}, content_type="application/json")
    assert answer.status_code == 200
    return answer.content


def test_a_lookup_of_what_is_kept_has_the_same_bytes_without_a_query(keeping, monkeypatch, django_assert_num_queries):
    with django_assert_num_queries(1):
        first = ask()
    # A name that no recipe has is looked for each time.
    with django_assert_num_queries(1):
        assert ask() == first
    with django_assert_num_queries(0):
        kept = ask("other", "hello-dur")
    monkeypatch.setattr(view, "fragments_of_this_process", lambda: None)
    assert _without_popularity(ask("other", "hello-dur")) == _without_popularity(kept)


def _without_popularity(body: bytes) -> list[bytes]:
    return [part for part in body.split(b",") if not part.startswith(b'"popularity"')]


def test_a_vote_and_a_quarantine_are_seen_at_once(keeping):
    assert ask().count(b'"votes":0') == 2
    recipe = Recipe.objects.get(name="hello-dur")
    votes.vote(make_user("grace"), recipe)
    assert ask().count(b'"votes":1') == 1
    quarantine.quarantine(make_user("mona", rank="moderator"), recipe, "it calls home")
    assert ask().count(b'"quarantined":true') == 1


def test_who_has_an_account_and_who_wants_a_page_get_what_is_now(keeping, django_assert_num_queries):
    token = issue_token(make_user("grace"), Scope.READ)
    ask()
    for headers in ({"authorization": f"Bearer {token}"}, {"accept": "text/html"}, {"accept": "application/json; indent=2"}):
        assert b"hello-dur" in ask(**headers)
    with django_assert_num_queries(1):
        assert b"  " in ask("hello-dur", accept="application/json; indent=2")
