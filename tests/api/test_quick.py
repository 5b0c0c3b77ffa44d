"""The quick ways say, byte by byte, what DRF's own would."""

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from rest_framework.renderers import JSONRenderer

from api.framework.links import absolute
from api.framework.parameters import BoundedListField, LookupBody, StrictSerializer, StringField
from api.framework.renderers import QuickRenderer
from api.schemas.quick import lint_summary, recipe_detail, summary_list
from api.schemas.recipes import RecipeSerializer, RecipeSummarySerializer
from recipes_app.limits import MAX_LOOKUP_NAMES, MAX_NAME_LENGTH
from recipes_app.models import OwnershipRequest, Recipe
from recipes_app.services.catalogue import catalogue, summaries, votes
from recipes_app.services.gates import trust_facts
from recipes_app.services.moderation import requests
from recipes_app.services.ownership.model_class import classes_of
from tests.factories import make_recipe, make_user, publish_recipe, recipe_tree
from tests.services.ownership.test_model_class import FACTS


@pytest.fixture
def still(monkeypatch):
    """A clock that stands, so that popularity is the same twice."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_summaries_say_what_the_serializer_says(still, zone):
    ada = make_user("ada")
    with_all = make_recipe(
        "with-all", ada, quarantined_at=timezone.now(), open_flags=2, synopsis="<b>ü\u2028", needs_acceptance=True
    )
    votes.vote(make_user("grace"), with_all)
    make_recipe("an-orphan+1.0")
    make_recipe("whole-second", ada, created_at=datetime(2026, 7, 1, 12, tzinfo=UTC))
    recipes = list(Recipe.objects.select_related("maintainer").order_by("name"))
    with override_settings(TIME_ZONE=zone), timezone.override(zone):
        expected = JSONRenderer().render(RecipeSummarySerializer(recipes, many=True).data)
        rows = summaries.by_ids([recipe.pk for recipe in recipes])
        assert QuickRenderer().render(summary_list(rows)) == expected
    named = summaries.by_names(["with-all", "unknown", "whole-second"])
    assert set(named) == {"with-all", "whole-second"}


def _facts(recipe: Recipe) -> trust_facts.TrustFacts | None:
    return trust_facts.facts_of(recipe, recipe.current) if recipe.current else None


def _by_the_serializer(recipe: Recipe) -> bytes:
    context = {
        "branches": catalogue.branches(Recipe.objects.get(pk=recipe.pk)),
        "lint_summary": lint_summary(recipe.current),
        "models": classes_of(recipe, recipe.current.data) if recipe.current else [],
        "pending_requests": recipe.requests.filter(state=OwnershipRequest.State.OPEN),
        "trust": _facts(recipe),
    }
    return JSONRenderer().render(RecipeSerializer(recipe, context=context).data)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_recipe_says_what_the_serializer_says(still, zone, settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    ada = make_user("ada")
    publish_recipe(recipe_tree("plain"), ada)
    with_model = recipe_tree() | {"debian/dur": FACTS.format(completeness="partial").encode()}
    with_all = publish_recipe(with_model, ada)
    publish_recipe(recipe_tree(version="1.0-2"), ada, name="hello-dur", branch="debian/trixie")
    votes.vote(make_user("grace"), with_all)
    requests.file(make_user("mallory"), with_all, OwnershipRequest.Kind.DELETION, "it is in Debian now")
    Recipe.objects.filter(pk=with_all.pk).update(quarantined_at=timezone.now(), quarantine_reason="<b>ü</b>")
    make_recipe("without-revision")
    with timezone.override(zone):
        for name in ("plain", "hello-dur", "without-revision"):
            recipe = catalogue.get_recipe(name)
            if recipe.current:
                recipe.current.recipe = recipe
            assert QuickRenderer().render(recipe_detail(recipe, _facts(recipe))) == _by_the_serializer(recipe)
    found = catalogue.get_recipe("hello-dur")
    said = recipe_detail(found, _facts(found))
    assert [len(said[member]) for member in ("branches", "models", "pending_requests")] == [2, 1, 1]


@pytest.mark.django_db
def test_summaries_come_in_the_order_of_the_ids_without_those_that_are_gone(django_assert_num_queries):
    first, second = make_recipe("first"), make_recipe("second")
    with django_assert_num_queries(1):
        assert [row["name"] for row in summaries.by_ids([second.pk, 10**9, first.pk])] == ["second", "first"]
    with django_assert_num_queries(0):
        assert summaries.by_ids([]) == []


class Word(StrEnum):
    ONE = "one"


@pytest.mark.parametrize(
    "data",
    [
        None, {}, [], "", 0, True, 1.5, 1e22, 2**70, "a\u2028b\u2029c", "</script>&", "\x00\x1f\x7f", {1: "a", None: 2},
        {"time": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)}, {"span": timedelta(days=1)}, gettext_lazy("recipe"),
        Word.ONE, (1, (2, 3)), {"b": 1, "a": [None, {"c": "ü"}]}, b"bytes",
    ],
    ids=repr,
)  # fmt: skip
def test_the_renderer_writes_the_bytes_of_drfs(data):
    assert QuickRenderer().render(data) == JSONRenderer().render(data)


def test_an_indent_that_is_asked_for_is_given():
    asked = "application/json; indent=4"
    assert QuickRenderer().render({"a": [1]}, asked) == JSONRenderer().render({"a": [1]}, asked)


@pytest.mark.parametrize("name", ["hello-dur", "libstdc++6", "0ad", "a.b", "x y", "ü", "A"])
def test_addresses_are_those_that_django_makes(name, settings):
    assert absolute("api:recipe", name) == settings.PORTAL_URL + reverse("api:recipe", args=[name])


@pytest.mark.parametrize("number", ["7", "42", "1234"])
def test_addresses_of_numbers_are_those_that_django_makes(number, settings):
    assert absolute("api:flag", number) == settings.PORTAL_URL + reverse("api:flag", args=[number])


def test_another_portals_address_is_taken_at_once(settings):
    absolute("api:recipe", "hello-dur")
    settings.PORTAL_URL = "https://elsewhere.example"
    assert json.dumps(absolute("api:recipe", "hello-dur")) == '"https://elsewhere.example/api/v1/recipes/hello-dur/"'


class SlowBody(StrictSerializer):
    names = BoundedListField(
        child=StringField(max_length=MAX_NAME_LENGTH, trim_whitespace=False, allow_blank=True), max_length=MAX_LOOKUP_NAMES
    )


@pytest.mark.parametrize(
    "names",
    [["hello-dur", ""], ["ü"], ["a" * 129], ["a\x00b"], ["\ud800"], [1], [None], [["a"]], "hello", [], ["a"] * 1001, [" a "]],
    ids=lambda names: repr(names)[:20],
)
def test_names_are_read_as_drf_reads_them(names):
    quick, slow = LookupBody(data={"names": names}), SlowBody(data={"names": names})
    assert quick.is_valid() == slow.is_valid()
    assert (quick.errors, quick.validated_data) == (slow.errors, slow.validated_data)
