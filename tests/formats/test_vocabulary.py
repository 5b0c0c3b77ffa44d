"""One vocabulary: the words of the format are known, labelled and searched for wherever they are shown."""

import json
from collections.abc import Iterable

import pytest

from recipes_app.formats import vocabulary
from recipes_app.formats.manifest_fields import FETCH, HEADER, MODEL
from recipes_app.models import Flag, Recipe
from recipes_app.search.fields import FIELDS, ColumnField
from recipes_app.views.shared.labels import LABELS

LABELLED: dict[str, Iterable[str]] = {
    "licence": vocabulary.LicenceClass,
    "redistribution": vocabulary.Redistribution,
    "acceptance": vocabulary.AcceptanceKind,
    "model": [*vocabulary.ModelVerdict, vocabulary.UNKNOWN_MODEL_CLASS],
    "osaid": vocabulary.Osaid,
}
SEARCHED: dict[str, Iterable[str]] = {
    "class": vocabulary.LicenceClass, "category": vocabulary.Category, "redistribution": vocabulary.Redistribution,
    "provenance": vocabulary.Authorship, "model": [*vocabulary.ModelVerdict, vocabulary.UNKNOWN_MODEL_CLASS],
}  # fmt: skip


@pytest.mark.parametrize("kind", LABELLED)
def test_every_word_has_its_label(kind):
    assert set(LABELS[kind]) == set(LABELLED[kind])


@pytest.mark.parametrize("name", SEARCHED)
def test_every_word_can_be_searched_for_and_fits_its_column(name):
    field = FIELDS[name]
    assert isinstance(field, ColumnField)
    assert list(field.choices) == list(SEARCHED[name])
    assert max(map(len, field.choices)) <= Recipe._meta.get_field(field.column).max_length


def test_debian_dur_takes_every_word_but_what_only_the_portal_says():
    assert set(HEADER["Redistribution"].choices) == set(vocabulary.Redistribution) - {"unknown"}
    assert set(HEADER["Provenance"].choices) == set(vocabulary.Authorship)
    assert set(FETCH["License-Class"].choices) == set(vocabulary.LicenceClass)
    assert set(MODEL["Claimed-Class"].choices) == set(vocabulary.ModelVerdict)


def test_word_is_a_plain_string_to_what_stores_and_hashes_it():
    word = vocabulary.LicenceClass.NONFREE
    assert (repr(word), f"{word}", json.dumps(word)) == ("'nonfree'", "nonfree", '"nonfree"')


def test_flag_about_a_class_is_ruled_by_moderators():
    about_classes = {kind for kind in Flag.Kind if kind.classes}
    assert about_classes == {Flag.Kind.LICENCE, Flag.Kind.TOXIC_CANDY}
    assert all(kind.is_ruled for kind in about_classes)
