"""shellcheck on maintainer scripts: the real program in the real sandbox, and its output read strictly."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from recipes_app.limits import MAX_CHECKED_SCRIPT_BYTES, MAX_FINDINGS_PER_CHECK, MIB
from recipes_app.lint.checks.registry import CHECKS_VERSION
from recipes_app.lint.protocol.report import Hint, HintSeverity, LintReport, Outcome
from recipes_app.lint.recipe_checks import check_recipe, is_security_error, tool_version
from recipes_app.lint.sandbox.levels import SandboxUnavailable
from recipes_app.lint.sandbox.supervise import ProcessResult
from recipes_app.lint.source import shellcheck
from recipes_app.lint.source.shellcheck import (
    LIMITS,
    NOT_ASKED,
    Shellchecked,
    ShellcheckOutputError,
    parse_output,
    run_shellcheck,
    shell_scripts,
    shellcheck_version,
)
from recipes_app.lint.source.shellcheck_tags import shellcheck_tag
from tests.factories import recipe_tree

UNQUOTED = b"#!/bin/sh\nset -e\nrm -f $1\n\n#DEBHELPER#\n"
QUOTED = UNQUOTED.replace(b"$1", b'"$1"')
# It keeps shellcheck busy for longer than anybody has waited, and the second one fills its memory.
ENDLESS = b"#!/bin/sh\necho " + b"$((" * 15 + b"\n"
HUNGRY = b"#!/bin/sh\n" + b"".join(b"a%d=$a%d\n" % (number, number - 1) for number in range(20_000))
COMMENT = {
    "file": "0", "line": 3, "endLine": 3, "column": 7, "endColumn": 9, "level": "info", "code": 2086, "message": "Quote.",
    "fix": None,
}  # fmt: skip


def look(scripts: dict[str, bytes], **limits: Any) -> Shellchecked:
    return run_shellcheck(scripts, "src:hello-dur", limits=replace(LIMITS, **limits))


def places(found: Shellchecked) -> list[tuple[str, str, int | None]]:
    assert found.problem == ""
    return [(hint.tag, hint.path, hint.line) for hint in found.hints]


def ended(output: bytes = b"", **facts: Any) -> ProcessResult:
    members = {"exit_status": 0, "stderr_tail": "", "timed_out": False, "output_truncated": False, "memory_exceeded": False}
    return ProcessResult(stdout=output, duration=0.1, **(members | facts))


@pytest.mark.server
def test_a_finding_has_its_file_and_line_and_a_mended_script_has_none() -> None:
    found = look({"debian/postinst": UNQUOTED})
    [hint] = found.hints
    assert (hint.tag, hint.path, hint.line) == ("shellcheck-SC2086", "debian/postinst", 3)
    assert (hint.package, hint.origin, hint.severity) == ("src:hello-dur", "shellcheck", HintSeverity.PEDANTIC)
    assert "quote" in hint.context
    assert look({"debian/postinst": QUOTED}) == Shellchecked()


@pytest.mark.server
def test_bash_may_what_sh_may_not() -> None:
    body = b"\nif [[ -n ${1} ]]; then exit 1; fi\n"
    found = look({"debian/a.prerm": b"#!/bin/bash" + body, "debian/b.prerm": b"#!/bin/sh" + body})
    assert places(found) == [("shellcheck-SC3010", "debian/b.prerm", 2)]
    assert found.hints[0].severity is HintSeverity.INFO


@pytest.mark.server
def test_what_debian_policy_grants_every_sh_is_not_complained_of() -> None:
    script = b"""#!/bin/sh
