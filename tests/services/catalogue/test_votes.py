"""Votes and popularity: Σ 0.98^days, exact at the time of reading, one code path."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recipes_app.models import Recipe
from recipes_app.services.catalogue import votes
from recipes_app.services.core.permissions import PermissionDenied
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


def test_a_fresh_vote_is_worth_one():
    recipe, now = make_recipe(), timezone.now()
    votes.vote(make_user(), recipe, at=now)
    recipe.refresh_from_db()
    assert votes.popularity(recipe.vote_weight, now) == pytest.approx(1.0)


def test_popularity_is_the_sum_of_098_to_the_age_in_days():
    recipe, now = make_recipe(), timezone.now()
    ages = [0, 1, 10, 365, 2000]
    for number, age in enumerate(ages):
        votes.vote(make_user(f"voter{number}"), recipe, at=now - timedelta(days=age))
    recipe.refresh_from_db()
    expected = sum(0.98**age for age in ages)
    assert votes.popularity(recipe.vote_weight, now) == pytest.approx(expected, rel=1e-12)


def test_popularity_decays_without_anything_being_written():
    recipe, now = make_recipe(), timezone.now()
    votes.vote(make_user(), recipe, at=now)
    recipe.refresh_from_db()
    assert votes.popularity(recipe.vote_weight, now + timedelta(days=100)) == pytest.approx(0.98**100)


def test_order_by_weight_is_order_by_popularity():
    now = timezone.now()
    old, new = make_recipe("old-one"), make_recipe("new-one")
    for number in range(3):
        votes.vote(make_user(f"early{number}"), old, at=now - timedelta(days=200))
    votes.vote(make_user("late"), new, at=now)
    assert [recipe.name for recipe in Recipe.objects.order_by("-vote_weight")] == ["new-one", "old-one"]


def test_a_second_vote_counts_nothing():
    recipe, ada = make_recipe(), make_user()
    assert votes.vote(ada, recipe)
    assert not votes.vote(ada, recipe)
    recipe.refresh_from_db()
    assert recipe.vote_count == 1


def test_a_vote_taken_back_leaves_nothing_behind():
    recipe, ada = make_recipe(), make_user()
    votes.vote(ada, recipe)
    assert votes.unvote(ada, recipe)
    recipe.refresh_from_db()
    assert (recipe.vote_count, recipe.vote_weight) == (0, 0.0)


def test_unverified_account_cannot_vote():
    with pytest.raises(PermissionDenied, match="verify"):
        votes.vote(make_user(verified=False), make_recipe())


def test_weight_is_finite_for_sixty_years():
    assert votes.weight_at(votes.EPOCH + timedelta(days=60 * 366)) < 1e300
