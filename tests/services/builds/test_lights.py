"""The row of lights of a revision: what each light stands for, and what it says where nobody tried."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from recipes_app.formats.package_effects import Effect, Effects, Kind, Package
from recipes_app.lint.protocol.build_report import Step, StepName, StepState
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.protocol.stages import Mode, Stage
from recipes_app.models import LintJob, LintState, Recipe, Revision
from recipes_app.services.builds import build_effects, lights
from recipes_app.services.lint import jobs as lint
from recipes_app.services.lint import stages
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipe(settings: Any, tmp_path: Any) -> Recipe:
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.TRIAL_BUILD_SUITES = ["bookworm"]
    return publish_recipe(recipe_tree(), make_user("ada"))


def shown(recipe: Recipe) -> list[tuple[str, str]]:
    (row,) = lights.rows_of(recipe.current, stages.jobs_of(recipe.current))
    return [(light.name, light.state) for light in row.lights]


def settle(revision: Revision, stage: Stage, state: Outcome = Outcome.PASSED, suite: str = "", **values: Any) -> LintJob:
    """Let a stage end so; a trial build is queued first."""
    job, _ = LintJob.objects.get_or_create(
        revision=revision, stage=stage, suite=suite, defaults={"mode": Mode.BUILT if suite else Mode.RECIPE_ONLY}
    )
    mode = Mode.BUILT if suite else Mode.RECIPE_ONLY
    report = LintReport(state=state, stage=stage, tool="t", tool_version="1", mode=mode, suite=suite, **values)
    assert lint.record_report(job.pk, report.to_json())
    return job


def step(name: StepName, state: StepState = StepState.PASSED, **values: Any) -> Step:
    return Step(name, state, 1_000, **values)


BUILT = (step(StepName.FETCH), step(StepName.DEPENDENCIES), step(StepName.BUILD), step(StepName.LINT))
WHOLE = (*BUILT, step(StepName.INSTALL), step(StepName.TESTS, StepState.SKIPPED), step(StepName.REBUILD))


def test_without_a_build_the_lights_say_that_nobody_builds(recipe: Recipe) -> None:
    assert shown(recipe) == [("checks", "queued"), ("lint", "queued"), ("build", "none"), ("install", "none")]


def test_a_build_that_waits_or_runs_shows_so(recipe: Recipe) -> None:
    settle(recipe.current, Stage.RECIPE_CHECKS)
    job = LintJob.objects.create(revision=recipe.current, stage=Stage.TRIAL_BUILD, mode=Mode.BUILT, suite="bookworm")
    assert shown(recipe)[2:] == [("build", "queued"), ("install", "queued")]
    assert lint.start(job.pk)
    assert shown(recipe)[2:] == [("build", "running"), ("install", "running")]


@pytest.mark.parametrize(
    ("state", "steps", "expected"),
    [
        (Outcome.PASSED, WHOLE, ["passed", "passed", "passed"]),
        (Outcome.FAILED, (*BUILT[:3], step(StepName.LINT, StepState.FAILED), *WHOLE[4:]), ["failed", "passed", "passed"]),
        (Outcome.FAILED, (*BUILT[:2], step(StepName.BUILD, StepState.FAILED)), ["passed", "failed", "skipped"]),
        (Outcome.FAILED, (BUILT[0], step(StepName.DEPENDENCIES, StepState.FAILED)), ["passed", "failed", "skipped"]),
        (Outcome.ERROR, (step(StepName.FETCH, StepState.ERROR),), ["passed", "error", "skipped"]),
        (Outcome.ERROR, (), ["passed", "error", "skipped"]),
        (Outcome.FAILED, (*BUILT, step(StepName.INSTALL, StepState.FAILED)), ["passed", "passed", "failed"]),
        (Outcome.FAILED, (*WHOLE[:5], step(StepName.TESTS, StepState.FAILED)), ["passed", "passed", "failed"]),
        (Outcome.PASSED, (*BUILT, step(StepName.INSTALL, StepState.ERROR)), ["passed", "passed", "error"]),
    ],
)
def test_each_light_is_the_worst_of_what_stands_behind_it(
    recipe: Recipe, state: Outcome, steps: tuple[Step, ...], expected: list[str]
) -> None:
    settle(recipe.current, Stage.RECIPE_CHECKS)
    settle(recipe.current, Stage.SOURCE_LINT)
    settle(recipe.current, Stage.TRIAL_BUILD, state, "bookworm", steps=steps, error="why" if state is Outcome.ERROR else "")
    assert [state for _, state in shown(recipe)[1:]] == expected


def test_the_row_says_whether_two_builds_were_the_same(recipe: Recipe) -> None:
    def row(state: StepState, *details: str) -> lights.SuiteLights:
        settle(
            recipe.current, Stage.TRIAL_BUILD, suite="bookworm", steps=(*BUILT, step(StepName.REBUILD, state, details=details))
        )
        LintJob.objects.filter(stage=Stage.TRIAL_BUILD).update(state=LintState.QUEUED)
        jobs = stages.jobs_of(recipe.current)
        for job in jobs:
            job.state = LintState.PASSED
        return lights.rows_of(recipe.current, jobs)[0]

    assert row(StepState.PASSED).reproducible == "yes"
    different = row(StepState.FAILED, "x.deb: /usr/bin/x")
    assert different.reproducible == "no"
    assert different.rebuild is not None
    assert different.rebuild["details"] == ["x.deb: /usr/bin/x"]
    assert row(StepState.ERROR).reproducible == ""


def facts(*effects: Effect) -> Effects:
    return Effects((Package("hello-dur", "1.0", "all"),), effects)


def test_what_a_build_installs_is_shown_with_what_changed_since_the_revision_before(recipe: Recipe, client: Client) -> None:
    first = recipe.current
    settle(first, Stage.RECIPE_CHECKS)
    settle(first, Stage.TRIAL_BUILD, suite="bookworm", steps=WHOLE, effects=facts())
    page = client.get("/recipes/hello-dur/").content.decode()
    assert "Brings nothing that runs as root" in page
    assert "yes: the same bytes twice" in page
    publish_recipe(recipe_tree(version="2.0-1"), recipe.maintainer)
    recipe = Recipe.objects.get(pk=recipe.pk)
    assert recipe.current != first
    settle(recipe.current, Stage.RECIPE_CHECKS)
    new = Effect(Kind.SUDOERS, "hello-dur", "/etc/sudoers.d/<b>hello</b>", "x")
    settle(recipe.current, Stage.TRIAL_BUILD, suite="bookworm", steps=WHOLE, effects=facts(new))
    found = build_effects.installed_by(recipe.current, stages.jobs_of(recipe.current))
    assert found is not None
    assert found.before == first
    assert found.changes.added == (new,)
    page = client.get("/recipes/hello-dur/").content.decode()
    assert "Brings nothing that runs as root" not in page
    assert "Compared with 1.0-1" in page
    assert "/etc/sudoers.d/&lt;b&gt;hello&lt;/b&gt;" in page
    answer = client.get(f"/api/v1/recipes/hello-dur/revisions/{recipe.current.commit}/lint/").json()
    assert answer["installs"]["changes"]["added"][0]["kind"] == "sudoers"
    assert answer["installs"]["nothing_as_root"] is False
    assert [light["state"] for light in answer["lights"][0]["lights"]] == ["passed", "queued", "passed", "passed"]
    assert answer["lights"][0]["reproducible"] == "yes"
    build = next(stage for stage in answer["stages"] if stage["stage"] == "trial-build")
    assert [step["name"] for step in build["steps"]] == [step.name.value for step in WHOLE]


def test_the_part_of_the_page_alone_is_asked_for_until_the_end(recipe: Recipe, client: Client) -> None:
    address = f"/recipes/hello-dur/revisions/{recipe.current.commit}/lint/state/?part=lights"
    page = client.get("/recipes/hello-dur/").content.decode()
    assert f'data-live="{address}"' in page
    first = client.get(address)
    assert first.status_code == 200
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    settle(recipe.current, Stage.RECIPE_CHECKS)
    settle(recipe.current, Stage.SOURCE_LINT)
    last = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert last.status_code == 200
    assert "data-live" not in last.content.decode()


def test_a_page_in_german_says_it_in_german(recipe: Recipe, client: Client) -> None:
    settle(recipe.current, Stage.TRIAL_BUILD, suite="bookworm", steps=WHOLE, effects=facts())
    page = client.get("/recipes/hello-dur/", headers={"Accept-Language": "de"}).content.decode()
    assert "Bringt nichts mit, das als root läuft" in page
    assert "ja: zweimal dieselben Bytes" in page
