from __future__ import annotations

import time

import pytest

from recipes_app.lint.protocol.report import Hint, HintSeverity
from recipes_app.lint.source.overrides import Override, TagFacts, apply_overrides, matches, parse_overrides, read_overrides

FACTS = TagFacts()


def hint(tag: str = "some-tag", **members: object) -> Hint:
    return Hint(**{"severity": HintSeverity.ERROR, "tag": tag, "package": "src:hello", **members})


def parsed(text: str) -> list[Override]:
    return list(parse_overrides(text, "hello", kind="source"))


@pytest.mark.parametrize("prefix", ["", "hello: ", "hello source: ", "source: ", "hello [amd64 i386] source: ", "[amd64]: "])
def test_package_architectures_and_type_are_optional(prefix: str) -> None:
    assert parsed(f"{prefix}some-tag a context\n") == [Override("src:hello", "some-tag", "a context", "")]


def test_the_comment_above_is_the_justification() -> None:
    assert parsed("# It is\n# meant so.\nsome-tag\n")[0].justification == "It is meant so."


def test_a_justification_carries_over_to_the_same_tag_and_ends_at_an_empty_line() -> None:
    lines = parsed("# why\nsome-tag a\nsome-tag b\nother-tag\n\nsome-tag c\n")
    assert [each.justification for each in lines] == ["why", "why", "", ""]


def test_a_line_whose_colon_is_missing_is_passed_over() -> None:
    assert parsed("hello source some-tag\n") == []


def test_an_override_without_context_covers_every_hint_of_its_tag() -> None:
    covered, other = apply_overrides([hint(context="x"), hint("other-tag")], parsed("# so\nsome-tag\n"), FACTS)
    assert (covered.overridden, covered.justification) == (True, "so")
    assert not other.overridden


def test_the_context_is_matched_with_the_pointer_as_lintian_prints_it() -> None:
    [covered] = apply_overrides(
        [hint(context="note", path="debian/rules", line=3)], parsed("some-tag note [debian/rules:*]\n"), FACTS
    )
    assert covered.overridden


def test_another_packages_hint_is_not_covered() -> None:
    [left] = apply_overrides([hint(package="hello")], parsed("some-tag\n"), FACTS)
    assert not left.overridden


def test_a_tag_that_lintian_always_shows_cannot_be_overridden() -> None:
    [left] = apply_overrides([hint()], parsed("some-tag\n"), TagFacts(durable=frozenset({"some-tag"})))
    assert not left.overridden


def test_an_override_by_a_tags_old_name_counts() -> None:
    [covered] = apply_overrides([hint()], parsed("old-tag\n"), TagFacts(renamed={"old-tag": "some-tag"}))
    assert covered.overridden


def test_files_of_source_and_binary_packages_are_read() -> None:
    tree = {
        "debian/source/lintian-overrides": b"tag-a\n",
        "debian/hello-data.lintian-overrides": b"tag-b\n",
        "debian/lintian-overrides": b"tag-c\n",
    }
    found = read_overrides(tree, "hello", ["hello", "hello-data"])
    assert {(each.package, each.tag) for each in found} == {("src:hello", "tag-a"), ("hello-data", "tag-b"), ("hello", "tag-c")}


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True), ("*", "", True), ("a", "a", True), ("a", "ab", False), ("a*", "abc", True), ("*c", "abc", True),
        ("a*c", "abcbc", True), ("a*b?", "axxbbc", True), ("?", "", False), ("?", "x", True), (r"a\*", "a*", True),
        (r"a\*", "ab", False), ("[a]*", "[a] b", True), ("a.c", "abc", False), ("*a*b*", "xxbxxa", False), ("**", "x", True),
    ],
)  # fmt: skip
def test_patterns(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


def test_many_stars_against_a_long_text_take_no_time() -> None:
    started = time.monotonic()
    assert not matches("*a" * 500 + "b?", "a" * 4000)
    assert time.monotonic() - started < 5
