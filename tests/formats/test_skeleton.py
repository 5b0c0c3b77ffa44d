"""The first files of a recipe: whatever is answered, they are a recipe, and a finding leads back to its answer."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from recipes_app.formats.findings import Severity
from recipes_app.formats.licence_texts import LICENCE_TEXTS
from recipes_app.formats.licences import read_licence
from recipes_app.formats.recipe import parse_recipe
from recipes_app.formats.skeleton import BUILD_SYSTEMS, EXECUTABLE, OTHER_LICENCE, Answers, answer_behind, skeleton
from recipes_app.lint.checks.base import CheckContext
from recipes_app.lint.checks.registry import run_checks

AT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
ANSWERS = Answers(
    name="lunar-maps", version="1.4.2", synopsis="viewer for lunar maps",
    description="Shows maps of the moon, with the names of its seas, from files that stand on one's own disk.\n\nIt zooms.",
    source_url="https://example.org/lunar-maps-1.4.2.tar.xz", sha256=hashlib.sha256(b"maps").hexdigest(), size="48213",
    licence="GPL-3.0-or-later", holders="2019-2024 Ada Lovelace <ada@example.org>\n2022 Grace Hopper", build_system="cmake",
    maintainer="Ada Lovelace", email="ada@example.org", homepage="https://example.org/lunar-maps", suites=("trixie",),
    provenance="human",
)  # fmt: skip
OTHER = replace(ANSWERS, licence=OTHER_LICENCE, licence_name="LicenseRef-Moon", licence_text="Look up.\n\nDo no harm.")


def findings_of(answers: Answers) -> list[str]:
    files = skeleton(answers, AT)
    context = CheckContext(executables=frozenset({EXECUTABLE}))
    return [str(each) for each in (*parse_recipe(files).findings, *run_checks(files, context))]


@pytest.mark.parametrize("system", BUILD_SYSTEMS)
@pytest.mark.parametrize("architecture", ["any", "all"])
def test_files_are_a_recipe_that_nothing_is_found_in(system: str, architecture: str) -> None:
    assert findings_of(replace(ANSWERS, build_system=system, architecture=architecture)) == []


@pytest.mark.parametrize("licence", LICENCE_TEXTS)
def test_licence_is_read_back_as_it_was_chosen(licence: str) -> None:
    answers = replace(ANSWERS, licence=licence)
    assert findings_of(answers) == []
    metadata = parse_recipe(skeleton(answers, AT)).metadata
    assert metadata is not None
    assert {tag.spdx for tag in metadata.licences} == {licence}
    assert read_licence(LICENCE_TEXTS[licence].short_name).spdx == licence
    assert metadata.licence_class == "dfsg-free"


def test_other_licence_stands_with_its_text() -> None:
    assert findings_of(OTHER) == []
    text = skeleton(OTHER, AT)["debian/copyright"].decode()
    assert "License: LicenseRef-Moon\n Look up.\n .\n Do no harm.\n" in text


def test_answers_are_in_the_metadata() -> None:
    metadata = parse_recipe(skeleton(ANSWERS, AT)).metadata
    assert metadata is not None
    assert (metadata.source, metadata.version, metadata.synopsis) == ("lunar-maps", "1.4.2-1", "viewer for lunar maps")
    (fetch,) = metadata.fetches
    assert (fetch.filename, fetch.url, fetch.size) == ("lunar-maps_1.4.2.orig.tar.xz", ANSWERS.source_url, 48213)


def test_python_module_is_named_by_its_policy() -> None:
    files = skeleton(replace(ANSWERS, name="python-moon", build_system="pybuild", architecture="all"), AT)
    assert b"Package: python3-moon\n" in files["debian/control"]
    assert b"export PYBUILD_NAME = moon\n" in files["debian/rules"]


@pytest.mark.parametrize(
    "field", ["name", "version", "synopsis", "source_url", "sha256", "size", "maintainer", "email", "homepage", "licence_name"]
)
def test_answer_begins_no_field_of_its_own(field: str) -> None:
    files = skeleton(replace(OTHER, **{field: "x\nEssential: yes\n\nPackage: other"}), AT)
    for content in files.values():
        assert b"\nEssential:" not in content
        assert b"\nPackage: other" not in content


@pytest.mark.parametrize("text", ["Essential: yes\n\nPackage: other", ".\n.\n", "\n\n\n", "a\r\n\r\nb", "x" * 300, "\tindented"])
def test_description_stays_a_description(text: str) -> None:
    files = skeleton(replace(ANSWERS, description=text), AT)
    assert b"\nEssential:" not in files["debian/control"]
    assert files["debian/control"].count(b"\nPackage:") == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "abc"), ("sha256", "a" * 64), ("size", "many"), ("size", "0"), ("name", "Bad Name"), ("version", "one"),
        ("source_url", "ftp://example.org/x.tar.gz"), ("source_url", "https://example.org/x.zip"), ("email", "nobody"),
    ],
)  # fmt: skip
def test_finding_leads_back_to_its_answer(field: str, value: str) -> None:
    files = skeleton(replace(ANSWERS, **{field: value}), AT)
    found = [*parse_recipe(files).findings, *run_checks(files, CheckContext(executables=frozenset({EXECUTABLE})))]
    assert field in {answer_behind(each, files) for each in found if each.severity is not Severity.INFO}
