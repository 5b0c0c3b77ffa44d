"""debian/changelog: the newest entry, the oddities that dpkg takes, and what it refuses."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import Person
from recipes_app.formats.names import version_fault

from .helpers import CHANGELOG_TEXT, identifiers, metadata_of, parse, the_finding

TRAILER = " -- Ada Lovelace <ada@example.org>  Mon, 02 Jan 2023 10:00:00 +0000"


def test_the_newest_entry_is_read_and_older_ones_are_not() -> None:
    older = "hello-dur (0.9-1) oldstable; urgency=low\n\n  * Old.\n\nnot a trailer, and nobody looks\n"
    entry = metadata_of(parse(changelog=CHANGELOG_TEXT + "\n" + older)).changelog
    assert (entry.version, entry.distributions, entry.urgency) == ("1.0-1", ("unstable",), "medium")
    assert entry.author == Person("Ada Lovelace", "ada@example.org")
    assert entry.date == "2023-01-02T10:00:00+00:00"
    assert entry.changes == "  * A release for tests."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hello-dur (1.0-1)", "\n\nhello-dur (1.0-1)"),
        ("\n", "\r\n"),
        (" unstable;", " unstable experimental;"),
        ("urgency=medium", "urgency=HIGH (security), binary-only=yes"),
        ("(1.0-1)", "(2:1.0~rc1+dfsg-1)"),
        ("hello-dur (1.0-1)", "# a comment\nhello-dur (1.0-1)"),
        (TRAILER, " -- Zoë Ünïcode <zoe@example.org>  Sun,  1 Jan 2023 10:00:00 -0000"),
    ],
)
def test_valid_variations_have_no_finding(old: str, new: str) -> None:
    parsed = parse(changelog=CHANGELOG_TEXT.replace(old, new))
    metadata_of(parsed)
    assert parsed.findings == ()


def test_an_unknown_zone_counts_as_utc() -> None:
    assert metadata_of(parse(changelog=CHANGELOG_TEXT.replace("+0000", "-0000"))).changelog.date == "2023-01-02T10:00:00+00:00"


@pytest.mark.parametrize(
    ("old", "new", "identifier", "line"),
    [
        (">  Mon", "> Mon", "changelog-syntax", 5),
        ("urgency=medium", "urgency=medium, nonsense", "changelog-syntax", 1),
        ("  * A release", "A release", "changelog-syntax", 3),
        ("02 Jan", "99 Foo", "changelog-date", 1),
        (TRAILER, " --", "changelog-trailer", 1),
    ],
)
def test_what_dpkg_warns_of_is_a_warning(old: str, new: str, identifier: str, line: int) -> None:
    parsed = parse(changelog=CHANGELOG_TEXT.replace(old, new))
    metadata_of(parsed)
    finding = the_finding(parsed, identifier)
    assert (finding.severity, finding.line) == (Severity.WARNING, line)


def test_an_entry_without_trailer_ends_where_the_next_begins() -> None:
    parsed = parse(changelog=CHANGELOG_TEXT.replace(TRAILER + "\n", "") + CHANGELOG_TEXT)
    entry = metadata_of(parsed).changelog
    assert entry.changes == "  * A release for tests."
    assert (entry.author, entry.date) == (Person("", ""), None)


@pytest.mark.parametrize(
    ("content", "identifier", "line"),
    [
        (b"", "changelog-heading", 1),
        (b"\n \n", "changelog-heading", 1),
        (b"hello-dur 1.0-1 unstable\n", "changelog-heading", 1),
        (CHANGELOG_TEXT.replace(";", ""), "changelog-heading", 1),
        ("junk\n" + CHANGELOG_TEXT, "changelog-syntax", 1),
        (CHANGELOG_TEXT.replace("hello-dur", "Hello"), "bad-package-name", 1),
        (CHANGELOG_TEXT.replace("1.0-1", "1_0"), "bad-version", 1),
        (CHANGELOG_TEXT.encode() + b"\n\xe4\n", "not-utf-8", 7),
    ],
)
def test_a_broken_changelog_is_an_error(content: bytes | str, identifier: str, line: int) -> None:
    parsed = parse(changelog=content)
    findings = [each for each in parsed.errors if each.id == identifier]
    assert [(each.path, each.line) for each in findings] == [("debian/changelog", line)]


def test_a_missing_changelog_is_an_error() -> None:
    assert the_finding(parse(changelog=None), "file-missing").path == "debian/changelog"


def test_an_endless_trailer_line_is_left_out_and_said() -> None:
    parsed = parse(changelog=CHANGELOG_TEXT.replace(TRAILER, " -- " + "<>" * 100_000))
    assert "changelog-syntax" in identifiers(parsed)
    assert metadata_of(parsed).changelog.author == Person("", "")


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        parse(changelog=CHANGELOG_TEXT.replace(TRAILER, "junk"))
    assert caplog.records == []


@pytest.mark.parametrize("version", ["1.0", "1.0-1", "1:2.0-1~bpo12+1", "0", "2023.01+git20230101.abc-0.1", "1:1:2-3", "1-2-3"])
def test_versions_of_policy_are_accepted(version: str) -> None:
    assert version_fault(version) == ""


@pytest.mark.parametrize(
    ("version", "fault"),
    [
        ("a1", "start with a digit"),
        ("1_0", "only ASCII"),
        ("1.0 ", "only ASCII"),
        ("1.0\n", "only ASCII"),
        ("١.0", "only ASCII"),
        ("1.0-", "last hyphen"),
        ("1:", "shape"),
        ("a:1", "shape"),
        ("", "only ASCII"),
        ("9999999999:1", "epoch"),
        ("1" * 257, "257 characters"),
    ],
)
def test_versions_that_policy_refuses_are_explained(version: str, fault: str) -> None:
    assert fault in version_fault(version)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=300))
def test_any_text_is_a_version_or_explained(text: str) -> None:
    fault = version_fault(text)
    assert fault == "" or len(fault) > 10
