"""The living recipe by its name: one function, which leads on from former names."""

import pytest
from django.utils import timezone

from recipes_app.models import NameRedirect, Recipe
from recipes_app.services.catalogue import catalogue, names
from recipes_app.services.publishing import git_access
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def renamed():
    recipe = make_recipe("hello-new", maintainer=make_user("ada"))
    NameRedirect.objects.create(name="hello-old", recipe=recipe)
    return recipe


@pytest.mark.parametrize("find", [names.living, catalogue.get_recipe, catalogue.get_row])
def test_former_name_says_what_the_recipe_is_called_now(renamed, find):
    with pytest.raises(names.RecipeMoved) as moved:
        find("hello-old")
    assert (moved.value.old_name, moved.value.new_name) == ("hello-old", "hello-new")


@pytest.mark.parametrize("find", [names.living, names.resolve, catalogue.get_recipe, catalogue.get_row])
def test_name_in_use_is_found_by_one_query(renamed, find, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert find("hello-new") == renamed


def test_program_that_cannot_be_led_on_gets_the_recipe(renamed):
    assert names.resolve("hello-old") == renamed
    assert git_access.recipe_to_read(None, "hello-old") == renamed


@pytest.mark.parametrize("find", [names.living, names.resolve])
@pytest.mark.parametrize("name", ["hello-new", "hello-old", "nothing", "a\0b"])
def test_deleted_recipe_is_not_found_by_any_name(renamed, find, name):
    Recipe.objects.update(deleted_at=timezone.now())
    with pytest.raises(Recipe.DoesNotExist):
        find(name)
