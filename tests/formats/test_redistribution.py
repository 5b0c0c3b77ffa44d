"""`may be passed on` is said only where it is known."""

from __future__ import annotations

import pytest

from recipes_app.formats.metadata import SCHEMA_VERSION, RecipeMetadata
from recipes_app.formats.recipe import parse_recipe
from recipes_app.formats.redistribution import limits, redistribution_of, refuses
from tests.factories import CONTROL, recipe_tree
from tests.formats.helpers import DUR_HEADER, parse, parse_dur, the_finding

HEAD = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"


def machine_readable(licence: str, words: str) -> str:
    return f"{HEAD}Files: *\nCopyright: 2026 Case Writer\nLicense: {licence}\n {words}\n"


def said_of(copyright_text: str, section: str = "utils", dur: str | None = None) -> str:
    control = CONTROL.format(name="hello-dur").replace("Section: utils", f"Section: {section}")
    tree = recipe_tree(**{"debian/control": control, "debian/copyright": copyright_text, "debian/dur": dur})
    metadata = parse_recipe(tree).metadata
    assert metadata is not None
    return metadata.redistribution


@pytest.mark.parametrize(
    ("copyright_text", "section", "said"),
    [
        (machine_readable("Expat", "The words of that licence."), "utils", "permitted"),
        # Packages of contrib are free themselves.
        (machine_readable("Expat", "The words of that licence."), "contrib/utils", "permitted"),
        (machine_readable("Expat", "The words of that licence."), "non-free/utils", "unknown"),
        (machine_readable("Expat", "The words of that licence."), "non-free-firmware", "unknown"),
        ("This package was made by a person. Its licence is somewhere else.\n", "utils", "unknown"),
        (
            "It may be used for research only. It may not be sold or passed on without prior approval.\n",
            "non-free/utils",
            "forbidden",
        ),
        ("It may be used for research only. It may not be sold or passed on without prior approval.\n", "misc", "forbidden"),
        *[
            (machine_readable(name, "The words of that licence."), "misc", "unknown")
            for name in ("non-free", "nonfree", "freeware", "redistribution-only", "no-modification", "Case-Writer-Licence")
        ],
        (
            machine_readable(
                "Case-Writer-Licence", "Copying is permitted for non-commercial use only; no modification is allowed."
            ),
            "misc",
            "unknown",
        ),
        # A free short name above a text that is not: one of the two is wrong.
        (
            machine_readable("Expat", "Permission is granted for non-commercial use only. No person may sell copies."),
            "misc",
            "unknown",
        ),
        (
            HEAD.strip() + "\nDisclaimer: This software is non-free and not part of Debian.\n\n"
            "Files: *\nCopyright: 2026 Case Writer\nLicense: Expat\n Words.\n",
            "misc",
            "unknown",
        ),
    ],
)
def test_unknown_stays_unknown(copyright_text: str, section: str, said: str) -> None:
    assert said_of(copyright_text, section) == said


def test_a_class_that_is_claimed_makes_no_licence_known() -> None:
    claimed = (
        f"Fetch: a.bin\nURL: https://example.org/a.bin\nSHA256: {'0' * 64}\nSize: 1\n"
        "License: LicenseRef-Ours\nLicense-Class: dfsg-free\n"
    )
    metadata = parse_dur(claimed).metadata
    assert metadata is not None
    assert (metadata.licence_class, metadata.redistribution) == ("dfsg-free", "unknown")


def test_a_recipe_without_copyright_says_nothing() -> None:
    metadata = parse_recipe(recipe_tree(**{"debian/copyright": None})).metadata
    assert metadata is not None
    assert metadata.redistribution == "unknown"


@pytest.mark.parametrize("declared", ["permitted", "binaries-forbidden", "forbidden"])
def test_a_maintainer_says_it_of_a_licence_that_nobody_knows_here(declared: str) -> None:
    assert redistribution_of("unknown", declared, ["utils"], "A licence of our own.") == declared


@pytest.mark.parametrize(
    ("licence_class", "text", "said"),
    [
        ("nonfree-noredist", "", "forbidden"),
        ("unknown", "Redistribution is prohibited.", "forbidden"),
        ("dfsg-free", "Redistribution is prohibited.", "unknown"),
    ],
)
def test_a_declaration_does_not_outweigh_what_forbids(licence_class: str, text: str, said: str) -> None:
    assert redistribution_of(licence_class, "permitted", ["utils"], text) == said


def test_a_declaration_against_the_text_is_a_warning() -> None:
    parsed = parse(dur=DUR_HEADER + "Redistribution: permitted\n", copyright="You must not redistribute this program.\n")
    assert the_finding(parsed, "manifest-redistribution").line == 3


@pytest.mark.parametrize(
    "words",
    [
        "It may not be sold or passed on without prior approval.",
        "The program shall not be copied, sold or given away.",
        "You may not redistribute this program.",
        "Redistribution in binary form is not permitted.",
        "No redistribution.",
        "This licence forbids any redistribution of the files.",
    ],
)
def test_words_that_refuse(words: str) -> None:
    assert refuses(words)


@pytest.mark.parametrize(
    "words",
    [
        "You may not copy, modify, sublicense, or distribute the Program except as expressly provided under this License.",
        "This notice may not be removed or altered from any source distribution.",
        "The fonts must not be distributed under any other license.",
        "provided that you do not Distribute the Modified Version.",
        "then as a consequence you may not distribute the Program at all.",
        "Redistribution and use in source and binary forms, with or without modification, are permitted",
        "This alternative is allowed only for noncommercial distribution and only if you received the program",
        "Neither the name of the author may be used to endorse products without specific prior written permission.",
    ],
)
def test_words_of_free_licences_refuse_nothing(words: str) -> None:
    assert not refuses(words)
    assert not limits(words)


def test_what_schema_1_called_permitted_is_read_as_unknown() -> None:
    metadata = parse_recipe(recipe_tree()).metadata
    assert metadata is not None
    old = {**metadata.to_json(), "schema": 1, "licence_class": "unknown", "redistribution": "permitted"}
    assert RecipeMetadata.from_json(old).redistribution == "unknown"
    assert RecipeMetadata.from_json(old).to_json()["schema"] == SCHEMA_VERSION
    assert RecipeMetadata.from_json({**old, "licence_class": "dfsg-free"}).redistribution == "permitted"
