"""Checks of control file, licences, changelog and patches: the cases beside the examples."""

from pathlib import Path

import pytest
from debian.debian_support import Version

from recipes_app.formats.findings import Severity
from recipes_app.lint.checks.base import EXAMPLE_DAY, CheckContext
from recipes_app.lint.checks.examples import CHANGELOG, CONTROL, COPYRIGHT, DUR
from recipes_app.lint.checks.registry import run_checks
from tests.lint.checks.helpers import found, identifiers

EXAMPLES = Path(__file__).parents[3] / "examples"
HUNK = "--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n"


def control(extra):
    return {"debian/control": CONTROL.replace("Description:", f"{extra}\nDescription:")}


def patch(text, name="x.patch"):
    return {"debian/patches/series": f"{name}\n", f"debian/patches/{name}": text}


@pytest.mark.parametrize(
    "relation",
    ["Provides: sudo", "Provides: libfoo, sudo (= 2)", "Conflicts: a | dpkg", "Replaces: apt [amd64]", "Breaks: login"],
)
def test_a_vital_package_in_any_form_of_relation_is_told(relation):
    assert [finding.line for finding in found(control(relation), "DUR205")] == [13]


@pytest.mark.parametrize("relation", ["Depends: sudo", "Replaces: apt (<< 2)", "Provides: sudo-extra", "Conflicts: hello"])
def test_ordinary_relations_are_not_told(relation):
    assert found(control(relation), "DUR205") == []


@pytest.mark.parametrize(("field", "number"), [("XB-Important: yes", 1), ("Protected: yes", 1), ("Essential: no", 0)])
def test_every_mark_of_a_package_that_stays_is_known(field, number):
    assert len(found(control(field), "DUR202")) == number


def test_a_binary_of_the_archives_name_is_told_only_where_the_names_are_known():
    known = CheckContext(archive_binaries=frozenset({"hello-dur", "sl"}), archive_date="2026-02-28", now=EXAMPLE_DAY)
    assert "as of 2026-02-28" in found({}, "DUR201", known)[0].message
    assert found({}, "DUR201") == []


@pytest.mark.parametrize(
    ("licence", "number"),
    [
        ("MIT", 0),
        ("Expat", 0),
        ("MIT OR GPL-2.0-only", 1),
        ("(MIT AND MIT)", 0),
        ("LicenseRef-Own", 1),
    ],
)
def test_every_licence_of_an_expression_is_looked_for(licence, number):
    assert len(found({"debian/dur": DUR.replace("License: MIT", f"License: {licence}")}, "DUR302")) == number


def test_a_later_version_is_the_same_licence():
    files = {
        "debian/dur": DUR.replace("License: MIT", "License: GPL-3.0-only"),
        "debian/copyright": COPYRIGHT.replace("License: Expat", "License: GPL-3+"),
    }
    assert found(files, "DUR302") == []


def test_without_a_readable_copyright_nothing_is_compared():
    assert found({"debian/copyright": "Free for all.\n"}, "DUR302") == []


def test_a_firmware_section_is_a_non_free_one():
    files = {
        "debian/copyright": COPYRIGHT.replace("License: Expat", "License: CC-BY-NC-4.0"),
        "debian/control": CONTROL.replace("Section: utils", "Section: non-free-firmware/kernel"),
    }
    assert found(files, "DUR306") == []


@pytest.mark.parametrize("suite", ["trixie-backports", "bookworm-backports-sloppy", "sid", "forky", "stable"])
def test_debians_suites_are_known(suite):
    assert found({"debian/dur": DUR.replace("Suites: trixie", f"Suites: {suite}")}, "DUR404") == []


@pytest.mark.parametrize(("suite", "hint"), [("bookwrom", "bookworm"), ("jammy", ""), ("trixie-backport", "trixie-backports")])
def test_other_suites_are_told_with_the_nearest(suite, hint):
    message = found({"debian/changelog": CHANGELOG.replace(" unstable;", f" {suite};")}, "DUR404")[0].message
    assert (f"did you mean {hint}?" in message) if hint else ("did you mean" not in message)


