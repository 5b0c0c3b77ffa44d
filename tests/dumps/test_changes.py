"""/api/v1/changes/: who follows it ends with the dump's bytes."""

from __future__ import annotations

import random

import pytest
from django.utils import timezone

from recipes_app.models import Recipe
from recipes_app.services.catalogue import votes
from recipes_app.services.dumps import making
from recipes_app.services.moderation import lifecycle
from recipes_app.services.ownership import ownership
from tests.api.rows import add_recipe
from tests.dumps.reading import Follower, text_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_follower_ends_with_the_bytes_of_the_dump_whatever_happened(ada, recipes):
    chance = random.Random(7)
    moderator = make_user("mod", rank="moderator")
    quick, lazy = Follower(limit=2), Follower(limit=1000)
    for turn in range(12):
        living = list(Recipe.objects.filter(deleted_at=None))
        chosen = chance.choice(living)
        act = turn % 5
        if act == 0:
            add_recipe(f"hello-{turn}", ada)
        elif act == 1:
            votes.vote(make_user(f"voter-{turn}"), chosen)
        elif act == 2:
            lifecycle.rename(moderator, chosen, f"renamed-{turn}")
        elif act == 3 and len(living) > 1:
            Recipe.objects.filter(pk=chosen.pk).update(deleted_at=timezone.now())
        else:
            ownership.set_keywords(moderator, chosen, [f"word-{turn}"])
        making.make()
        quick.follow()
        assert quick.text == text_of("recipes.jsonl.gz"), turn
    assert lazy.follow() > 0
    assert lazy.text == quick.text == text_of("recipes.jsonl.zst")


def test_who_is_up_to_date_gets_nothing(recipes):
    making.make()
    follower = Follower(limit=10)
    assert follower.follow() == 3
    assert follower.follow() == 0
    assert follower.serial == 1


def test_dump_made_while_somebody_pages_hides_nothing_from_him(client, ada, recipes):
    making.make()
    first = client.get("/api/v1/changes/?limit=1").json()
    votes.vote(ada, Recipe.objects.get(name=first["results"][0]["name"]))
    making.make()
    seen = [change["name"] for change in first["results"]]
    address = first["next"]
    while address:
        page = client.get(address).json()
        seen += [change["name"] for change in page["results"]]
        address = page["next"]
    # What he had read already has changed since, and comes again.
    assert sorted(seen) == sorted([*(recipe.name for recipe in recipes), first["results"][0]["name"]])


def test_recipe_that_is_gone_is_null(client, recipes):
    making.make()
    Recipe.objects.filter(name="hello-2").update(deleted_at=timezone.now())
    making.make()
    [change] = client.get("/api/v1/changes/?since=1").json()["results"]
    assert (change["name"], change["serial"], change["recipe"]) == ("hello-2", 2, None)


WRONG = {
    "since=-1": "since",
    "since=x": "since",
    "limit=0": "limit",
    "cursor=1": "cursor",
    "cursor=1.x": "cursor",
    "sinse=1": "sinse",
}


@pytest.mark.parametrize("query", WRONG)
def test_wrong_parameters_are_named(client, query):
    answer = client.get(f"/api/v1/changes/?{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, WRONG[query])


def test_queries_and_what_is_known_already(client, recipes, django_assert_max_num_queries):
    making.make()
    with django_assert_max_num_queries(2):
        answer = client.get("/api/v1/changes/")
    with django_assert_max_num_queries(2):
        again = client.get("/api/v1/changes/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
