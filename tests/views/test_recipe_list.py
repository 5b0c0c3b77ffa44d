"""The list of recipes and its search."""

import pytest

from recipes_app.limits import PAGE_SIZE
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
