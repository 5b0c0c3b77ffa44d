"""What the measurement of the recipe-only lint compares, and that it remembers what it ran."""

from pathlib import Path

import pytest

from benchmarks.agreement import Score, UpstreamTag, about_packaging, upstream_tags
from benchmarks.agreement_cases import KeptRuns, wanted
from recipes_app.lint.protocol.report import Hint, HintSeverity
from recipes_app.lint.source.lintian import STUB_TAGS

EXCLUDED = {"upstream-tag": UpstreamTag("why"), "pattern-tag": UpstreamTag("why", "debian/")}


def hint(tag: str, context: str = "", path: str = "", severity: HintSeverity = HintSeverity.WARNING) -> Hint:
    return Hint(severity, tag, "src:hello", context=context, path=path)


@pytest.mark.parametrize(
    ("given", "is_compared"),
    [
        (hint("some-tag"), True),
        (hint("some-tag", path="debian/rules"), True),
        (hint("some-tag", path="src/main.c"), False),
        (hint("some-tag", severity=HintSeverity.CLASSIFICATION), False),
        (hint("upstream-tag"), False),
        (hint("pattern-tag", "src/*", "debian/copyright"), False),
        (hint("pattern-tag", "debian/gone", "debian/copyright"), True),
    ],
)
def test_tags_about_the_packaging_are_compared(given: Hint, is_compared: bool) -> None:
    assert about_packaging([given], EXCLUDED, is_native=False) == ({given.tag} if is_compared else set())


def test_of_a_native_package_everything_is_compared_but_facts() -> None:
    given = [hint("upstream-tag"), hint("some-tag", path="src/main.c"), hint("fact", severity=HintSeverity.CLASSIFICATION)]
    assert about_packaging(given, EXCLUDED, is_native=True) == {"upstream-tag", "some-tag"}


def test_each_tag_that_is_left_out_has_its_reason() -> None:
    tags = upstream_tags()
    assert all(rule.reason for rule in tags.values())
    assert STUB_TAGS.keys() <= tags.keys()


def test_precision_and_recall() -> None:
    score = Score({("a", "x"), ("b", "x"), ("b", "y")}, {("a", "y")}, {("c", "x"), ("c", "y"), ("c", "z")})
    assert (score.precision, score.recall) == (0.75, 0.5)


def test_the_list_has_every_kind_and_no_name_twice() -> None:
    names = [name for _, name in wanted()]
    assert len(names) == len(set(names))
    assert {kind for kind, _ in wanted()} == {"python", "perl", "library", "native", "program", "other"}


@pytest.mark.server
def test_a_program_that_ran_is_not_run_again(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "cat; date +%N >&2; exit 3"]
    first = KeptRuns(tmp_path)(command, stdin=b"\xff\x00")
    again = KeptRuns(tmp_path)
    assert again(command, stdin=b"\xff\x00") == first
    assert (first.stdout, first.exit_status, again.fresh) == (b"\xff\x00", 3, 0)
    again(command, stdin=b"other")
    assert again.fresh == 1
