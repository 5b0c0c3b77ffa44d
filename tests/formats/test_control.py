"""debian/control: everything that it says, and what is wrong with it and where."""

from __future__ import annotations

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import Person, RelationTerm

from .helpers import CONTROL_TEXT, identifiers, metadata_of, parse, the_finding

FULL = """\
# Comments may stand anywhere.
Source: hello-dur
Section: libs
Priority: optional
Maintainer: Jörg Müller <joerg@example.org>
Uploaders: Ada Lovelace <ada@example.org>,
# a name with a comma in it
 Hopper, Grace <grace@example.org>,
Build-Depends: debhelper-compat (= 13), libx-dev <!nocheck>,
 python3:any
Build-Conflicts-Indep: bad
Standards-Version: 4.7.0
Homepage: https://example.org/
Vcs-Git: https://example.org/x.git -b main
Vcs-Browser: https://example.org/x
Rules-Requires-Root: binary-targets
Testsuite: autopkgtest-pkg-python
XB-Dur-Note: passes

Package: libhello1
Architecture: linux-any kfreebsd-amd64
Multi-Arch: same
Pre-Depends: ${misc:Pre-Depends}
Depends: ${shlibs:Depends}, hello-data (= ${source:Version})
Description: greet – library
 First line.
  verbatim
 .
 Second paragraph.

Package: hello-udeb
Package-Type: udeb
Section: debian-installer
Priority: extra
Architecture: all
Essential: yes
Build-Profiles: <!noudeb>
Description: greeting
"""


def test_the_source_paragraph_is_read() -> None:
    data = metadata_of(parse(control=FULL))
    assert data.source == "hello-dur"
    assert data.maintainer == Person("Jörg Müller", "joerg@example.org")
    assert data.uploaders == (Person("Ada Lovelace", "ada@example.org"), Person("Hopper, Grace", "grace@example.org"))
    assert (data.section, data.priority, data.standards_version) == ("libs", "optional", "4.7.0")
    assert (data.homepage, data.rules_requires_root) == ("https://example.org/", "binary-targets")
    assert data.vcs == {"Browser": "https://example.org/x", "Git": "https://example.org/x.git -b main"}
    assert (data.debhelper_compat, data.testsuite) == ("13", "autopkgtest-pkg-python")


def test_source_relations_are_read() -> None:
    relations = metadata_of(parse(control=FULL)).relations
    assert list(relations) == ["Build-Depends", "Build-Conflicts-Indep"]
    assert relations["Build-Depends"][1].alternatives == (RelationTerm("libx-dev", profiles="<!nocheck>"),)


def test_binary_packages_are_read_with_their_long_descriptions() -> None:
    library = metadata_of(parse(control=FULL)).binaries[0]
    assert library.architectures == ("linux-any", "kfreebsd-amd64")
    assert (library.section, library.priority, library.multi_arch, library.essential) == ("libs", "optional", "same", False)
    assert library.synopsis == "greet – library"
    assert library.description == "First line.\n verbatim\n\nSecond paragraph."
    assert [each.text for each in library.relations["Depends"]] == ["${shlibs:Depends}", "hello-data (= ${source:Version})"]


def test_a_udeb_has_its_own_type_section_and_profile() -> None:
    udeb = metadata_of(parse(control=FULL)).binaries[1]
    assert (udeb.package_type, udeb.section, udeb.priority) == ("udeb", "debian-installer", "extra")
    assert (udeb.essential, udeb.build_profiles) == (True, "<!noudeb>")


def test_the_valid_recipe_has_no_finding() -> None:
    assert parse().findings == ()


