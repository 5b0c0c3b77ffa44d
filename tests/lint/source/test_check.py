"""From files to verdict with the real dpkg-source and lintian in the real sandbox."""

from __future__ import annotations

import functools

import pytest

from recipes_app.lint.protocol import profile
from recipes_app.lint.protocol.report import LintReport, Outcome, counts
from recipes_app.lint.sandbox.sandbox import SandboxLimits, run_sandboxed
from recipes_app.lint.source.check import Identity, explain_tags, lint_tree
from tests.factories import recipe_tree

pytestmark = pytest.mark.server

PATCH = "Description: x\nForwarded: no\n--- a/main.c\n+++ b/main.c\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n"
IDENTITY = Identity("hello-dur", "1.0-1", ["hello-dur"])


def lint(identity: Identity = IDENTITY, **files: str | None) -> LintReport:
    return lint_tree(recipe_tree(version=identity.version, **files), identity)


def tags(report: LintReport) -> set[str]:
    return {hint.tag for hint in report.hints}


def test_a_good_recipe_passes_with_hints() -> None:
    report = lint()
    assert (report.state, report.error) == (Outcome.PASSED, "")
    assert (report.tool, report.profile, report.mode) == ("lintian", profile.NAME, "recipe-only")
    assert report.tool_version
    assert 0 < report.duration_ms < 120_000
    assert "debian-watch-file-is-missing" in tags(report)


def test_an_error_of_lintians_fails_the_recipe() -> None:
    report = lint(**{"debian/rules": "#!/bin/sh\nmake $@\n"})
    assert report.state is Outcome.FAILED
    assert report.hints[0].severity == "error"


def test_what_only_concerns_the_archive_is_shown_with_its_reason() -> None:
    hints = {hint.tag: hint for hint in lint().hints}
    assert hints["debian-watch-file-is-missing"].reason == profile.NOT_COUNTED["debian-watch-file-is-missing"]
    assert hints["source-format"].context == "3.0 (quilt)"
    assert not counts(hints["source-format"])


def test_an_overridden_error_passes_and_stays_visible_with_its_justification() -> None:
    failing = lint(**{"debian/rules": "#!/bin/sh\nmake $@\n"})
    errors = {hint.tag for hint in failing.hints if hint.severity == "error"}
    overrides = "".join(f"# It is meant so.\n{tag}\n" for tag in sorted(errors))
    report = lint(**{"debian/rules": "#!/bin/sh\nmake $@\n", "debian/source/lintian-overrides": overrides})
    assert report.state is Outcome.PASSED
    overridden = [hint for hint in report.hints if hint.overridden]
    assert {hint.tag for hint in overridden} == errors
    assert {hint.justification for hint in overridden} == {"It is meant so."}


def test_patches_are_linted_over_what_they_touch() -> None:
    report = lint(**{"debian/patches/series": "fix.patch\n", "debian/patches/fix.patch": PATCH.partition("---")[1] + PATCH})
    assert report.state is Outcome.PASSED
    assert report.log.startswith("Upstream's files: preimages\n")


def test_patches_that_do_not_apply_to_their_preimage_are_set_aside() -> None:
    # Two places with the same lines, the second patch meaning the one that the first has changed away.
    twice = "--- a/main.c\n+++ b/main.c\n@@ -1,2 +1,2 @@\n-one\n+eins\n two\n@@ -1,2 +1,2 @@\n-one\n+uno\n two\n"
    report = lint(**{"debian/patches/series": "fix.patch\n", "debian/patches/fix.patch": twice})
    assert report.state is Outcome.PASSED
    assert "the patches were set aside" in report.log.splitlines()[0]


@pytest.mark.parametrize(
    ("identity", "files"),
    [
        (Identity("hello-dur", "1.0"), {"debian/source/format": "3.0 (native)\n"}),
        (Identity("hello-dur", "1.0"), {"debian/source/format": None}),
        (Identity("hello-dur", "1.0-1"), {"debian/source/format": "1.0\n"}),
        (Identity("hello-dur", "3:1.0~rc1-1"), {}),
    ],
    ids=["native", "1.0 native", "1.0 with diff", "epoch"],
)
def test_every_source_format_gets_a_verdict(identity: Identity, files: dict[str, str | None]) -> None:
    report = lint(identity, **files)
    assert report.state is Outcome.PASSED, report.error


def test_what_dpkg_source_refuses_is_an_error_with_its_words() -> None:
    report = lint(**{"debian/control": "Source: hello-dur\nMaintainer: A <a@example.org>\n\nno paragraph at all\n"})
    assert report.state is Outcome.ERROR
    assert report.error.startswith("dpkg-source cannot build a source package of this recipe: dpkg-source: error:")


def test_a_lintian_that_computes_too_long_is_told_as_that() -> None:
    hurried = functools.partial(run_sandboxed, limits=SandboxLimits(cpu_seconds=1))
    report = lint_tree(recipe_tree(), IDENTITY, run=hurried)
    assert report.state is Outcome.ERROR
    assert report.error.startswith("lint was stopped: lintian computed for more than ")


def test_a_refused_recipe_is_an_error_without_a_run() -> None:
    report = lint(**{"debian/patches/series": "../../../etc/passwd\n"})
    assert (report.state, report.tool_version) == (Outcome.ERROR, "")
    assert "leaves the folder" in report.error


def test_a_changelog_full_of_escape_sequences_is_printable_in_the_report() -> None:
    report = lint(**{"debian/source/lintian-overrides": "# \x1b[31m<script>\ndebian-watch-file-is-missing\n"})
    assert "\x1b" not in str(report.to_json())


def test_rules_of_the_recipe_are_not_run() -> None:
    """debian/rules would leave its mark in the log: neither dpkg-source --build nor lintian runs it."""
    report = lint(**{"debian/rules": "#!/usr/bin/make -f\n$(info RULES-WERE-RUN)\n%:\n\tdh $@\n"})
    assert "RULES-WERE-RUN" not in report.log


def test_lintian_explains_its_tags() -> None:
    catalogue = explain_tags()
    entries = {entry["tag"]: entry for entry in catalogue["tags"]}
    assert len(entries) > 1000
    assert "debian/watch" in entries["debian-watch-file-is-missing"]["explanation"]