set -e
. /usr/share/debconf/confmodule
. "$LIBRARY"
greet() {
    local name
    name="$1"
    if [ -n "$name" -a -n "$2" ]; then
        #DEBHELPER#
    fi
    echo -n "$name"
}
unused=1
exit 0
greet "$@"
"""
    assert look({"debian/postinst": script}) == Shellchecked()


@pytest.mark.server
def test_a_script_may_say_that_a_line_is_meant() -> None:
    assert look({"debian/postinst": UNQUOTED.replace(b"rm", b"# shellcheck disable=SC2086\nrm")}) == Shellchecked()


@pytest.mark.server
def test_names_are_no_options_and_files_of_the_recipe_no_configuration() -> None:
    tree = {
        "debian/--external-sources.postinst": UNQUOTED,
        "debian/-e SC2086.config": UNQUOTED,
        "debian/$(touch x)\n.prerm": UNQUOTED,
        ".shellcheckrc": b"disable=all\n",
    }
    shown = ["debian/$(touch x)\n.prerm", "debian/--external-sources.postinst", "debian/-e SC2086.config"]
    assert [hint.path for hint in look(tree).hints] == shown


@pytest.mark.server
def test_bytes_that_are_no_utf8_are_looked_at_too() -> None:
    assert places(look({"debian/postrm": UNQUOTED.replace(b"set", b"# f\xfcr \xff\xfe\nset")})) == [
        ("shellcheck-SC2086", "debian/postrm", 4)
    ]


@pytest.mark.server
def test_a_script_that_shellcheck_cannot_read_is_a_warning_at_its_line() -> None:
    found = look({"debian/preinst": b"#!/bin/sh\nif true; then\n  echo\n"})
    assert {hint.severity for hint in found.hints} <= {HintSeverity.WARNING, HintSeverity.PEDANTIC}
    assert ("shellcheck-SC1073", "debian/preinst", 2) in places(found)


@pytest.mark.server
def test_no_file_of_the_machine_is_read_for_a_script() -> None:
    script = b"#!/bin/sh\n# shellcheck source=/etc/os-release\n. ./x\n# shellcheck source=/proc/self/environ\n. ./y\n"
    assert look({"debian/postinst": script}) == Shellchecked()


@pytest.mark.server
@pytest.mark.parametrize(
    ("script", "limits", "reason"),
    [
        (ENDLESS, {"wall_seconds": 2}, "it was stopped: it took too long"),
        (HUNGRY, {"memory_bytes": 512 * MIB}, "it ended with status 251: shellcheck: out of memory"),
        (b"#!/bin/sh\n" + b"echo $a\n" * 500, {"output_bytes": 10_000}, "it was stopped: it printed too much"),
    ],
    ids=["time", "memory", "output"],
)
def test_a_hostile_script_is_stopped_and_the_report_says_why(script: bytes, limits: dict[str, Any], reason: str) -> None:
    started = time.monotonic()
    found = look({"debian/a.postinst": UNQUOTED, "debian/b.postinst": script}, **limits)
    assert found.hints == ()
    assert found.problem == f"shellcheck has not looked at the maintainer scripts: {reason}"
    assert time.monotonic() - started < 30
    assert len(look({"debian/a.postinst": UNQUOTED}).hints) == 1


@pytest.mark.server
def test_what_is_found_too_often_is_cut_and_counted() -> None:
    found = look({"debian/postinst": b"#!/bin/sh\n" + b"echo $a\n" * 50 + b'read b; echo "$b"\n'})
    tags = [hint.tag for hint in found.hints]
    assert tags.count("shellcheck-SC2086") == MAX_FINDINGS_PER_CHECK
    assert tags.count("shellcheck-SC2162") == 1
    assert found.log == f"shellcheck: {50 - MAX_FINDINGS_PER_CHECK} more places of SC2086 were left out."


@pytest.mark.parametrize(
    ("path", "content", "is_one"),
    [
        ("debian/postinst", b"#!/bin/sh -e\n", True),
        ("debian/hello.postrm", b"#! /usr/bin/env bash\n", True),
        ("debian/hello.preinst", b"#!/bin/dash\n", True),
        ("debian/hello.prerm", b"rm x\n", True),
        ("debian/hello.config", b"#!/bin/sh\n", True),
        ("debian/hello.init", b"#!/bin/sh\n", True),
        ("debian/kernel.config", b"CONFIG_X=y\n", False),
        ("debian/hello.init", b"words\n", False),
        ("debian/postinst", b"#!/usr/bin/perl\n", False),
        ("debian/postinst", b"#!/usr/bin/python3\n", False),
        ("debian/postinst", b"#!/bin/sh\n\0", False),
        ("debian/postinst.in", b"#!/bin/sh\n", False),
        ("debian/sub/postinst", b"#!/bin/sh\n", False),
        ("postinst", b"#!/bin/sh\n", False),
        ("debian/rules", b"#!/bin/sh\n", False),
    ],
)
def test_scripts_are_known_by_name_and_first_line(path: str, content: bytes, is_one: bool) -> None:
    assert list(shell_scripts({path: content})) == ([path] if is_one else [])


def test_nothing_is_run_for_a_recipe_without_scripts() -> None:
    def never(*_: object, **__: object) -> ProcessResult:
        raise AssertionError("a program was run")

    assert run_shellcheck({"debian/rules": b"#!/usr/bin/make -f\n"}, "src:x", run=never) == Shellchecked()


def test_more_text_than_any_package_has_is_not_handed_over() -> None:
    tree = {f"debian/{number}.postinst": b"#" * (MAX_CHECKED_SCRIPT_BYTES // 4) for number in range(5)}
    assert "bytes together" in run_shellcheck(tree, "src:x").problem


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (ended(b"", exit_status=2, stderr_tail="0: unreadable\n"), "it ended with status 2: 0: unreadable"),
        (ended(b"", exit_status=-9), "it ended with status -9: it said nothing"),
        (ended(b"", timed_out=True), "it was stopped: it took too long"),
        (ended(b"", memory_exceeded=True), "it was stopped: it used too much memory"),
        (ended(b"nonsense"), "it did not print JSON: "),
        (ended(b"[" * 100_000), "it did not print JSON: "),
        (ended(b'{"comments": [], "more": 1}'), "its output is of an unknown shape at the document's members: "),
        (ended(b'{"comments": {}}'), "its output is of an unknown shape at comments: "),
    ],
)
def test_every_way_to_fail_is_one_clear_line(result: ProcessResult, reason: str) -> None:
    found = run_shellcheck({"debian/postinst": UNQUOTED}, "src:x", run=lambda *_, **__: result)
    assert found.problem.startswith(f"shellcheck has not looked at the maintainer scripts: {reason}")
    assert "\n" not in found.problem
    assert found.hints == ()


def test_without_a_sandbox_nothing_is_run() -> None:
    def none(*_: object, **__: object) -> ProcessResult:
        raise SandboxUnavailable("the program bwrap is missing: install the package bubblewrap")

    assert "install the package bubblewrap" in run_shellcheck({"debian/postinst": UNQUOTED}, "src:x", run=none).problem


@pytest.mark.parametrize(
    "change",
    [
        {"file": "1"}, {"file": "debian/postinst"}, {"file": 0}, {"line": 0}, {"line": -1}, {"line": "3"}, {"line": True},
        {"column": 1.5}, {"code": 99}, {"code": 123_456}, {"level": "fatal"}, {"level": ["info"]}, {"message": None}, {"new": 1},
    ],
    ids=str,
)  # fmt: skip
def test_an_unknown_member_or_value_is_no_report(change: dict[str, object]) -> None:
    assert len(parse_output(json.dumps({"comments": [COMMENT]}).encode(), 1)) == 1
    with pytest.raises(ShellcheckOutputError, match="unknown shape at a comment"):
        parse_output(json.dumps({"comments": [COMMENT | change]}).encode(), 1)


def test_words_of_the_tool_are_cleaned() -> None:
    odd = ended(json.dumps({"comments": [COMMENT | {"message": "\x1b[31mred\u202e"}]}).encode())
    [hint] = run_shellcheck({"debian/postinst": UNQUOTED}, "src:x", run=lambda *_, **__: odd).hints
    assert hint.context == "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}"


def broken(tree: object, package: str) -> Shellchecked:
    return Shellchecked(problem="shellcheck has not looked at the maintainer scripts: it was stopped: it took too long")


def stage(scripts: dict[str, bytes], **how: Any) -> LintReport:
    report = check_recipe(recipe_tree() | scripts, "hello-dur", {}, **how)
    # What the portal would keep of it.
    assert LintReport.from_json(report.to_json()) == report
    return report


@pytest.mark.server
def test_the_stage_has_both_and_names_both_versions() -> None:
    report = stage({"debian/postinst": UNQUOTED.replace(b"rm", b"systemctl start x\nrm")})
    assert {hint.origin for hint in report.hints} == {"recipe-checks", "shellcheck"}
    assert (report.state, report.error) == (Outcome.PASSED, "")
    assert report.tool_version == tool_version() == f"{CHECKS_VERSION}, shellcheck {shellcheck_version()}"
    assert stage({}).tool_version == report.tool_version


def test_without_shellcheck_the_stage_has_no_verdict_and_keeps_our_own_hints() -> None:
    report = stage({"debian/postinst": UNQUOTED.replace(b"rm", b"systemctl start x\nrm")}, shellcheck=broken)
    assert report.state is Outcome.ERROR
    assert report.error.endswith("it took too long")
    assert "DUR758" in {hint.tag for hint in report.hints}
    assert report.tool_version == CHECKS_VERSION


def test_a_script_cannot_hide_an_error_of_ours_by_stopping_shellcheck() -> None:
    report = stage({"debian/postinst": b"#!/bin/sh\ncurl https://example.org/x | sh\n"}, shellcheck=broken)
    assert report.state is Outcome.FAILED
    assert any(is_security_error(hint.severity, hint.tag) for hint in report.hints)
    assert report.error.endswith("it took too long")


def test_a_machine_without_the_program_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(shellcheck.ENVIRONMENT, "PATH", "/nowhere")
    report = stage({"debian/postinst": QUOTED})
    assert report.error.endswith("the program is missing: install the package shellcheck")
    assert (report.state, report.tool_version) == (Outcome.ERROR, CHECKS_VERSION)
    assert stage({}).state is Outcome.PASSED


def test_no_level_of_shellcheck_is_an_error_here() -> None:
    levels = [COMMENT | {"level": level} for level in ("error", "warning", "info", "style")]
    result = ended(json.dumps({"comments": levels}).encode(), exit_status=1)
    found: tuple[Hint, ...] = run_shellcheck({"debian/postinst": UNQUOTED}, "src:x", run=lambda *_, **__: result).hints
    assert {hint.severity for hint in found} == {HintSeverity.WARNING, HintSeverity.INFO, HintSeverity.PEDANTIC}


def test_a_code_that_is_not_asked_has_a_reason_and_each_other_a_text() -> None:
    assert all(reason.endswith(".") for reason in NOT_ASKED.values())
    for code in ("SC2086", "SC1073", "SC9999"):
        known = shellcheck_tag(f"shellcheck-{code}")
        assert known is not None
        assert f"https://www.shellcheck.net/wiki/{code}" in known.see_also[0]
    for tag in ("shellcheck-SC086", "shellcheck-SC20866", "shellcheck-2086", "SC2086", "shellcheck-SC2086/../x"):
        assert shellcheck_tag(tag) is None
