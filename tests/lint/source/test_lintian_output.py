from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recipes_app.lint.protocol.report import Hint, HintSeverity
from recipes_app.lint.source.lintian import (
    LintianOutputError,
    lintian_command,
    package_of,
    parse_explanations,
    parse_output,
    without_false_hints,
)

DATA = Path(__file__).parents[1] / "data"
RECORDED = DATA / "lintian-2.116.3-hello.json"
# One and the same source package, looked at by bookworm's lintian and by trixie's.
GENERATIONS = {"2.116.3+deb12u1": DATA / "lintian-2.116.3-defects.json", "2.122.0+deb13u1": DATA / "lintian-2.122.0-defects.json"}


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The recorded output after `change` was made to its one input file."""
    document = json.loads(RECORDED.read_bytes())
    change(document["groups"][0]["input_files"][0])
    return json.dumps(document).encode()


def test_the_recorded_output_of_bookworm_is_read() -> None:
    output = parse_output(RECORDED.read_bytes())
    assert (output.version, output.files, len(output.hints)) == ("2.116.3+deb12u1", 1, 5)
    assert output.hints[0] == Hint(HintSeverity.WARNING, "bad-homepage", "src:hello-dur", context="not a url")


@pytest.mark.parametrize("version", GENERATIONS)
def test_the_recorded_outputs_of_bookworm_and_trixie_have_one_shape(version: str) -> None:
    output = parse_output(GENERATIONS[version].read_bytes())
    assert (output.version, output.files) == (version, 1)
    worst = [hint for hint in output.hints if hint.severity is HintSeverity.ERROR]
    assert [(hint.tag, hint.path, hint.line) for hint in worst] == [
        ("alien-tag", "debian/source/lintian-overrides", 3),
        ("missing-build-dependency-for-dh-addon", "debian/rules", None),
    ]
    assert ("source-format", "3.0 (quilt)") in {(hint.tag, hint.context) for hint in output.hints}


def test_a_pointer_gives_path_and_line_zero_is_no_line() -> None:
    [hint] = [each for each in parse_output(RECORDED.read_bytes()).hints if each.tag == "quilt-patch-missing-description"]
    assert (hint.path, hint.line) == ("debian/patches/fix.patch", None)


def test_a_line_of_a_pointer_is_kept() -> None:
    output = changed(lambda file: file["hints"][3]["pointer"].update(line_position=7))
    assert parse_output(output).hints[3].line == 7


def test_masked_hints_are_dropped() -> None:
    output = changed(lambda file: file["hints"][0].update(masks=[{"screen": "x", "excuse": "y"}]))
    assert "bad-homepage" not in {hint.tag for hint in parse_output(output).hints}


def test_escape_sequences_in_a_note_lose_their_power() -> None:
    output = changed(lambda file: file["hints"][0].update(note="\x1b[31mred\x00 <script>"))
    assert parse_output(output).hints[0].context == "\ufffd[31mred\ufffd <script>"


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file["hints"][0].update(severity="error"),
        lambda file: file["hints"][0].pop("tag"),
        lambda file: file["hints"][0].update(visibility="catastrophe"),
        lambda file: file["hints"][0].update(note=None),
        lambda file: file["hints"][0].update(experimental="no"),
        lambda file: file["hints"][3].update(pointer={"file": "x"}),
        lambda file: file["hints"][3]["pointer"].update(item={"name": "debian/x"}),
        lambda file: file["hints"][0].update(override={"justification": "applied by lintian itself"}),
        lambda file: file["hints"][0].update(masks="all"),
        lambda file: file["hints"][0].update(masks=[{"screen": "x"}]),
        lambda file: file["hints"][3]["pointer"].update(line_position="3"),
        lambda file: file.pop("path"),
        lambda file: file.update(tags=[]),
        lambda file: file.update(hints=["a hint"]),
    ],
)
def test_an_unknown_shape_is_said_and_never_a_verdict(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(LintianOutputError, match="unknown shape"):
        parse_output(changed(change))


@pytest.mark.parametrize("member", ["group_id", "source_name", "source_version", "input_files"])
def test_a_group_that_lacks_a_member_is_of_an_unknown_shape(member: str) -> None:
    document = json.loads(RECORDED.read_bytes())
    del document["groups"][0][member]
    with pytest.raises(LintianOutputError, match="a group"):
        parse_output(json.dumps(document).encode())


@pytest.mark.parametrize("output", [b"", b"E: hello: some-tag\n", b"[]", b"null", b"{}", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_no_document_of_lintian_is_said(output: bytes) -> None:
    with pytest.raises(LintianOutputError):
        parse_output(output)


def test_tags_that_the_stub_draws_are_taken_back() -> None:
    def hint(tag: str, context: str = "") -> Hint:
        return Hint(HintSeverity.WARNING, tag, "src:hello", context=context)

    kept = [hint("superfluous-file-pattern", "debian/gone"), hint("no-dep5-copyright")]
    false = [hint("empty-upstream-sources"), hint("superfluous-file-pattern", "src/*")]
    assert list(without_false_hints([*kept, *false])) == kept


@pytest.mark.parametrize(
    ("path", "package"),
    [("hello_1.0-1.dsc", "src:hello"), ("/tmp/hello-data_1.0-1_all.deb", "hello-data"), ("x_1.changes", "x_1.changes")],
)
def test_packages_are_named_as_the_bug_tracker_does(path: str, package: str) -> None:
    assert package_of(path) == package


def test_lintian_itself_applies_no_override_and_reads_no_configuration() -> None:
    command = lintian_command("hello_1.0-1.dsc")
    assert {"--no-cfg", "--no-user-dirs", "--no-override"} <= set(command)
    assert command[-2:] == ["--", "hello_1.0-1.dsc"]


def test_explanations_are_read() -> None:
    entry = {
        "name": "some-tag", "visibility": "error", "explanation": "Text", "see_also": ["Bug#1"], "experimental": False,
        "lintian_version": "2.1", "check": "x", "renamed_from": [], "screens": [], "show_always": False, "name_spaced": False,
    }  # fmt: skip
    catalogue = parse_explanations(json.dumps([entry]).encode())
    assert (catalogue["tool_version"], catalogue["tags"][0]["tag"]) == ("2.1", "some-tag")


@pytest.mark.parametrize("output", [b"[]", b"{}", b'[{"name": "x"}]'])
def test_explanations_of_an_unknown_shape_are_said(output: bytes) -> None:
    with pytest.raises(LintianOutputError):
        parse_explanations(output)
