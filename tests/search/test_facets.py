"""Facets: by what hits can be narrowed down, and how many are left."""

import pytest
from django.core.cache import cache

from recipes_app.models import Recipe
from recipes_app.search.facets import facets
from recipes_app.search.query import parse_query
from tests.views.pages import make_page

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests():
    cache.clear()


def counts(name, text="", **filters):
    return dict(facets(parse_query(text, filters=filters)).values[name])


def test_a_facet_counts_the_hits_of_each_value():
    make_page("first")
    make_page("second")
    Recipe.objects.filter(name="second").update(lint_state="failed", suites="bookworm trixie")
    assert counts("lint") == {"failed": 1}
    assert counts("suite") == {"unstable": 1, "bookworm": 1, "trixie": 1}


def test_a_facet_counts_within_the_search_alone():
    make_page("first")
    make_page("second")
    assert counts("class", "first") == {"dfsg-free": 1}
    assert counts("class", suite="trixie") == {}


def test_architecture_counts_what_covers_it_as_the_search_finds_it():
    make_page("anywhere")
    make_page("script")
    Recipe.objects.filter(name="script").update(architectures="all")
    found = counts("arch")
    assert found["amd64"] == 2
    assert found["all"] == 1


def test_many_hits_are_not_all_counted_and_it_is_said(monkeypatch):
    monkeypatch.setattr("recipes_app.search.facets.MAX_COUNTED_HITS", 2)
    for name in ("first", "second", "third"):
        make_page(name)
    counted = facets(parse_query("greeting"))
    assert (counted.is_exact, counted.counted) == (False, 2)
    assert facets(parse_query("")).is_exact


def test_counting_is_one_query_and_the_next_time_none(django_assert_num_queries):
    make_page("first")
    with django_assert_num_queries(1):
        facets(parse_query("greeting"))
    with django_assert_num_queries(0):
        facets(parse_query("greeting", "name"))
