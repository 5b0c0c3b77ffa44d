"""A recipe's former names lead on."""

import pytest

from recipes_app.models import NameRedirect
from tests.factories import make_recipe

pytestmark = pytest.mark.django_db


@pytest.fixture
def renamed():
    recipe = make_recipe("hello-new")
    NameRedirect.objects.create(name="hello-old", recipe=recipe)
    return recipe


def test_page_of_a_former_name_leads_to_the_new_one(client, renamed):
    response = client.get("/recipes/hello-old/")
    assert (response.status_code, response["Location"]) == (301, "/recipes/hello-new/")


def test_inner_page_and_query_are_kept(client, renamed):
    response = client.get("/recipes/hello-old/revisions/?page=2")
    assert response["Location"] == "/recipes/hello-new/revisions/?page=2"


def test_former_name_of_a_deleted_recipe_leads_nowhere(client, renamed):
    renamed.deleted_at = renamed.created_at
    renamed.save()
    assert client.get("/recipes/hello-old/").status_code == 404
