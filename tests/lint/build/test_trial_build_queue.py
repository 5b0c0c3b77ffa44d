"""Which revisions are built for trial and when: after the recipe checks, never against them; by suite, choice and rank."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from recipes_app.lint.build import trial_build
from recipes_app.lint.checks.registry import CHECKS
from recipes_app.lint.protocol.build_tags import TAGS
from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.lint.protocol.stages import Mode, Stage
from recipes_app.models import LintJob, LintState, Rank, Recipe, Revision, TrialBuilds, User
from recipes_app.services.core.errors import Refused
from recipes_app.services.lint import actions, queue, stages, trial_builds
from recipes_app.services.lint import jobs as lint
from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = pytest.mark.django_db

# Whichever looks for harm: what it looks for does not matter here.
HARMFUL = next(each for each, check in CHECKS.items() if check.about.is_security)


@pytest.fixture(autouse=True)
def site(settings: Any, tmp_path: Any) -> Any:
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.TRIAL_BUILD_SUITES = ["bookworm", "trixie"]
    settings.TRIAL_BUILD_TRUSTED = False
    return settings


@pytest.fixture
def ada() -> User:
    return make_user("ada")


@pytest.fixture
def recipe(ada: User) -> Recipe:
    """A recipe whose revisions are built, its first one pushed and not checked yet."""
    found = publish_recipe(recipe_tree(), ada)
    actions.choose_trial_builds(ada, found, TrialBuilds.ALWAYS)
    return Recipe.objects.get(pk=found.pk)


def report(*hints: Hint, **values: Any) -> Any:
    said = {"state": Outcome.PASSED, "stage": Stage.RECIPE_CHECKS, "tool": "recipe-checks", "tool_version": "1", **values}
    return LintReport(hints=hints, **said).to_json()


def hint(severity: HintSeverity = HintSeverity.ERROR, tag: str = HARMFUL, **values: Any) -> Hint:
    return Hint(severity, tag, "src:hello-dur", context="it does", origin="recipe-checks", **values)


def checks_of(revision: Revision) -> LintJob:
    return LintJob.objects.get(revision=revision, stage=Stage.RECIPE_CHECKS)


def settle(revision: Revision, *hints: Hint, **values: Any) -> None:
    """Let the recipe checks of `revision` end so."""
    assert lint.record_report(checks_of(revision).pk, report(*hints, **values))


def builds(revision: Revision, **values: Any) -> list[str]:
    jobs = LintJob.objects.filter(revision=revision, stage=Stage.TRIAL_BUILD, **values)
    return list(jobs.order_by("suite").values_list("suite", flat=True))


def test_a_build_is_queued_for_each_suite_when_the_checks_are_over_and_not_before(recipe: Recipe) -> None:
    assert builds(recipe.current) == []
    settle(recipe.current)
    assert builds(recipe.current, state=LintState.QUEUED, mode=Mode.BUILT) == ["bookworm", "trixie"]
    rows = stages.matrix(stages.jobs_of(recipe.current))
    assert [(row.suite, [job.stage if job else "" for job in row.jobs]) for row in rows] == [
        ("", ["recipe-checks", "source-lint", ""]),
        ("bookworm", ["", "", "trial-build"]),
        ("trixie", ["", "", "trial-build"]),
    ]


def test_a_build_is_handed_out_after_the_source_lint(recipe: Recipe) -> None:
    settle(recipe.current)
    assert [job.stage for job in queue.ready()] == ["source-lint"]
    source = LintJob.objects.get(revision=recipe.current, stage=Stage.SOURCE_LINT)
    lint.record_report(source.pk, report(stage=Stage.SOURCE_LINT, tool="lintian"))
    ready = list(queue.ready())
    assert [(job.stage, job.suite) for job in ready] == [("trial-build", "bookworm"), ("trial-build", "trixie")]
    assert queue.assignment_of(ready[1]).suite == "trixie"


def test_checks_that_fail_for_another_reason_than_security_keep_no_build_away(recipe: Recipe) -> None:
    settle(recipe.current, hint(tag="DUR402"), state=Outcome.FAILED)
    assert builds(recipe.current) == ["bookworm", "trixie"]


@pytest.mark.parametrize("state", [Outcome.PASSED, Outcome.FAILED])
def test_an_error_of_a_security_check_keeps_every_build_away(state: Outcome, recipe: Recipe, ada: User) -> None:
    settle(recipe.current, hint(), state=state)
    assert builds(recipe.current) == []
    actions.choose_trial_builds(ada, recipe, TrialBuilds.ALWAYS)
    assert builds(recipe.current) == []


@pytest.mark.parametrize("said", [hint(HintSeverity.WARNING), hint(overridden=True)], ids=["a warning", "overridden"])
def test_what_does_not_count_as_an_error_keeps_no_build_away(said: Hint, recipe: Recipe) -> None:
    settle(recipe.current, said)
    assert builds(recipe.current) == ["bookworm", "trixie"]


def test_checks_without_a_verdict_bring_no_build_and_their_retry_does(recipe: Recipe) -> None:
    settle(recipe.current, state=Outcome.ERROR, error="the runner failed")
    assert builds(recipe.current) == []
    lint.requeue(checks_of(recipe.current))
    settle(recipe.current)
    assert builds(recipe.current) == ["bookworm", "trixie"]


def test_checks_that_find_harm_when_they_run_again_cancel_the_builds_and_bar_their_retry(recipe: Recipe, ada: User) -> None:
    settle(recipe.current)
    lint.requeue(checks_of(recipe.current))
    settle(recipe.current, hint(), state=Outcome.FAILED)
    job = LintJob.objects.filter(stage=Stage.TRIAL_BUILD).first()
    assert (job.state, job.error) == (
        LintState.CANCELLED,
        f"the recipe checks found what may harm a machine ({HARMFUL}): push a revision without it",
    )
    with pytest.raises(Refused, match="may harm a machine"):
        actions.retry(ada, job)
    lint.requeue_revision(recipe.current)
    assert builds(recipe.current, state=LintState.CANCELLED) == ["bookworm", "trixie"]


def test_a_build_is_queued_once_however_often_the_checks_run(recipe: Recipe, ada: User) -> None:
    settle(recipe.current)
    lint.requeue(checks_of(recipe.current))
    settle(recipe.current)
    actions.choose_trial_builds(ada, recipe, TrialBuilds.ALWAYS)
    assert builds(recipe.current) == ["bookworm", "trixie"]


def test_a_re_lint_brings_no_build(recipe: Recipe) -> None:
    LintJob.objects.filter(stage=Stage.RECIPE_CHECKS).update(priority=2)
    settle(recipe.current)
    assert builds(recipe.current) == []


def test_the_suites_are_those_of_the_manifest_that_the_site_builds_for(ada: User) -> None:
    tree = recipe_tree(**{"debian/dur": "Format: 1\nSource: hello-dur\nSuites: trixie sid\n"})
    found = publish_recipe(tree, ada)
    actions.choose_trial_builds(ada, found, TrialBuilds.ALWAYS)
    settle(found.revisions.get())
    assert builds(found.revisions.get()) == ["trixie"]


def test_a_branch_of_a_suite_is_built_for_that_suite(recipe: Recipe) -> None:
    revision = Revision(recipe=recipe, branch="debian/trixie", metadata=recipe.current.metadata)
    assert trial_builds.suites_of(revision) == ("trixie",)
    revision.branch = "debian/forky"
    assert trial_builds.suites_of(revision) == ()


def test_a_site_without_suites_builds_nothing(recipe: Recipe, site: Any) -> None:
    site.TRIAL_BUILD_SUITES = []
    settle(recipe.current)
    assert builds(recipe.current) == []


@pytest.mark.parametrize(
    ("rank", "trusted", "choice", "built"),
    [
        (Rank.USER, True, TrialBuilds.DEFAULT, False),
        (Rank.USER, True, TrialBuilds.ALWAYS, True),
        (Rank.USER, False, TrialBuilds.ALWAYS, True),
        (Rank.TRUSTED, True, TrialBuilds.DEFAULT, True),
        (Rank.MODERATOR, True, TrialBuilds.DEFAULT, True),
        (Rank.ADMINISTRATOR, True, TrialBuilds.DEFAULT, True),
        (Rank.TRUSTED, True, TrialBuilds.NEVER, False),
        (Rank.TRUSTED, False, TrialBuilds.DEFAULT, False),
    ],
)
def test_what_is_built_goes_by_choice_first_and_by_rank_then(
    rank: Rank, trusted: bool, choice: TrialBuilds, built: bool, site: Any
) -> None:
    site.TRIAL_BUILD_TRUSTED = trusted
    found = publish_recipe(recipe_tree(), make_user("grace", rank=rank))
    Recipe.objects.filter(pk=found.pk).update(trial_builds=choice)
    settle(found.revisions.get())
    assert bool(builds(found.revisions.get())) is built


def test_orphans_and_recipes_of_frozen_accounts_are_not_built_by_default(site: Any) -> None:
    site.TRIAL_BUILD_TRUSTED = True
    assert not trial_builds.wanted(Recipe(maintainer=None))
    assert not trial_builds.wanted(Recipe(maintainer=User(rank=Rank.TRUSTED, frozen_at=timezone.now())))


def test_who_chooses_later_has_the_current_revision_built_at_once(ada: User) -> None:
    found = publish_recipe(recipe_tree(), ada)
    settle(found.revisions.get())
    assert builds(found.revisions.get()) == []
    actions.choose_trial_builds(ada, found, TrialBuilds.ALWAYS)
    assert builds(found.revisions.get()) == ["bookworm", "trixie"]
    actions.choose_trial_builds(ada, found, TrialBuilds.NEVER)
    assert builds(found.revisions.get(), state=LintState.CANCELLED) == ["bookworm", "trixie"]


@pytest.mark.parametrize("column", ["quarantined_at", "deleted_at"])
def test_what_is_not_offered_is_not_built(column: str, recipe: Recipe) -> None:
    Recipe.objects.filter(pk=recipe.pk).update(**{column: timezone.now()})
    settle(recipe.current)
    assert builds(recipe.current) == []


def test_a_newer_push_cancels_the_builds_that_wait_and_late_checks_of_the_old_bring_none(recipe: Recipe, ada: User) -> None:
    old = recipe.current
    settle(old)
    publish_recipe(recipe_tree(version="2.0-1"), ada, recipe.name)
    assert builds(old, state=LintState.CANCELLED) == ["bookworm", "trixie"]
    LintJob.objects.filter(revision=old, stage=Stage.TRIAL_BUILD).delete()
    lint.requeue(checks_of(old))
    settle(old)
    assert builds(old) == []


def test_pushes_within_one_second_keep_their_order(recipe: Recipe, ada: User) -> None:
    """Git's reflog knows whole seconds."""
    old = recipe.current
    settle(old)
    publish_recipe(recipe_tree(version="2.0-1"), ada, recipe.name)
    LintJob.objects.filter(revision=old, stage=Stage.TRIAL_BUILD).delete()
    lint.requeue(checks_of(old))
    new = Revision.objects.get(version="2.0-1")
    Revision.objects.update(pushed_at=old.pushed_at)
    old.refresh_from_db()
    new.refresh_from_db()
    settle(old)
    assert builds(old) == []
    settle(new)
    assert builds(new) == ["bookworm", "trixie"]
    assert (queue.previous_version(old), queue.previous_version(new)) == ("", old.version)


