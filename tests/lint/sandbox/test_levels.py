"""The same recipe gets the same hints at each level of the sandbox, and a runner tells the level that it has."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from recipes_app.limits import LINT_ABSENT_SECONDS
from recipes_app.lint.build.build_room import require_root
from recipes_app.lint.local import read_folder
from recipes_app.lint.protocol.assignment import Assignment
from recipes_app.lint.protocol.report import LintReport, Outcome, ReportError
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.runner import run_assignment, run_stage
from recipes_app.lint.sandbox import confined, levels
from recipes_app.lint.sandbox.levels import Level, SandboxUnavailable
from recipes_app.models import LintRunner
from recipes_app.services.lint import jobs, progress, runners
from tests.factories import commit_tree, make_recipe, recipe_tree
from tests.services.lint.test_queue import add_job, add_revision

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture
def confined_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """The level confined, where this kernel can keep it."""
    if reason := confined.why_not_confined():
        pytest.skip(reason)
    monkeypatch.setenv(levels.VARIABLE, Level.CONFINED)


@pytest.mark.server
@pytest.mark.namespaces
@pytest.mark.parametrize("name", ["hello-moon", "lint-parade"])
def test_a_recipe_gets_the_same_hints_at_each_level(name: str, confined_level: None, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = read_folder(EXAMPLES / name)
    reports = []
    for level in Level:
        monkeypatch.setenv(levels.VARIABLE, level)
        reports.append([run_stage(stage, recipe, facts={}) for stage in (Stage.RECIPE_CHECKS, Stage.SOURCE_LINT)])
    by_namespaces, by_landlock = reports
    assert [report.error for report in by_landlock] == ["", ""]
    assert [(report.state, report.hints) for report in by_landlock] == [(report.state, report.hints) for report in by_namespaces]


@pytest.mark.server
def test_a_report_says_at_which_level_it_was_made(level: Level, tmp_path: Path) -> None:
    commit = commit_tree(recipe_tree(), tmp_path / "work")
    asked = Assignment(
        job=1, stage=Stage.SOURCE_LINT, clone_url=f"file://{tmp_path}/work/.git", commit=commit, recipe="hello-dur"
    )
    report = run_assignment(asked, protocols=["file"])
    assert (report.error, report.state, report.sandbox) == ("", Outcome.PASSED, level)
    assert LintReport.from_json(report.to_json()) == report


def test_a_level_that_there_is_not_is_no_report() -> None:
    with pytest.raises(ReportError, match="sandbox is 'none'"):
        LintReport.from_json(LintReport(Outcome.PASSED, sandbox="none").to_json())


def test_a_trial_build_needs_namespaces(confined_level: None) -> None:
    with pytest.raises(SandboxUnavailable, match="a trial build needs user namespaces, and this runner has none"):
        require_root()


@pytest.mark.django_db
def test_the_level_is_kept_with_the_job() -> None:
    job = add_job(add_revision(make_recipe()))
    assert jobs.record_report(job.pk, LintReport(Outcome.PASSED, tool_version="1", sandbox="confined").to_json())
    job.refresh_from_db()
    assert (job.state, job.sandbox) == ("passed", "confined")


@pytest.mark.django_db
def test_who_waits_is_told_whether_a_runner_is_there() -> None:
    job = add_job(add_revision(make_recipe()))
    assert progress.progress_of([job]).has_no_runner
    runners.note("lint@one", "confined")
    assert not progress.progress_of([job]).has_no_runner
    later = timezone.now() + timedelta(seconds=LINT_ABSENT_SECONDS + 1)
    assert progress.progress_of([job], later).has_no_runner


@pytest.mark.django_db
def test_a_runner_is_one_row_however_often_it_tells() -> None:
    runners.note("lint@one", "namespaces")
    runners.note("lint@one", "confined")
    assert [str(runner) for runner in LintRunner.objects.all()] == ["lint@one (confined)"]


@pytest.mark.django_db
@pytest.mark.parametrize("told", [(None, "confined"), ("", "confined"), ("lint@one", "none"), ("lint@one", ["confined"])])
def test_what_is_no_runner_is_left_out(told: tuple[object, object], caplog: pytest.LogCaptureFixture) -> None:
    runners.note(*told)
    assert not LintRunner.objects.exists()
    assert "in an unknown shape" in caplog.text


@pytest.mark.django_db
def test_made_up_names_do_not_fill_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "_MOST_KEPT", 3)
    for number in range(5):
        runners.note(f"lint@{number}", "confined")
    assert {runner.name for runner in LintRunner.objects.all()} == {"lint@2", "lint@3", "lint@4"}
