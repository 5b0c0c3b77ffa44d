"""What the first page shows: trending, new, and counts by week."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.models import Recipe
from recipes_app.services.catalogue import home, votes
from tests.factories import make_user
from tests.views.pages import make_page

pytestmark = pytest.mark.django_db


def give(recipe, *ages, prefix=""):
    for number, age in enumerate(ages):
        voter = make_user(f"{recipe.name}{prefix}{number}")
        votes.vote(voter, recipe, at=timezone.now() - timedelta(days=age))


def test_trending_is_what_grows_not_what_has_most():
    steady, rising = make_page("steady"), make_page("rising")
    give(steady, 1, 2, 8, 9, 10, 11, 12, 13)
    give(rising, 1, 2)
    assert [recipe.name for recipe in home.trending()] == ["rising"]


def test_fourteen_days_weigh_as_seven_do():
    page = make_page("even")
    give(page, 1, 2, 8, 20)
    assert [(recipe.name, recipe.recent_votes) for recipe in home.trending()] == [("even", 2)]


def test_quarantined_and_deleted_recipes_are_neither_trending_nor_new():
    for name, column in (("stopped", "quarantined_at"), ("gone", "deleted_at")):
        recipe = make_page(name)
        give(recipe, 1)
        Recipe.objects.filter(pk=recipe.pk).update(**{column: timezone.now()})
    assert home.trending() == []
    assert home.newest() == []


def test_trending_is_one_query(django_assert_num_queries):
    give(make_page("rising"), 1, 2)
    with django_assert_num_queries(1):
        home.trending()


def test_votes_are_counted_in_their_weeks():
    recipe = make_page("voted")
    give(recipe, 0.01, 1, 8, 26 * 7 + 3)
    recipe.refresh_from_db()
    weeks = votes.weekly(recipe, 26)
    assert len(weeks) == 26
    assert (weeks[-1], weeks[-2], sum(weeks)) == (2, 1, 3)


def test_recipe_without_votes_asks_nothing(django_assert_num_queries):
    recipe = make_page("quiet")
    with django_assert_num_queries(0):
        assert votes.weekly(recipe, 4) == [0, 0, 0, 0]
