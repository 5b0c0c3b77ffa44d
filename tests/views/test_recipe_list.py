"""The list of recipes and its search."""

import pytest
from django.core.cache import cache

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import Recipe
from tests.factories import CONTROL
from tests.views.pages import make_page

pytestmark = pytest.mark.django_db


def names(response):
    return [recipe.name for recipe in response.context["page"].hits]


def test_search_finds_a_word_of_the_synopsis(client):
    make_page("first")
    assert names(client.get("/recipes/", {"q": "greeting"})) == ["first"]


def test_search_that_finds_nothing_says_so(client):
    make_page("first")
    assert "Nothing was found" in client.get("/recipes/", {"q": "zeppelin"}).content.decode()


def test_misspelt_word_is_corrected_and_the_page_says_so(client):
    make_page("imagemagick")
    page = client.get("/recipes/", {"q": "imagemagik"}).content.decode()
    assert "Nothing matches imagemagik" in page
    assert '<a href="?q=imagemagick">imagemagick</a>' in page


def test_query_that_cannot_be_run_is_explained_in_place_and_kept_in_the_box(client):
    response = client.get("/recipes/", {"q": "nonsense:value"})
    page = response.content.decode()
    assert response.status_code == 400
    assert 'value="nonsense:value"' in page
    assert "is no field" in page


def test_query_is_shown_as_text(client):
    page = client.get("/recipes/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_sort_by_name(client):
    for name in ("beta", "alpha", "gamma"):
        make_page(name)
    assert names(client.get("/recipes/", {"sort": "name"})) == ["alpha", "beta", "gamma"]


def test_unknown_sort_key_is_refused(client):
    assert client.get("/recipes/", {"sort": "colour"}).status_code == 400


def test_pages_follow_each_other_without_gap_or_repetition(client):
    for number in range(PAGE_SIZE + 3):
        make_page(f"recipe-{number:03}")
    first = client.get("/recipes/", {"sort": "name"})
    second = client.get("/recipes/", {"sort": "name", "cursor": first.context["page"].next_cursor})
    assert names(first) + names(second) == [f"recipe-{number:03}" for number in range(PAGE_SIZE + 3)]
    assert "First page" in second.content.decode()


def test_cursor_that_is_none_is_refused(client):
    assert client.get("/recipes/", {"cursor": "garbage"}).status_code == 400


def test_nul_in_a_query_is_no_server_error(client):
    assert client.get("/recipes/?q=%00&sort=name").status_code in (200, 400)


@pytest.mark.parametrize("size", [3, 20])
def test_queries_do_not_grow_with_the_catalogue(client, django_assert_max_num_queries, size):
    for number in range(size):
        make_page(f"recipe-{number:03}")
    with django_assert_max_num_queries(4):
        client.get("/recipes/", {"q": "greeting"})


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests():
    cache.clear()


def test_facets_narrow_down_and_are_taken_away_by_links(client):
    make_page("first")
    make_page("second")
    Recipe.objects.filter(name="second").update(lint_state="failed")
    page = client.get("/recipes/", {"q": "greeting"}).content.decode()
    assert 'href="?q=greeting&amp;lint=failed"' in page
    narrowed = client.get("/recipes/", {"q": "greeting", "lint": "failed"})
    assert names(narrowed) == ["second"]
    assert '<a href="?q=greeting"><span>Lint: lint failed</span>' in narrowed.content.decode()


def test_facet_value_that_is_none_is_explained(client):
    response = client.get("/recipes/", {"lint": "<b>"})
    assert response.status_code == 400
    assert "is no value of lint" in response.content.decode()


def test_sought_words_are_marked_and_hostile_ones_stay_text(client):
    control = CONTROL.format(name="first").replace("friendly greeting", "<script>greeting</script>")
    make_page("first", **{"debian/control": control})
    page = client.get("/recipes/", {"q": "greeting"}).content.decode()
    assert "&lt;script&gt;<mark>greeting</mark>&lt;/script&gt;" in page


def test_script_gets_the_hits_alone(client):
    make_page("first")
    response = client.get("/recipes/", {"q": "greeting"}, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert "<html" not in page
    assert "/recipes/first/" in page
    assert "HX-Request" in response["Vary"]


def test_search_has_a_feed_with_its_facets_as_words(client):
    make_page("first")
    page = client.get("/recipes/", {"q": "greeting", "suite": "unstable"}).content.decode()
    assert "/feeds/search/?q=greeting+suite%3Aunstable" in page


def test_suggestions_are_lines_of_a_listbox_for_what_was_typed(client, django_assert_num_queries):
    make_page("hello-dur")
    with django_assert_num_queries(1):
        page = client.get("/recipes/suggestions/", {"q": "hel"}).content.decode()
    assert page.count('role="option"') == 1
    assert 'data-address="/recipes/hello-dur/"' in page
    with django_assert_num_queries(0):
        client.get("/recipes/suggestions/", {"q": "hel"})


@pytest.mark.parametrize("text", ["", "suite:unstable"])
def test_browsing_takes_three_queries(client, django_assert_num_queries, text):
    for number in range(5):
        make_page(f"recipe-{number:03}")
    with django_assert_num_queries(3):
        client.get("/recipes/", {"q": text})
