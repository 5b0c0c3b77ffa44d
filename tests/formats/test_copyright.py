"""debian/copyright: which licences it names; that no fault of it refuses a recipe."""

from __future__ import annotations

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import LicenceTag
from tests.factories import COPYRIGHT

from .helpers import identifiers, metadata_of, parse, the_finding

FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"


def test_the_licences_of_files_paragraphs_become_tags() -> None:
    text = (
        FORMAT + "\nFiles: *\nCopyright: x\nLicense: GPL-2+ or Artistic\n\nFiles: debian/*\nCopyright: y\nLicense: Expat\n text\n"
    )
    data = metadata_of(parse(copyright=text))
    assert data.licences == (
        LicenceTag("GPL-2+ or Artistic", "GPL-2.0-or-later OR Artistic-1.0-Perl", "dfsg-free", "copyright"),
        LicenceTag("Expat", "MIT", "dfsg-free", "copyright"),
    )
    assert data.licence_class == "dfsg-free"


def test_one_licence_under_two_names_is_one_tag() -> None:
    text = FORMAT + "\nFiles: a\nCopyright: x\nLicense: Expat\n\nFiles: b\nCopyright: x\nLicense: MIT\n"
    assert [(tag.name, tag.spdx) for tag in metadata_of(parse(copyright=text)).licences] == [("Expat", "MIT")]


def test_the_header_names_a_licence_for_everything() -> None:
    assert [tag.spdx for tag in metadata_of(parse(copyright=FORMAT + "License: ISC\n")).licences] == ["ISC"]


def test_stand_alone_paragraphs_count_only_where_nothing_else_names_a_licence() -> None:
    alone = "\nLicense: CC0-1.0\n text\n"
    assert [tag.spdx for tag in metadata_of(parse(copyright=FORMAT + alone)).licences] == ["CC0-1.0"]
    assert [tag.spdx for tag in metadata_of(parse(copyright=COPYRIGHT + alone)).licences] == ["MIT"]


def test_the_recipe_has_the_worst_class_of_its_licences() -> None:
    assert (
        metadata_of(parse(copyright=COPYRIGHT + "\nFiles: x\nCopyright: y\nLicense: CC-BY-NC-4.0\n")).licence_class == "nonfree"
    )


def test_a_missing_file_is_a_warning_and_the_class_unknown() -> None:
    parsed = parse(copyright=None)
    assert the_finding(parsed, "copyright-missing").severity is Severity.WARNING
    assert metadata_of(parsed).licence_class == "unknown"


@pytest.mark.parametrize(
    "text", [b"", "This package was debianized by hand.\nLicense: GPL\n", "Copyright: me\n", "no field at all\n"]
)
def test_free_text_is_accepted_and_only_mentioned(text: bytes | str) -> None:
    parsed = parse(copyright=text)
    assert the_finding(parsed, "copyright-not-machine-readable").severity is Severity.INFO
    assert metadata_of(parsed).licences == ()


@pytest.mark.parametrize(
    ("text", "identifier", "line"),
    [
        (FORMAT + "\nFiles: *\nCopyright: x\n", "copyright-missing-field", 3),
        (FORMAT + "\nFiles: *\nLicense: MIT\n", "copyright-missing-field", 3),
        (FORMAT + "\nComment: lost\n", "copyright-stray-paragraph", 3),
        (FORMAT + "\nFiles: *\nCopyright: x\nLicense: MIT\njunk\n", "deb822-line", 6),
        (FORMAT.encode() + b"Comment: \xe4\n", "not-utf-8", 2),
    ],
)
def test_faults_are_warnings_with_their_line(text: bytes | str, identifier: str, line: int) -> None:
    parsed = parse(copyright=text)
    metadata_of(parsed)
    finding = the_finding(parsed, identifier)
    assert (finding.severity, finding.path, finding.line) == (Severity.WARNING, "debian/copyright", line)


def test_the_old_name_of_the_format_field_is_known() -> None:
    assert "copyright-not-machine-readable" not in identifiers(parse(copyright="Format-Specification: x\nLicense: ISC\n"))
