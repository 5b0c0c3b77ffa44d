"""Metadata as JSON: what is written comes back, also what an older version wrote."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app import limits
from recipes_app.formats import bounds
from recipes_app.formats.findings import Finding, Severity
from recipes_app.formats.metadata import (
    BinaryPackage,
    ChangelogEntry,
    Fetch,
    LicenceTag,
    Model,
    Person,
    RecipeMetadata,
    Relation,
    Variant,
)

from .helpers import metadata_of, parse_dur
from .test_model_policy import DATASET, FETCH, MODEL
from .test_variants import VARIANT

RELATIONS = st.dictionaries(
    st.sampled_from(["Depends", "Suggests"]), st.lists(st.from_type(Relation), max_size=2).map(tuple), max_size=2
)
BINARIES = st.builds(BinaryPackage, relations=RELATIONS)
METADATA = st.builds(
    RecipeMetadata,
    source=st.text(),
    version=st.text(),
    maintainer=st.from_type(Person),
    binaries=st.lists(BINARIES, max_size=2).map(tuple),
    changelog=st.from_type(ChangelogEntry),
    relations=RELATIONS,
    licences=st.lists(st.from_type(LicenceTag), max_size=2).map(tuple),
    fetches=st.lists(st.from_type(Fetch), max_size=2).map(tuple),
    models=st.lists(st.from_type(Model), max_size=1).map(tuple),
    variants=st.lists(st.from_type(Variant), max_size=1).map(tuple),
    vcs=st.dictionaries(st.text(), st.text(), max_size=2),
)


def through_json(data: dict[str, Any]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json.dumps(data))
    return loaded


@settings(deadline=None, max_examples=60)
@given(METADATA)
def test_metadata_comes_back_from_json_as_it_was(metadata: RecipeMetadata) -> None:
    assert RecipeMetadata.from_json(through_json(metadata.to_json())) == metadata


def test_a_whole_recipe_comes_back_and_its_json_is_plain() -> None:
    metadata = metadata_of(parse_dur(FETCH, MODEL, DATASET, VARIANT))
    assert metadata.models[0].datasets
    assert through_json(metadata.to_json()) == metadata.to_json()
    assert RecipeMetadata.from_json(metadata.to_json()) == metadata


def test_what_an_older_version_wrote_gets_the_defaults() -> None:
    metadata = metadata_of(parse_dur())
    required = {"source", "version", "maintainer", "binaries", "changelog"}
    old = {name: value for name, value in metadata.to_json().items() if name in required}
    read = RecipeMetadata.from_json(old)
    assert (read.source, read.suites, read.redistribution) == (metadata.source, (), "unknown")


def test_what_a_newer_version_wrote_is_passed_over() -> None:
    metadata = metadata_of(parse_dur())
    assert RecipeMetadata.from_json({**metadata.to_json(), "colour": "red"}) == metadata


def test_every_field_of_the_metadata_is_in_the_json() -> None:
    assert set(metadata_of(parse_dur()).to_json()) == {field.name for field in fields(RecipeMetadata)}


def test_the_synopsis_is_that_of_the_first_binary_package() -> None:
    assert metadata_of(parse_dur()).synopsis == "friendly greeting for tests"


def test_a_finding_comes_back_from_json_and_reads_as_a_compilers_line() -> None:
    finding = Finding(Severity.ERROR, "debian/control", 14, "x", "found a", "write b")
    assert Finding.from_json(through_json(finding.to_json())) == finding
    assert str(finding) == "debian/control:14: found a (write b)"
    assert str(Finding(Severity.INFO, "", None, "x", "found")) == "found"


def test_numbers_that_both_rooms_name_are_equal() -> None:
    shared = {name for name in vars(bounds) if name.isupper()} & {name for name in vars(limits) if name.isupper()}
    assert shared == {"MAX_NAME_LENGTH", "MAX_VERSION_LENGTH"}
    assert all(getattr(bounds, name) == getattr(limits, name) for name in shared)
