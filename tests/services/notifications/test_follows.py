"""Who hears of a recipe."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from recipes_app.models import CoMaintainer, Follow, Notification
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.notifications import follows
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
UPDATE = Notification.Kind.UPDATE


def test_following_twice_is_following_once():
    grace, recipe = make_user("grace"), make_recipe()
    assert follows.follow(grace, recipe)
    assert not follows.follow(grace, recipe)
    assert Follow.objects.count() == 1


def test_unfollowing_says_whether_there_was_anything_to_end():
    grace, recipe = make_user("grace"), make_recipe()
    follows.follow(grace, recipe)
    assert follows.unfollow(grace, recipe)
    assert not follows.unfollow(grace, recipe)


@pytest.mark.parametrize("act", [follows.follow, follows.unfollow, lambda user, recipe: follows.set_muted(user, recipe, [])])
def test_visitor_and_unverified_account_cannot_follow(act):
    recipe = make_recipe()
    for account in (AnonymousUser(), make_user("new", verified=False)):
        with pytest.raises(PermissionDenied):
            act(account, recipe)


def test_maintainer_and_co_maintainers_hear_without_following():
    ada, helper = make_user("ada"), make_user("helper")
    recipe = make_recipe(maintainer=ada)
    CoMaintainer.objects.create(recipe=recipe, user=helper, role="triage", position=0, since=timezone.now())
    assert follows.audience(recipe, UPDATE) == [ada, helper]


def test_account_that_follows_and_maintains_is_one_hearer():
    ada = make_user("ada")
    recipe = make_recipe(maintainer=ada)
    follows.follow(ada, recipe)
    assert follows.audience(recipe, UPDATE) == [ada]


def test_muted_kind_is_silent_for_followers_and_maintainer_and_others_are_not():
    ada, grace = make_user("ada"), make_user("grace")
    recipe = make_recipe(maintainer=ada)
    for user in (ada, grace):
        follows.set_muted(user, recipe, ["update"])
    assert follows.audience(recipe, UPDATE) == []
    assert follows.audience(recipe, Notification.Kind.FLAG) == [ada, grace]


def test_kind_that_is_none_cannot_be_muted():
    with pytest.raises(Refused, match="'everything' is no kind"):
        follows.set_muted(make_user("grace"), make_recipe(), ["everything"])
    assert not Follow.objects.exists()


def test_closed_account_hears_nothing():
    grace, recipe = make_user("grace"), make_recipe()
    follows.follow(grace, recipe)
    grace.is_active = False
    grace.save()
    assert follows.audience(recipe, UPDATE) == []


def test_muted_kinds_tell_a_follower_from_a_stranger():
    grace, recipe = make_user("grace"), make_recipe()
    assert follows.muted_kinds(grace, recipe) is None
    follows.follow(grace, recipe)
    assert follows.muted_kinds(grace, recipe) == []


def test_audience_takes_two_queries_however_many_follow(django_assert_num_queries):
    recipe = make_recipe()
    for number in range(20):
        follows.follow(make_user(f"user{number}"), recipe)
    with django_assert_num_queries(2):
        assert len(follows.audience(recipe, UPDATE)) == 20
