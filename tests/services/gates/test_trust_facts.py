"""What is known of the people behind a recipe."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.utils import timezone

from recipes_app.models import Hold, Recipe, Revision, User
from recipes_app.services.gates import stops, trust_facts
from recipes_app.services.gates.trust_facts import Person
from recipes_app.services.moderation import quarantine, revisions
from tests.factories import make_user, publish_recipe, recipe_tree
from tests.views.pages import add_revision, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def recipe(ada: User) -> Recipe:
    return make_page(maintainer=ada)


def facts(recipe: Recipe) -> trust_facts.TrustFacts:
    found = Recipe.objects.select_related("current", "maintainer").get(pk=recipe.pk)
    assert found.current is not None
    return trust_facts.facts_of(found, found.current)


def test_a_young_account_with_its_first_push(recipe: Recipe, ada: User) -> None:
    said = facts(recipe)
    assert said.pusher == said.maintainer == Person("ada", ada.date_joined, second_factor=False, is_frozen=False)
    assert said.pusher.is_young
    assert (said.published, said.quarantines, said.pusher_quarantines, said.reviewer) == (1, 0, 0, "")
    assert said.pushes_since == recipe.current.pushed_at


def test_everything_is_one_query(recipe: Recipe, django_assert_num_queries) -> None:
    found = Recipe.objects.select_related("current", "maintainer").get(pk=recipe.pk)
    assert found.current is not None
    with django_assert_num_queries(1):
        trust_facts.facts_of(found, found.current)


def test_pushes_are_counted_by_who_pushed_them_here(recipe: Recipe, ada: User) -> None:
    grace = make_user("grace")
    make_page("elsewhere", grace)
    second = add_revision(recipe, "b" * 40, "1.1-1")
    Revision.objects.filter(pk=second.pk).update(pusher=grace, pusher_name="grace")
    held = add_revision(recipe, "c" * 40, "1.2-1")
    Revision.objects.filter(pk=held.pk).update(review=Revision.Review.HELD)
    Recipe.objects.filter(pk=recipe.pk).update(current=second)
    said = facts(recipe)
    assert (said.pusher.username, said.published, said.maintainer.username) == ("grace", 1, "ada")


def test_a_second_factor_and_a_frozen_account_are_told(recipe: Recipe, ada: User) -> None:
    Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={})
    User.objects.filter(pk=ada.pk).update(frozen_at=timezone.now(), date_joined=timezone.now() - timedelta(days=400))
    said = facts(recipe)
    assert (said.pusher.second_factor, said.pusher.is_frozen, said.pusher.is_young) == (True, True, False)
    assert said.maintainer == said.pusher


def test_an_account_that_is_no_more_has_no_age(recipe: Recipe) -> None:
    Revision.objects.update(pusher=None, pusher_name="deleted")
    Recipe.objects.filter(pk=recipe.pk).update(maintainer=None)
    said = facts(recipe)
    assert (said.pusher, said.maintainer) == (Person("deleted", None, second_factor=False, is_frozen=False), None)


def test_packaging_of_another_is_told_from_ones_own(recipe: Recipe, ada: User) -> None:
    assert (facts(recipe).packager, facts(recipe).is_own_packaging) == ("Ada Lovelace", True)
    EmailAddress.objects.filter(user=ada).update(verified=False)
    assert not facts(recipe).is_own_packaging
    EmailAddress.objects.filter(user=ada).update(verified=True, email="other@example.org")
    assert not facts(recipe).is_own_packaging


def test_a_review_is_somebody_elses_release(recipe: Recipe) -> None:
    hold = Hold.objects.create(revision=recipe.current, created_at=timezone.now(), released=True, decided_by_name="ada")
    assert facts(recipe).reviewer == ""
    Hold.objects.filter(pk=hold.pk).update(decided_by_name="")
    assert facts(recipe).reviewer == ""
    Hold.objects.filter(pk=hold.pk).update(decided_by_name="tess")
    assert facts(recipe).reviewer == "tess"


def test_what_was_stopped_formerly_is_counted(recipe: Recipe, settings) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    mira = make_user("mira", rank="moderator")
    assert stops.stop_of(recipe, recipe.current) is None
    quarantine.quarantine(mira, recipe, "It mines coins.")
    recipe.refresh_from_db()
    stop = stops.stop_of(recipe, recipe.current)
    assert stop is not None
    assert (stop.actor, stop.reason, stop.at, stop.packages) == ("mira", "It mines coins.", recipe.quarantined_at, ("hello-dur",))
    quarantine.release(mira, recipe, "It did not.")
    other = make_page("other", recipe.maintainer)
    assert (facts(recipe).quarantines, facts(recipe).pusher_quarantines) == (1, 1)
    assert (facts(other).quarantines, facts(other).pusher_quarantines) == (0, 1)


def test_a_revision_that_was_taken_out_says_by_whom(ada: User, settings, tmp_path) -> None:
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    settings.REVIEW_GATES = dict.fromkeys(settings.REVIEW_GATES, "off")
    publish_recipe(recipe_tree(), ada)
    bad = publish_recipe(recipe_tree(version="1.1-1"), ada).current
    assert bad is not None
    revisions.take_out(make_user("mira", rank="moderator"), bad, "It calls home.")
    bad.refresh_from_db()
    recipe = Recipe.objects.select_related("current").get()
    assert stops.stop_of(recipe, recipe.current) is None
    stop = stops.stop_of(recipe, bad)
    assert stop is not None
    assert (stop.actor, stop.reason, stop.is_whole_recipe) == ("mira", "It calls home.", False)
    assert facts(recipe).quarantines == 1
