"""The vote button: one vote an account, taken back by the same button."""

import pytest
from django.urls import reverse

from recipes_app.models import Switch
from recipes_app.services.catalogue import votes
from tests.factories import make_recipe, make_user
from tests.views.pages import make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipe():
    return make_recipe(maintainer=make_user("ada"))


@pytest.fixture
def grace(client):
    user = make_user("grace")
    client.force_login(user)
    return user


def press(client, recipe, act):
    return client.post(reverse("vote", args=[recipe.name]), {"act": act}, follow=True).content.decode()


def test_vote_is_counted_and_the_button_takes_it_back(client, grace, recipe):
    assert "<strong>1</strong> vote" in press(client, recipe, "vote")
    assert votes.has_voted(grace, recipe)
    assert 'value="vote"' in press(client, recipe, "unvote")
    assert not votes.has_voted(grace, recipe)


def test_visitor_signs_in_and_comes_back_to_the_recipe(client, recipe):
    answer = client.post(reverse("vote", args=[recipe.name]))
    assert answer.status_code == 302
    assert answer["Location"] == f"/accounts/login/?next={recipe.get_absolute_url()}"


def test_unverified_account_is_told_what_it_lacks(client, recipe):
    client.force_login(make_user("new", verified=False))
    answer = client.post(reverse("vote", args=[recipe.name]))
    assert answer.status_code == 403
    assert "verify your e-mail address first" in answer.content.decode()


def test_maintenance_is_said_and_nothing_is_written(client, grace, recipe):
    Switch.objects.create(name=Switch.Name.WRITES, off=True, message="back at noon")
    assert "back at noon" in press(client, recipe, "vote")
    assert not votes.has_voted(grace, recipe)


def test_vote_is_no_link(client, grace, recipe):
    assert client.get(reverse("vote", args=[recipe.name])).status_code == 405


def test_page_needs_no_script_to_vote(client, grace, recipe):
    page = client.get(recipe.get_absolute_url()).content.decode()
    assert f'<form action="{reverse("vote", args=[recipe.name])}" method="post">' in page


def test_recipes_page_takes_a_bounded_number_of_queries_for_an_account(client, grace, django_assert_max_num_queries):
    make_page("model-page", grace)
    client.get("/recipes/model-page/")
    # Ten as for a visitor; session, account, terms, verified address, role (twice), vote, following, invitation, messages.
    with django_assert_max_num_queries(17):
        client.get("/recipes/model-page/")


def press_by_script(client, recipe, act, page="vote"):
    return client.post(reverse(page, args=[recipe.name]), {"act": act}, headers={"HX-Request": "true"})


def test_script_gets_the_bar_alone(client, grace, recipe):
    answer = press_by_script(client, recipe, "vote")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<strong>1</strong> vote" in page
    assert 'value="unvote"' in page
    assert 'id="standing"' in page
    assert "<html" not in page
    assert votes.has_voted(grace, recipe)


def test_script_follows_and_stops(client, grace, recipe):
    assert 'value="unfollow"' in press_by_script(client, recipe, "follow", "following").content.decode()
    assert 'value="follow"' in press_by_script(client, recipe, "unfollow", "following").content.decode()
    assert not recipe.follows.exists()


@pytest.mark.parametrize(("page", "act"), [("vote", "vote"), ("following", "follow")])
def test_script_is_refused_what_the_page_would_refuse(client, grace, recipe, page, act):
    Switch.objects.create(name=Switch.Name.WRITES, off=True, message="a new disk")
    assert press_by_script(client, recipe, act, page).status_code == 403
    assert not recipe.votes.exists()
    assert not recipe.follows.exists()


def test_script_of_a_visitor_is_led_to_sign_in(client, recipe):
    assert press_by_script(client, recipe, "vote").status_code == 302
