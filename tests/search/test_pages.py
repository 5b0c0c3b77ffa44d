"""Pages, cursors, counts, and the number of queries."""

import base64
import json

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from recipes_app.search import engine, statement
from recipes_app.search.query import QueryError, parse_query
from tests.search.catalogue import add_recipe, binary, page

pytestmark = pytest.mark.django_db

SORTS = ["relevance", "name", "-name", "-updated", "updated", "-created", "-votes", "-popularity"]


def walk(text: str, sort: str = "", limit: int = 3) -> list[str]:
    """Return the names on all pages, one page after the other."""
    names: list[str] = []
    cursor = None
    while True:
        current = page(text, sort, cursor=cursor, limit=limit)
        names += [recipe.name for recipe in current.hits]
        cursor = current.next_cursor
        if cursor is None:
            return names
        assert len(current.hits) == limit


@pytest.fixture
def ten_tools() -> None:
    for number in range(10):
        # Twos of equal weight, so that the order has to hold by the last key.
        add_recipe(f"tool-{number}", row={"vote_weight": float(number // 2), "vote_count": number // 2})


@pytest.fixture(autouse=True)
def nothing_is_cached() -> None:
    """Forget which searches had very many hits."""
    cache.clear()


@pytest.fixture
def low_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take four hits for very many."""
    monkeypatch.setattr(engine, "MAX_COUNTED_HITS", 4)
    monkeypatch.setattr(statement, "MAX_COUNTED_HITS", 4)


@pytest.mark.usefixtures("ten_tools")
class TestCursor:
    @pytest.mark.parametrize("sort", SORTS)
    @pytest.mark.parametrize("text", ["tool", "arch:amd64", ""])
    def test_the_pages_together_are_the_whole_list(self, text: str, sort: str) -> None:
        whole = [recipe.name for recipe in page(text, sort).hits]
        assert len(whole) == 10
        assert walk(text, sort) == whole

    def test_every_page_knows_the_total(self) -> None:
        first = page("tool", limit=3)
        second = page("tool", limit=3, cursor=first.next_cursor)
        assert (first.total, second.total) == (10, 10)

    def test_a_recipe_that_appears_in_between_shifts_nothing(self) -> None:
        first = page("", "-updated", limit=5)
        add_recipe("tool-new")
        second = page("", "-updated", limit=5, cursor=first.next_cursor)
        assert [recipe.name for recipe in second.hits] == [f"tool-{number}" for number in (4, 3, 2, 1, 0)]

    def test_a_full_last_page_has_no_next(self) -> None:
        assert page("tool", limit=10).next_cursor is None

    def test_a_cursor_of_another_search_is_refused(self) -> None:
        cursor = page("tool", limit=3).next_cursor
        with pytest.raises(QueryError, match="another search"):
            page("tools", cursor=cursor)

    def test_a_cursor_of_another_order_is_refused(self) -> None:
        cursor = page("tool", "name", limit=3).next_cursor
        with pytest.raises(QueryError, match="another search"):
            page("tool", "-name", cursor=cursor)

    @pytest.mark.parametrize("cursor", ["x", "!!!", "é", "AAAA", "W10", "bnVsbA", "W" * 5000])
    def test_a_malformed_cursor_is_refused(self, cursor: str) -> None:
        with pytest.raises(QueryError, match="malformed"):
            page("tool", cursor=cursor)

    @pytest.mark.parametrize("sort", ["relevance", "name", "-updated", "-popularity"])
    @pytest.mark.parametrize("key", [None, True, 2**70, -1.5, float("nan"), float("inf"), "x", "2026-13-45", "\0", [], {}])
    def test_a_forged_key_is_refused_or_harmless(self, sort: str, key: object) -> None:
        cursor = page("tool", sort, limit=3).next_cursor
        assert cursor is not None
        data = json.loads(base64.urlsafe_b64decode(cursor + "=="))
        data[1][0] = key
        forged = base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")
        try:
            assert len(page("tool", sort, cursor=forged).hits) <= 10
        except QueryError as error:
            assert "malformed" in str(error)  # noqa: PT017 - either outcome is right, no third

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=8))
    def test_any_json_as_cursor_is_refused(self, data: object) -> None:
        cursor = base64.urlsafe_b64encode(json.dumps(data).encode()).decode()
        with pytest.raises(QueryError):
            page("tool", cursor=cursor)

    @pytest.mark.parametrize("limit", [0, -1, 101])
    def test_a_limit_out_of_range_is_refused(self, limit: int) -> None:
        with pytest.raises(QueryError, match="1 to 100"):
            page("tool", limit=limit)


@pytest.mark.usefixtures("ten_tools")
def test_the_pages_of_a_corrected_search_go_on() -> None:
    first = page("toool", limit=3)
    assert first.corrected == parse_query("tool")
    second = page("toool", limit=3, cursor=first.next_cursor)
    assert second.corrected == parse_query("tool")
    assert not {recipe.name for recipe in first.hits} & {recipe.name for recipe in second.hits}


@pytest.mark.usefixtures("ten_tools", "low_cap")
class TestVeryManyHits:
    def test_the_total_says_that_there_are_more(self) -> None:
        for sort in ("relevance", "name"):
            many = page("tool", sort)
            assert (many.total, many.total_is_exact) == (4, False)

    def test_who_bears_the_name_comes_first_and_then_the_popular(self) -> None:
        add_recipe("other", binary("tool"))
        add_recipe("tool")
        assert walk("tool") == ["tool", "other", *(f"tool-{number}" for number in range(9, -1, -1))]

    @pytest.mark.parametrize("limit", [1, 2, 3, 7])
    def test_no_hit_is_shown_twice_or_left_out(self, limit: int) -> None:
        add_recipe("other", binary("tool"))
        assert len(walk("tool", limit=limit)) == len(set(walk("tool", limit=limit))) == 11


@pytest.mark.usefixtures("ten_tools")
class TestQueries:
    @pytest.mark.parametrize("text", ["", "tool", '"tool for" -gui', "maintainer:ada arch:amd64 tool -suite:sid class:nonfree"])
    def test_a_search_takes_two(self, text: str, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_max_num_queries(2):
            page(text)

    def test_reading_the_maintainers_of_hits_takes_none(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        hits = page("tool").hits
        with django_assert_num_queries(0):
            assert [recipe.maintainer for recipe in hits] == [None] * 10

    def test_a_misspelt_search_takes_four(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        with django_assert_num_queries(4):
            assert page("toool").hits

    def test_a_search_with_very_many_hits_takes_three_and_then_two(
        self, low_cap: None, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(3):
            first = page("tool", sort="name")
        with django_assert_num_queries(2):
            assert page("tool", sort="name") == first
        # The count is of what is found, not of its order.
        with django_assert_num_queries(2):
            assert not page("tool", sort="-popularity").total_is_exact
