"""Names that are suggested while one types."""

from __future__ import annotations

import pytest
from django.utils import timezone

from recipes_app.limits import MAX_SUGGESTIONS
from recipes_app.models import Recipe
from recipes_app.search.suggest import suggest
from tests.api.rows import add_recipe, metadata

pytestmark = pytest.mark.django_db


def add(name, weight=0.0, binary=None):
    recipe = add_recipe(name, **({"binaries": metadata(binary).binaries} if binary else {}))
    Recipe.objects.filter(pk=recipe.pk).update(vote_weight=weight)
    return recipe


def names(typed):
    return [each.name for each in suggest(typed)]


def test_the_very_name_comes_first_and_then_the_most_popular():
    add("hello", 1.0)
    add("hello-dur", 2.0)
    add("hello-moon", 3.0)

    assert names("hello") == ["hello", "hello-moon", "hello-dur"]


def test_a_binary_package_is_suggested_with_the_recipe_that_builds_it():
    add("hello-source", 1.0, binary="greeting-tools")

    (found,) = suggest("greet")

    assert (found.name, found.recipe, found.synopsis) == ("greeting-tools", "hello-source", "friendly greeting-tools")


def test_a_name_that_is_recipe_and_package_is_suggested_once():
    add("hello", 1.0)
    add("other", 5.0, binary="hello")

    assert [(each.name, each.recipe) for each in suggest("hel")] == [("hello", "other")]


@pytest.mark.parametrize("typed", ["", "  ", "\t", "x" * 128, "100%", "under_score", "back\\slash", "nul\0", "\U0010ffff", "'"])
def test_what_begins_no_name_suggests_nothing(typed):
    add("hello")
    add("under-score")
    add("1000-words")

    assert suggest(typed) == []


def test_blanks_and_capitals_are_read_as_a_name():
    add("visual-studio-code")

    assert names("Visual Studio") == ["visual-studio-code"]


def test_what_is_deleted_quarantined_or_unreadable_is_not_suggested():
    Recipe.objects.filter(pk=add("hello-deleted").pk).update(deleted_at=timezone.now())
    Recipe.objects.filter(pk=add("hello-bad").pk).update(quarantined_at=timezone.now())
    Recipe.objects.filter(pk=add("hello-empty").pk).update(current=None)

    assert suggest("hello") == []


def test_a_suggestion_takes_one_query(django_assert_num_queries):
    for number in range(MAX_SUGGESTIONS + 5):
        add(f"hello-{number}", number, binary=f"hello-tools-{number}")

    with django_assert_num_queries(1):
        found = suggest("hello")

    assert len(found) == MAX_SUGGESTIONS
