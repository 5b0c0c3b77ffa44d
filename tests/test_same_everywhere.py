"""aurweb's fault 7: two outputs disagreed on the same field. Here every output of a recipe is compared with every other."""

import pytest

from recipes_app.services.catalogue import votes
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipe(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    ada = make_user("ada")
    recipe = publish_recipe(recipe_tree(), ada)
    votes.vote(ada, recipe)
    return recipe


@pytest.fixture
def outputs(client, recipe):
    """The same recipe as the API gives it: in a list, in a search, by itself, and looked up by name."""
    listed = client.get("/api/v1/recipes/").json()["results"]
    found = client.get("/api/v1/recipes/?q=greeting").json()["results"]
    looked_up = client.post("/api/v1/lookup/", {"names": ["hello-dur"]}, content_type="application/json").json()["found"]
    return {
        "list": listed[0],
        "search": found[0],
        "detail": client.get("/api/v1/recipes/hello-dur/").json(),
        "lookup": looked_up[0],
    }


def test_fault_7_every_answer_says_the_same_of_the_same_field(outputs):
    fields = set.intersection(*(set(output) for output in outputs.values()))
    assert {"name", "version", "synopsis", "maintainer", "licence_class", "updated_at"} <= fields
    # Popularity is exact at the time of reading, and the four were read one after the other.
    for field in sorted(fields - {"popularity"}):
        values = {name: output[field] for name, output in outputs.items()}
        assert len({repr(value) for value in values.values()}) == 1, (field, values)


def test_fault_7_the_page_says_what_the_api_says(client, outputs):
    page = client.get("/recipes/hello-dur/").content.decode()
    detail = outputs["detail"]
    for value in (detail["name"], detail["version"], detail["synopsis"], detail["maintainer"], detail["clone_url"]):
        assert str(value) in page