@pytest.mark.parametrize(("state", "shown"), [("passed", "passed"), ("failed", "failed"), ("error", "passed")])
def test_a_build_counts_for_the_recipe_where_it_failed(state: str, shown: str, recipe: Recipe) -> None:
    settle(recipe.current)
    source = LintJob.objects.get(revision=recipe.current, stage=Stage.SOURCE_LINT)
    lint.record_report(source.pk, report(stage=Stage.SOURCE_LINT, tool="lintian"))
    build = LintJob.objects.get(revision=recipe.current, stage=Stage.TRIAL_BUILD, suite="bookworm")
    said = LintReport(state=Outcome(state), stage=Stage.TRIAL_BUILD, tool="trial-build", mode=Mode.BUILT, suite="bookworm")
    assert lint.record_report(build.pk, said.to_json())
    build.refresh_from_db()
    assert (build.state, build.attempts, Recipe.objects.get().lint_state) == (state, 0, shown)


def test_the_source_lint_is_asked_for_in_full_where_the_site_lets_runners_fetch(recipe: Recipe, site: Any) -> None:
    checks, source = LintJob.objects.filter(revision=recipe.current).order_by("id")
    assert queue.assignment_of(source).mode is Mode.RECIPE_ONLY
    site.LINT_FETCH = True
    assert queue.assignment_of(source).mode is Mode.FULL
    assert queue.assignment_of(checks).mode is Mode.RECIPE_ONLY