@pytest.mark.parametrize(
    ("date", "number"),
    [("Sun, 01 Mar 2026 11:00:00 +0000", 0), ("Mon, 02 Mar 2026 23:00:00 +0000", 0), ("Wed, 04 Mar 2026 10:00:00 +0000", 1)],
)
def test_a_clock_may_be_ahead_by_its_zone(date, number):
    changelog = CHANGELOG.replace("Mon, 02 Feb 2026 10:00:00 +0000", date)
    assert len(found({"debian/changelog": changelog}, "DUR402")) == number


@pytest.mark.parametrize(("previous", "number"), [("", 0), ("1.0-1", 1), ("1:0.1-1", 1), ("1.0-1~rc1", 0), ("0.9-7", 0)])
def test_versions_are_compared_as_dpkg_does(previous, number):
    assert len(found({}, "DUR401", CheckContext(previous_version=previous, now=EXAMPLE_DAY))) == number


@pytest.mark.parametrize(("version", "number"), [("1.0-1+cdur2", 0), ("1.0-1+dur1", 1), ("1.0-1+deb13u1", 0), ("1.0+b1-1", 0)])
def test_only_the_end_of_a_version_is_reserved(version, number):
    assert len(found({"debian/changelog": CHANGELOG.replace("1.0-1", version)}, "DUR408")) == number


@pytest.mark.parametrize(
    "header", ["Origin: upstream", "# Author: Ada", f"From {'a' * 40} Mon Sep 17 00:00:00 2001", "From: Ada"]
)
def test_every_form_of_an_author_is_taken(header):
    assert found(patch(f"{header}\nSubject: x\n\n{HUNK}"), "DUR501") == []


def test_an_author_inside_the_change_is_none():
    assert len(found(patch(f"Description: x\n\n{HUNK}+Author: Ada\n"), "DUR501")) == 1


@pytest.mark.parametrize("name", ["/etc/passwd", "b/../../x", "../x"])
def test_a_name_outside_is_told_on_either_side(name):
    for side in ("--- a/x.c", "+++ b/x.c"):
        files = patch("Author: A\n\n" + HUNK.replace(side, f"{side[:4]}{name}\t2026-01-01"))
        assert len(found(files, "DUR504")) == 1


@pytest.mark.parametrize("text", [HUNK.replace("a/x.c", "/dev/null"), "Author: A\n\n--- /etc is mentioned\nhere\n" + HUNK])
def test_a_new_file_and_words_are_no_names_outside(text):
    assert found(patch(text), "DUR504") == []


def test_comments_and_options_of_a_series_are_no_names():
    files = {**patch("Author: A\n\n" + HUNK), "debian/patches/series": "# x.patch\nx.patch -p1\n\n# x.patch\n"}
    assert identifiers(files) == set()


def test_the_second_naming_is_told_with_its_line():
    files = {**patch("Author: A\n\n" + HUNK), "debian/patches/series": "x.patch -p1\n# more\nx.patch # again\n"}
    assert [finding.line for finding in found(files, "DUR503")] == [3]


def test_the_suffix_that_is_refused_is_the_one_that_hides_security_updates():
    assert Version("1.0-1+dur1") > Version("1.0-1+deb13u1") > Version("1.0-1+cdur1") > Version("1.0-1+b1")


def test_a_variant_that_is_built_non_free_may_stand_in_non_free():
    files = {
        "debian/control": CONTROL.replace("Section: utils", "Section: non-free/utils"),
        "debian/dur": DUR + "\nVariant: cuda\nFlags: -O3\nLicense-Effect: nonfree\n",
    }
    assert found(files, "DUR307") == []


@pytest.mark.parametrize("name", sorted(path.parent.parent.name for path in EXAMPLES.glob("*/debian/control")))
def test_our_own_examples_get_no_error(name):
    folder = EXAMPLES / name
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    executables = frozenset(path for path, file in files.items() if file.stat().st_mode & 0o100)
    findings = run_checks({path: file.read_bytes() for path, file in files.items()}, CheckContext(executables=executables))
    assert [str(finding) for finding in findings if finding.severity is Severity.ERROR] == []
