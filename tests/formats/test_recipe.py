"""The whole tree: names that must agree, the small files, and what the room may import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.formats.recipe import parse_recipe
from tests.factories import CHANGELOG, recipe_tree

from .helpers import NAME, identifiers, metadata_of, parse, the_finding

ROOT = Path(__file__).resolve().parents[2]


def with_version(version: str, source_format: str) -> dict[str, bytes]:
    return recipe_tree(NAME, version, **{"debian/source/format": source_format})


def test_an_empty_tree_names_every_missing_file() -> None:
    parsed = parse_recipe({})
    assert parsed.metadata is None
    assert [(finding.id, finding.path) for finding in parsed.errors] == [
        ("file-missing", "debian/control"),
        ("file-missing", "debian/changelog"),
    ]


def test_the_repository_must_be_named_as_the_source() -> None:
    parsed = parse_recipe(recipe_tree(NAME), expected_name="other")
    finding = the_finding(parsed, "name-mismatch")
    assert (finding.path, finding.line, finding.severity) == ("debian/control", 1, Severity.ERROR)
    assert parse_recipe(recipe_tree(NAME), expected_name=NAME).findings == ()


def test_control_and_changelog_must_name_the_same_source() -> None:
    finding = the_finding(parse(changelog=CHANGELOG.format(name="other", version="1-1")), "name-mismatch")
    assert (finding.path, finding.line) == ("debian/changelog", 1)
    assert "debian/control:1" in finding.message


def test_without_source_format_it_is_the_oldest() -> None:
    parsed = parse(**{"source/format": None})
    assert metadata_of(parsed).source_format == "1.0"
    assert the_finding(parsed, "source-format-missing").severity is Severity.INFO


@pytest.mark.parametrize(("version", "source_format"), [("1.0", "3.0 (native)\n"), ("1.0-1", "3.0  (quilt)"), ("1.0", "1.0\n")])
def test_source_formats_of_dpkg_are_accepted(version: str, source_format: str) -> None:
    data = metadata_of(parse_recipe(with_version(version, source_format)))
    assert data.source_format == " ".join(source_format.split())


@pytest.mark.parametrize(
    ("version", "source_format", "identifier"),
    [
        ("1.0-1", "3.0 (native)", "source-format-version"),
        ("1.0", "3.0 (quilt)", "source-format-version"),
        ("1.0-1", "4.0 (quilt)", "source-format"),
        ("1.0-1", "", "source-format"),
        ("1.0-1", b"\xff\xfe", "source-format"),
    ],
)
def test_source_formats_that_dpkg_source_refuses_are_errors(version: str, source_format: str, identifier: str) -> None:
    finding = the_finding(parse_recipe(with_version(version, source_format)), identifier)
    assert (finding.severity, finding.path, finding.line) == (Severity.ERROR, "debian/source/format", 1)


def test_the_old_compat_file_gives_the_level_where_control_does_not() -> None:
    tree = recipe_tree(NAME, **{"debian/compat": "9\n"})
    tree["debian/control"] = tree["debian/control"].replace(b"debhelper-compat (= 13)", b"debhelper (>= 9)")
    assert metadata_of(parse_recipe(tree)).debhelper_compat == "9"
    tree["debian/compat"] = b"nine"
    assert metadata_of(parse_recipe(tree)).debhelper_compat == ""


def test_patches_come_from_the_series_in_order() -> None:
    series = "# first\nb.patch -p1\n\na.patch # why\n"
    tree = recipe_tree(NAME, **{"debian/patches/series": series, "debian/patches/a.patch": "", "debian/patches/b.patch": ""})
    parsed = parse_recipe(tree)
    assert metadata_of(parsed).patches == ("b.patch", "a.patch")
    assert parsed.findings == ()


def test_debians_own_series_goes_before_the_common_one() -> None:
    tree = recipe_tree(NAME, **{"debian/patches/series": "a", "debian/patches/debian.series": "b", "debian/patches/b": ""})
    assert metadata_of(parse_recipe(tree)).patches == ("b",)


def test_a_patch_that_is_not_there_is_a_warning() -> None:
    parsed = parse(**{"patches/series": "\ngone.patch\n"})
    metadata_of(parsed)
    finding = the_finding(parsed, "patches-missing")
    assert (finding.severity, finding.line) == (Severity.WARNING, 2)


@pytest.mark.parametrize("name", ["/etc/passwd", "../control", "a/../../x"])
def test_a_patch_outside_its_folder_is_an_error(name: str) -> None:
    assert the_finding(parse(**{"patches/series": name}), "patches-path").severity is Severity.ERROR


def test_the_readme_is_found_at_the_top() -> None:
    assert metadata_of(parse_recipe(recipe_tree(NAME, **{"README.md": "# Hello", "README": "x"}))).readme_path == "README.md"
    assert metadata_of(parse_recipe(recipe_tree(NAME, **{"docs/README.md": "x"}))).readme_path == ""


def test_missing_rules_are_a_warning() -> None:
    assert "rules-missing" in identifiers(parse(rules=None))


def test_faults_of_all_files_come_in_one_run() -> None:
    parsed = parse(control="Source: x y\n", changelog="", dur="A: b\n")
    assert {finding.path for finding in parsed.errors} == {"debian/control", "debian/changelog", "debian/dur"}


def test_the_push_hook_can_import_the_parser_without_django_git_or_network() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import recipes_app.formats.recipe; "
        "print(sorted({'django', 'git', 'celery', 'ssl', 'asyncio', 'debian.deb822', 'debian.copyright'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-I", "-c", program, str(ROOT)], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
