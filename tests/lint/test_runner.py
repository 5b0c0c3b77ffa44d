"""The runner with the real git: fetching, the rules that are asked again, and cleaning up."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest

from recipes_app.lint.protocol.assignment import Assignment
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.runner import read_recipe, run_assignment
from recipes_app.lint.sandbox.cgroups import process_namespace
from tests.factories import commit_tree, git, recipe_tree

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the runner makes its folders, so that a test can see what it leaves behind."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def asked(clone_url: str, commit: str, stage: Stage = Stage.SOURCE_LINT) -> Assignment:
    return Assignment(job=1, stage=stage, clone_url=clone_url, commit=commit, recipe="hello-dur")


def lint(work: Path, commit: str, stage: Stage = Stage.SOURCE_LINT) -> LintReport:
    return run_assignment(asked(f"file://{work}/.git", commit, stage), protocols=["file"])


def test_a_commit_is_fetched_and_linted_and_nothing_is_left(tmp_path: Path, temporary_folder: Path) -> None:
    commit = commit_tree(recipe_tree(), tmp_path / "work")
    assert lint(tmp_path / "work", commit).state is Outcome.PASSED
    assert list(temporary_folder.iterdir()) == []


def test_the_recipe_checks_are_a_report_with_place_and_origin(tmp_path: Path) -> None:
    changelog = recipe_tree()["debian/changelog"].replace(b"Mon, 02 Jan 2023", b"Thu, 02 Jan 2098")
    commit = commit_tree(recipe_tree(**{"debian/changelog": changelog}), tmp_path / "work")
    report = lint(tmp_path / "work", commit, Stage.RECIPE_CHECKS)
    assert (report.stage, report.tool, report.error) == ("recipe-checks", "recipe-checks", "")
    assert report.tool_version
    [dated] = [hint for hint in report.hints if hint.tag == "DUR402"]
    assert (dated.origin, dated.path, dated.line) == ("recipe-checks", "debian/changelog", 5)


def test_an_old_commit_is_linted_as_it_was(tmp_path: Path) -> None:
    old = commit_tree(recipe_tree(), tmp_path / "work")
    commit_tree(recipe_tree(version="2.0-1", **{"debian/rules": "#!/bin/sh\n"}), tmp_path / "work")
    assert lint(tmp_path / "work", old).state is Outcome.PASSED


def test_executable_files_are_known_from_git(tmp_path: Path) -> None:
    commit = commit_tree(recipe_tree(), tmp_path / "work")
    assert read_recipe(tmp_path / "work" / ".git", commit).executables == {"debian/rules"}


@pytest.mark.parametrize(
    "protocol", ["ext::sh -c 'touch /tmp/owned'", "ssh://example.org/x", "file:///etc", "-u/bin/sh", "git://x/y"]
)
def test_protocols_other_than_http_are_refused(protocol: str) -> None:
    report = run_assignment(asked(protocol, "0" * 40))
    assert report.state is Outcome.ERROR
    assert "is refused" in report.error


@pytest.mark.parametrize("commit", ["HEAD", "--upload-pack=touch", "a" * 39, "A" * 40, ""])
def test_only_a_full_commit_id_is_fetched(commit: str) -> None:
    report = run_assignment(asked("http://127.0.0.1:9/x.git", commit))
    assert "is no commit" in report.error


def test_a_commit_that_is_not_there_is_an_error_in_gits_words(tmp_path: Path, temporary_folder: Path) -> None:
    commit_tree(recipe_tree(), tmp_path / "work")
    report = lint(tmp_path / "work", "1" * 40)
    assert report.state is Outcome.ERROR
    assert report.error.startswith("the commit cannot be fetched: ")
    assert list(temporary_folder.iterdir()) == []


def test_a_server_that_is_not_there_is_an_error(temporary_folder: Path) -> None:
    report = run_assignment(asked("http://127.0.0.1:9/x.git", "0" * 40))
    assert report.error.startswith("the commit cannot be fetched: ")


def test_the_rules_of_a_push_are_asked_again(tmp_path: Path) -> None:
    work = tmp_path / "work"
    commit_tree(recipe_tree(), work)
    (work / "debian/control").unlink()
    (work / "debian/control").symlink_to("/dev/zero")
    git("add", "-A", cwd=work)
    git("commit", "-qm", "evil", cwd=work)
    report = lint(work, git("rev-parse", "HEAD", cwd=work).strip())
    assert report.state is Outcome.ERROR
    assert "debian/control: is a symbolic link" in report.error


def test_a_tree_that_is_no_recipe_is_an_error(tmp_path: Path) -> None:
    commit = commit_tree({"README": b"nothing"}, tmp_path / "work")
    assert lint(tmp_path / "work", commit).error.startswith("the recipe cannot be read: ")


def test_what_a_killed_runner_left_behind_is_removed(tmp_path: Path, temporary_folder: Path) -> None:
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    (temporary_folder / f"recipe-lint-{process_namespace()}-{ended.pid}-abc").mkdir()
    (temporary_folder / f"recipe-lint-{process_namespace()}-1-abc").mkdir()
    run_assignment(asked("http://127.0.0.1:9/x.git", "0" * 40))
    assert [each.name for each in temporary_folder.iterdir()] == [f"recipe-lint-{process_namespace()}-1-abc"]
