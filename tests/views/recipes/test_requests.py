"""Requests on pages: file, object, withdraw; an adoption that waits is shown where everybody looks."""

import pytest
from django.urls import reverse

from recipes_app.models import OwnershipRequest
from recipes_app.services.moderation import requests
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
Kind, State = OwnershipRequest.Kind, OwnershipRequest.State


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def grace():
    return make_user("grace")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def file(client, recipe, **said):
    return client.post(reverse("requests", args=[recipe.name]), {"text": "because", **said})


def test_adoption_waits_and_is_shown_on_the_recipes_page(client, grace):
    orphan = make_recipe("orphan")
    client.force_login(grace)
    file(client, orphan, kind="adoption")
    assert "grace asks to adopt this recipe" in client.get(orphan.get_absolute_url()).content.decode()


def test_refused_request_keeps_its_words(client, grace, recipe):
    client.force_login(grace)
    answer = file(client, recipe, kind="adoption")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "has a maintainer: file an orphan request first" in page
    assert "because</textarea>" in page


def test_merge_into_nothing_is_refused_at_its_field(client, grace, recipe):
    client.force_login(grace)
    answer = file(client, recipe, kind="merge", target="no-such-recipe")
    assert "there is no recipe" in answer.context["form"].errors["target"][0]


def test_own_young_recipe_is_deleted_at_once(client, ada, recipe):
    client.force_login(ada)
    answer = file(client, recipe, kind="deletion")
    assert answer["Location"] == "/"
    assert client.get(recipe.get_absolute_url()).status_code == 404


def test_maintainer_objects(client, ada, grace, recipe):
    request = requests.file(grace, recipe, Kind.ORPHAN, "no answer for months")
    client.force_login(ada)
    address = reverse("request", args=[recipe.name, request.pk])
    client.post(address, {"act": "object", "text": "I am here"})
    request.refresh_from_db()
    assert (request.waits_until, request.decision) == (None, "I am here")
    assert "I am here" in client.get(address).content.decode()


def test_who_asked_withdraws_and_nobody_else(client, grace, recipe):
    request = requests.file(grace, recipe, Kind.ORPHAN, "no answer for months")
    address = reverse("request", args=[recipe.name, request.pk])
    client.force_login(make_user("linus"))
    assert client.post(address, {"act": "withdraw"}).status_code == 403
    client.force_login(grace)
    client.post(address, {"act": "withdraw"})
    request.refresh_from_db()
    assert request.state == State.WITHDRAWN


def test_visitor_is_led_to_sign_in(client, recipe):
    assert "Sign in to file a request" in client.get(reverse("requests", args=[recipe.name])).content.decode()
    assert file(client, recipe, kind="orphan")["Location"].startswith("/accounts/login/")


def test_list_takes_the_same_queries_for_many_requests(client, recipe, django_assert_num_queries):
    for number in range(5):
        requests.file(make_user(f"user{number}"), recipe, Kind.ORPHAN, "no answer")
    # The recipe and its requests.
    with django_assert_num_queries(2):
        client.get(reverse("requests", args=[recipe.name]))