@pytest.mark.parametrize(
    ("old", "new", "identifier", "line"),
    [
        ("Source: hello-dur\n", "", "control-no-source", 1),
        ("Source: hello-dur", "Source: Hello_Dur", "bad-package-name", 1),
        ("Package: hello-dur", "Package: h", "bad-package-name", 12),
        ("Package: hello-dur", f"Package: {'a' * 129}", "bad-package-name", 12),
        ("Package: hello-dur\n", "", "control-no-package", 12),
        ("Architecture: any\n", "", "control-no-architecture", 12),
        ("Architecture: any", "Architecture: any, all", "control-unknown-architecture", 13),
        ("debhelper-compat (= 13)", "debhelper-compat (13)", "bad-relation", 5),
        ("${misc:Depends}", "a b", "bad-relation", 14),
        ("Section: utils", "Section utils", "deb822-line", 2),
        ("Priority: optional", "Section: misc", "deb822-duplicate-field", 3),
    ],
)
def test_what_makes_a_recipe_unusable_is_an_error_with_its_line(old: str, new: str, identifier: str, line: int) -> None:
    finding = the_finding(parse(control=CONTROL_TEXT.replace(old, new, 1)), identifier)
    assert (finding.severity, finding.path, finding.line) == (Severity.ERROR, "debian/control", line)
    assert finding.message
    assert finding.remedy


def test_a_recipe_without_binary_package_is_an_error() -> None:
    parsed = parse(control=CONTROL_TEXT.split("\n\n", maxsplit=1)[0])
    assert the_finding(parsed, "control-no-binary").severity is Severity.ERROR


def test_a_binary_package_defined_twice_is_an_error_where_the_second_stands() -> None:
    parsed = parse(control=CONTROL_TEXT + "\nPackage: hello-dur\nArchitecture: all\nDescription: x\n")
    assert the_finding(parsed, "control-duplicate-package").line == 20


def test_a_missing_control_file_is_an_error_and_leaves_no_metadata() -> None:
    parsed = parse(control=None)
    assert parsed.metadata is None
    assert the_finding(parsed, "file-missing").path == "debian/control"


def test_an_empty_control_file_is_an_error() -> None:
    assert identifiers(parse(control=b"")) >= {"control-empty"}


@pytest.mark.parametrize(("content", "identifier"), [(b"Source: a\xff\n", "not-utf-8"), (b"A: b\nSource: a\0\n", "nul-byte")])
def test_bytes_that_are_no_text_are_an_error_with_their_line(content: bytes, identifier: str) -> None:
    finding = the_finding(parse(control=content), identifier)
    assert (finding.severity, finding.line) == (Severity.ERROR, content.count(b"\n"))


@pytest.mark.parametrize(
    ("old", "new", "identifier"),
    [
        ("Maintainer: Ada Lovelace <ada@example.org>\n", "", "control-maintainer"),
        ("Maintainer: Ada Lovelace <ada@example.org>", "Maintainer: ada", "control-maintainer"),
        ("Homepage: https:", "Homepage: javascript:", "control-address"),
        ("Vcs-Browser: https:", "Vcs-Browser: ftp:", "control-address"),
        ("Description: friendly greeting for tests", "Description:", "control-no-description"),
    ],
)
def test_what_dpkg_source_accepts_is_at_most_a_warning(old: str, new: str, identifier: str) -> None:
    parsed = parse(control=CONTROL_TEXT.replace(old, new, 1))
    metadata_of(parsed)
    assert the_finding(parsed, identifier).severity is Severity.WARNING


def test_an_address_that_is_no_link_is_not_given_on() -> None:
    assert metadata_of(parse(control=CONTROL_TEXT.replace("Homepage: https:", "Homepage: javascript:"))).homepage == ""


def test_an_empty_build_depends_is_accepted() -> None:
    data = metadata_of(parse(control=CONTROL_TEXT.replace(" debhelper-compat (= 13)", "")))
    assert (data.relations, data.debhelper_compat) == ({}, "")


def test_a_value_in_a_message_cannot_move_the_cursor() -> None:
    message = str(the_finding(parse(control=CONTROL_TEXT + "\x1b[2J\u202eevil\n"), "deb822-line"))
    assert message.isprintable()
    assert "\\x1b[2J\\u202eevil" in message
