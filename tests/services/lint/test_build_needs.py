"""Recipes that a trial build builds first: in the order in which they need each other, bounded, and never in a circle."""

from __future__ import annotations

from typing import Any

import pytest

from recipes_app.lint.protocol.assignment import Assignment
from recipes_app.lint.protocol.stages import Mode, Stage
from recipes_app.lint.runner import FetchedRecipe, run_stage
from recipes_app.models import LintJob, Recipe
from recipes_app.services.lint import build_needs, queue
from recipes_app.services.lint.build_needs import CannotBuildBefore
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(settings: Any, tmp_path: Any) -> None:
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.PORTAL_RUNNER_URL = "http://127.0.0.1:1"


def make(name: str, *needs: str) -> Recipe:
    tree = recipe_tree(name)
    wanted = "".join(f", {each}" for each in needs)
    tree["debian/control"] = tree["debian/control"].replace(b"(= 13)", f"(= 13){wanted}".encode())
    return publish_recipe(tree, make_user(f"keeper-of-{name}"))


def names(recipe: Recipe) -> list[str]:
    recipe.current.recipe = recipe
    return [need.recipe for need in build_needs.needs_of(recipe.current)]


def test_a_recipe_is_built_after_those_that_it_needs() -> None:
    make("bottom")
    make("middle", "bottom")
    assert names(make("top", "middle", "bottom")) == ["bottom", "middle"]
    assert names(make("alone", "debhelper")) == []


def test_the_runner_is_told_where_they_are_and_at_which_commit() -> None:
    bottom, top = make("bottom"), make("top", "bottom")
    job = LintJob.objects.create(revision=top.current, stage=Stage.TRIAL_BUILD, mode=Mode.BUILT, suite="bookworm")
    sent = Assignment.from_json(queue.assignment_of(job).to_json())
    (need,) = sent.needs
    assert (need.recipe, need.clone_url, need.commit) == ("bottom", "http://127.0.0.1:1/git/bottom.git", bottom.current.commit)


def test_too_deep_too_many_and_a_circle_are_said_in_a_line() -> None:
    for number in range(5):
        make(f"deep-{number}", *([f"deep-{number - 1}"] if number else []))
    with pytest.raises(CannotBuildBefore, match="more than 3 deep: deep-4 needs deep-3"):
        names(Recipe.objects.get(name="deep-4"))
    for number in range(6):
        make(f"wide-{number}")
    with pytest.raises(CannotBuildBefore, match="more than 5 other recipes"):
        names(make("greedy", *(f"wide-{number}" for number in range(6))))
    make("egg", "hen")
    with pytest.raises(CannotBuildBefore, match="in a circle: hen needs egg needs hen"):
        names(make("hen", "egg"))


def test_one_that_is_not_offered_is_named_and_the_report_says_so() -> None:
    bottom, top = make("bottom"), make("top", "bottom")
    Recipe.objects.filter(pk=bottom.pk).update(quarantined_at="2026-01-01T00:00Z")
    job = LintJob.objects.create(revision=top.current, stage=Stage.TRIAL_BUILD, mode=Mode.BUILT, suite="bookworm")
    facts = queue.assignment_of(job).facts
    assert facts == {"cannot_build": "it needs the recipe bottom, of which nothing is offered at the moment"}
    report = run_stage(Stage.TRIAL_BUILD, FetchedRecipe(recipe_tree("top"), frozenset()), facts=facts, suite="bookworm")
    assert (report.state, report.error) == ("error", facts["cannot_build"])
