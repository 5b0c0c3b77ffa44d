"""Paragraphs, fields and lines; and that the reader agrees with python-debian."""

from __future__ import annotations

from debian.deb822 import Deb822
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app.formats.deb822 import read_paragraphs
from recipes_app.formats.findings import Finding, Severity
from recipes_app.formats.report import Report


def read(text: str) -> tuple[list[dict[str, str]], list[Finding]]:
    report = Report("debian/control")
    paragraphs = read_paragraphs(text, report)
    return [{field.name: field.value for field in each.fields.values()} for each in paragraphs], report.findings()


def test_fields_keep_the_line_of_each_row_behind_comments() -> None:
    report = Report("debian/control")
    (paragraph,) = read_paragraphs("# top\nDepends: a,\n# why b\n b,\n c\n", report)
    field = paragraph.get("depends")
    assert field is not None
    assert [(row.line, row.text) for row in field.rows] == [(2, "a,"), (4, " b,"), (5, " c")]
    assert report.findings() == []


def test_a_line_of_blanks_ends_a_paragraph() -> None:
    assert read("A: 1\n \t\nB: 2\n")[0] == [{"A": "1"}, {"B": "2"}]


def test_field_names_are_found_without_regard_to_case() -> None:
    (paragraph,) = read_paragraphs("SOURCE: x\n", Report(""))
    assert paragraph.value("Source") == "x"
    assert paragraph.line_of("Missing") == 1


def test_carriage_returns_and_blanks_at_the_end_of_a_line_are_dropped() -> None:
    assert read("A: 1 \r\nB: 2\r\n\r\nC: 3\r\n")[0] == [{"A": "1", "B": "2"}, {"C": "3"}]


def test_form_feeds_and_unicode_separators_end_no_line() -> None:
    assert read("A: 1\x0c2\u20283\n")[0] == [{"A": "1\x0c2\u20283"}]


def test_a_duplicate_field_names_both_lines_and_keeps_the_first() -> None:
    paragraphs, findings = read("A: 1\nB: 2\na: 3\n")
    assert paragraphs == [{"A": "1", "B": "2"}]
    assert [(each.id, each.line) for each in findings] == [("deb822-duplicate-field", 3)]
    assert "line 1" in findings[0].message


def test_a_line_without_colon_is_an_error_and_reading_goes_on() -> None:
    paragraphs, findings = read("A: 1\njunk here\nB: 2\n")
    assert paragraphs == [{"A": "1", "B": "2"}]
    assert [(each.severity, each.id, each.line) for each in findings] == [(Severity.ERROR, "deb822-line", 2)]


def test_a_continuation_without_field_is_an_error() -> None:
    findings = read(" lost\nA: 1\n")[1]
    assert [(each.id, each.line) for each in findings] == [("deb822-continuation", 1)]


def test_names_that_policy_forbids_are_errors() -> None:
    for name in ("-A", "Sóurce", "A B", "\ufeffSource"):
        assert [each.id for each in read(f"{name}: x\n")[1]] == ["deb822-line"], name


def test_every_fault_is_reported_in_one_run() -> None:
    assert [each.line for each in read("A: 1\nx\ny\nA: 2\n")[1]] == [2, 3, 4]


FIELD_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)
TEXT_LINES = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=20)
VALUES = st.lists(TEXT_LINES, min_size=1, max_size=4)
PARAGRAPHS = st.lists(st.dictionaries(FIELD_NAMES, VALUES, min_size=1, max_size=5), min_size=1, max_size=4)


@settings(deadline=None, max_examples=200)
@given(PARAGRAPHS)
def test_valid_text_is_read_as_python_debian_reads_it(paragraphs: list[dict[str, list[str]]]) -> None:
    unique = [{name.lower(): value for name, value in paragraph.items()} for paragraph in paragraphs]
    text = "\n".join("".join(f"{name}: " + "\n ".join(lines) + "\n" for name, lines in each.items()) for each in unique)
    theirs = [
        {key: "\n".join(line.rstrip() for line in str(value).strip().split("\n")) for key, value in paragraph.items()}
        for paragraph in Deb822.iter_paragraphs(text, use_apt_pkg=False)
    ]
    ours, findings = read(text)
    assert findings == []
    assert ours == theirs
