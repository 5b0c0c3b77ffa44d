"""shellcheck's hints as the site has them: pages, API, gates, re-lint."""

from __future__ import annotations

import pytest
from django.test import Client

from recipes_app.lint.checks.registry import CHECKS_VERSION
from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.recipe_checks import tool_version
from recipes_app.models import LintJob, LintState, Recipe
from recipes_app.services.lint import jobs, relint, reports, versions
from tests.api.rows import add_recipe

pytestmark = pytest.mark.django_db
TAG = "shellcheck-SC2086"
HINT = Hint(HintSeverity.PEDANTIC, TAG, "src:hello-dur", "Double quote it.", "debian/postinst", 3, origin="shellcheck")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recipes_app.services.lint.queue.dispatch", list)


def record(recipe: Recipe, **facts: object) -> LintJob:
    """Return the job of the recipe checks of the current revision, with a report of `facts`."""
    assert recipe.current is not None
    job = LintJob.objects.create(revision=recipe.current, stage=Stage.RECIPE_CHECKS, priority=0, turn=1)
    members = {"tool": "recipe-checks", "tool_version": tool_version(), "hints": (HINT,), "state": Outcome.PASSED} | facts
    report = LintReport(stage=Stage.RECIPE_CHECKS, **members)
    assert jobs.record_report(job.pk, report.to_json())
    return LintJob.objects.get(pk=job.pk)


def test_a_code_has_its_page_before_anything_draws_it(client: Client) -> None:
    for tag in (TAG, "shellcheck-SC3999"):
        page = client.get(f"/lint/tags/{tag}/")
        assert page.status_code == 200
        assert f'href="https://www.shellcheck.net/wiki/{tag.removeprefix("shellcheck-")}"' in page.content.decode()
        assert client.get(f"/api/v1/lint/tags/{tag}/").json()["tag"]["tool"] == "shellcheck"
    assert client.get("/lint/tags/shellcheck-SC1/").status_code == 404


def test_a_hint_is_shown_with_its_line_its_tool_and_what_it_means(client: Client) -> None:
    recipe = add_recipe()
    record(recipe)
    assert recipe.current is not None
    page = client.get(f"/recipes/{recipe.name}/revisions/{recipe.current.commit}/lint/").content.decode()
    assert "Double quote it." in page
    assert "debian/postinst" in page
    assert "Put the variable into double quotes" in page
    answer = client.get(f"/api/v1/recipes/{recipe.name}/revisions/{recipe.current.commit}/lint/").json()
    [shown] = [hint for hint in answer["hints"] if hint["tag"] == TAG]
    assert (shown["origin"], shown["pointer"]) == ("shellcheck", {"path": "debian/postinst", "line": 3})
    tag = client.get(f"/api/v1/lint/tags/{TAG}/").json()["tag"]
    assert (tag["severity"], tag["recipes"]) == ("pedantic", 1)
    assert recipe.name in client.get(f"/lint/tags/{TAG}/").content.decode()


def test_a_stage_without_shellcheck_says_so_and_shows_what_it_has() -> None:
    recipe = add_recipe()
    own = Hint(HintSeverity.WARNING, "DUR758", "src:hello-dur", path="debian/postinst", line=3, origin="recipe-checks")
    job = record(recipe, state=Outcome.ERROR, error="shellcheck has not looked", hints=(own,), tool_version=CHECKS_VERSION)
    assert job.state == LintState.ERROR
    assert recipe.current is not None
    found = reports.lint_of(recipe.current)
    assert found is not None
    assert "shellcheck has not looked" in found.error
    assert [each.hint.tag for each in reports.hints_with_explanations(found.jobs)] == ["DUR758"]


@pytest.mark.parametrize(
    ("version", "queued"),
    [(tool_version(), 0), (CHECKS_VERSION, 1), (f"{CHECKS_VERSION}, shellcheck 0.0.1", 1)],
    ids=["the same", "without shellcheck", "another shellcheck"],
)
def test_another_shellcheck_is_a_reason_to_look_again(version: str, queued: int) -> None:
    versions.note(Stage.RECIPE_CHECKS, "recipe-checks", tool_version(), "")
    record(add_recipe(), tool_version=version)
    assert sum(run.total for run in relint.go_on()) == queued