def test_the_end_of_the_checks_takes_eighteen_queries_and_three_for_each_suite(
    recipe: Recipe, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    job, said = checks_of(recipe.current), report()
    # Those that open and close the transaction and lock the recipe are among the eighteen, and a note of the tool, of which
    # nobody heard before; two suites are built.
    with django_assert_num_queries(18 + 3 * 2):
        assert lint.record_report(job.pk, said)
    assert builds(recipe.current) == ["bookworm", "trixie"]


def test_the_tags_of_a_failed_build_are_explained_on_pages_and_by_the_api(recipe: Recipe, client: Client) -> None:
    settle(recipe.current)
    build = LintJob.objects.get(revision=recipe.current, stage=Stage.TRIAL_BUILD, suite="bookworm")
    failed = Hint(HintSeverity.ERROR, "trial-build-failed", "src:hello-dur", context="make: no", origin="trial-build")
    said = {"stage": Stage.TRIAL_BUILD, "tool": "trial-build", "tool_version": "", "mode": Mode.BUILT, "suite": "bookworm"}
    assert lint.record_report(build.pk, report(failed, state=Outcome.FAILED, **said))
    address = f"{recipe.name}/revisions/{recipe.current.commit}/lint/"
    [shown] = [each for each in client.get(f"/api/v1/recipes/{address}").json()["hints"] if each["tag"] == failed.tag]
    assert "dpkg-buildpackage ended with an error" in shown["explanation"]
    page = client.get("/lint/tags/trial-build-failed/")
    assert page.status_code == 200
    assert b"dpkg-buildpackage ended with an error" in page.content
    assert recipe.name.encode() in page.content


@pytest.mark.parametrize("tag", TAGS)
def test_each_tag_of_the_stage_has_a_page_before_anything_draws_it(tag: str, client: Client) -> None:
    assert client.get(f"/lint/tags/{tag}/").status_code == 200
    answer = client.get(f"/api/v1/lint/tags/{tag}/").json()["tag"]
    assert (answer["severity"], answer["tool"]) == (TAGS[tag].severity, "trial-build")


def test_the_table_explains_every_tag_that_the_stage_can_say() -> None:
    written = "".join(path.read_text() for path in Path(trial_build.__file__).parent.glob("trial_*.py"))
    said = set(re.findall(r'(?:BuildFailed|_hint)\(\s*"([a-z-]+)"', written))
    assert said == set(TAGS)


def test_the_page_and_the_api_show_the_choice_and_change_it(recipe: Recipe, ada: User, client: Client) -> None:
    client.force_login(ada)
    page = client.get(f"/recipes/{recipe.name}/team/")
    assert page.context["trial_builds_form"].initial == {"choice": "always"}
    client.post(f"/recipes/{recipe.name}/team/", {"act": "trial-builds", "choice": "never"})
    answer = client.get(f"/api/v1/recipes/{recipe.name}/trial-builds/")
    assert answer.json() == {"choice": "never", "wanted": False, "suites": ["bookworm", "trixie"]}
    refused = client.post(f"/recipes/{recipe.name}/team/", {"act": "trial-builds", "choice": "sometimes"})
    assert refused.status_code == 400


def test_the_api_s_answer_takes_few_queries(
    recipe: Recipe, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(3):
        assert client.get(f"/api/v1/recipes/{recipe.name}/trial-builds/").status_code == 200
