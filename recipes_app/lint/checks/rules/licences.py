"""Checks of debian/copyright against the manifest and the sections: a recipe's licence tags have to be true everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipes_app.formats.control import PATH as CONTROL_PATH
from recipes_app.formats.copyright import PATH
from recipes_app.formats.findings import Severity
from recipes_app.formats.manifest import PATH as MANIFEST_PATH
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.vocabulary import LicenceClass, ModelVerdict

from ..base import About, Family, Place, check, check_metadata, gettext_noop
from ..examples import CONTROL, COPYRIGHT, DUR
from ..recipe import CheckedRecipe

_NONFREE = frozenset({"nonfree", "nonfree-noredist"})
_WORDS = re.compile(r"[()\s]+")
_OPERATORS = frozenset({"AND", "OR", "WITH", ""})
_NC = COPYRIGHT.replace("License: Expat", "License: CC-BY-NC-4.0")
_NC_DUR = DUR.replace("License: MIT\nLicense-Class: dfsg-free", "License: CC-BY-NC-4.0\nLicense-Class: nonfree")
_NC_CONTROL = CONTROL.replace("Section: utils", "Section: non-free/utils")


@check(
    About(
        id="DUR301",
        severity=Severity.INFO,
        family=Family.COPYRIGHT,
        title=gettext_noop("No licence can be read from debian/copyright"),
        explanation=gettext_noop(
            "The licence tags of a recipe, its class and what search finds by licence come from a debian/copyright in the "
            "machine-readable format (copyright-format 1.0). Any other text is allowed, and the class is then unknown."
        ),
        remedy=gettext_noop("write the file as copyright-format 1.0 says; licensecheck --deb-machine drafts one"),
        failing={"debian/copyright": "Copyright 2026 Ada Lovelace. You may do with it what you like.\n"},
        mending={"debian/copyright": COPYRIGHT},
    )
)
def copyright_can_be_read(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of the format."""
    for finding in recipe.parser_findings("copyright-not-machine-readable"):
        yield Place(finding.path, finding.line, finding.message)


@check_metadata(
    About(
        id="DUR302",
        severity=Severity.WARNING,
        family=Family.COPYRIGHT,
        title=gettext_noop("A fetched source has a licence that debian/copyright does not name"),
        explanation=gettext_noop(
            "The manifest says under which licence upstream's tarball is, and debian/copyright says what the package is made "
            "of. Where the first names a licence that the second does not know, one of the two is out of date."
        ),
        remedy=gettext_noop("look into the source, and correct License in debian/dur or the Files paragraphs"),
        failing={"debian/dur": DUR.replace("License: MIT", "License: GPL-3.0-or-later")},
        mending={"debian/dur": DUR},
    )
)
def licences_agree(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare identifier by identifier, so that an expression may be written in any order."""
    stated = _identifiers(*(tag.spdx for tag in metadata.licences if tag.origin == "copyright"))
    lines = {each.value("Fetch"): each.line_of("License") for each in recipe.manifest_paragraphs("Fetch")}
    for fetch in metadata.fetches if stated else ():
        missing = _identifiers(fetch.licence) - stated
        if missing and fetch.role in {"orig", "component"}:
            message = f"{fetch.filename} is under {', '.join(sorted(missing))}, which debian/copyright does not name"
            yield Place(MANIFEST_PATH, lines[fetch.filename], message)


def _identifiers(*expressions: str) -> set[str]:
    """Return the licences in SPDX expressions, without operators, and a `+` taken for part of its licence's name."""
    words = {word for expression in expressions for word in _WORDS.split(expression)} - _OPERATORS
    return {re.sub(r"\+$|-only$|-or-later$", "", word) for word in words}


@check(
    About(
        id="DUR303",
        severity=Severity.WARNING,
        family=Family.COPYRIGHT,
        title=gettext_noop("License-Class contradicts the licence"),
        explanation=gettext_noop(
            "License-Class is for licences that nobody knows. For a known one the class is known as well, and a statement "
            "that differs from it misleads whoever filters recipes by class; the worse one of the two counts."
        ),
        remedy=gettext_noop("correct License, or take License-Class away"),
        failing={"debian/dur": DUR.replace("License-Class: dfsg-free", "License-Class: nonfree"),
                 "debian/control": CONTROL.replace("Section: utils", "Section: non-free/utils")},
        mending={"debian/dur": DUR},
    )
)  # fmt: skip
def classes_agree(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of License-Class."""
    for finding in recipe.parser_findings("manifest-licence-class"):
        yield Place(finding.path, finding.line, finding.message)


@check_metadata(
    About(
        id="DUR304",
        severity=Severity.WARNING,
        family=Family.COPYRIGHT,
        title=gettext_noop("A recipe that is not free does not say whether its packages may be passed on"),
        explanation=gettext_noop(
            "Non-free licences differ in what a user may do with the package that he built: give it to a friend, put it on a "
            "mirror, or keep it. Redistribution in debian/dur says it, and clients show it before they build."
        ),
        remedy=gettext_noop(
            "read the licence and add Redistribution: permitted, binaries-forbidden or forbidden to the header of debian/dur"
        ),
        failing={"debian/dur": _NC_DUR.replace("Redistribution: permitted\n", ""), "debian/copyright": _NC,
                 "debian/control": _NC_CONTROL},
        mending={"debian/dur": _NC_DUR, "debian/copyright": _NC, "debian/control": _NC_CONTROL},
    )
)  # fmt: skip
def nonfree_says_redistribution(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """A non-free class needs Redistribution in the header."""
    paragraphs = recipe.paragraphs(MANIFEST_PATH)
    if metadata.licence_class in _NONFREE and not (paragraphs and paragraphs[0].value("Redistribution")):
        named = ", ".join(tag.name for tag in metadata.licences if tag.licence_class in _NONFREE)
        place = (MANIFEST_PATH, 1) if paragraphs else (PATH, 1)
        yield Place(*place, f"{named} is {metadata.licence_class}, and nothing states Redistribution")


@check(
    About(
        id="DUR305",
        severity=Severity.ERROR,
        family=Family.COPYRIGHT,
        title=gettext_noop("Redistribution is permitted where a licence forbids it"),
        explanation=gettext_noop(
            "Redistribution: permitted tells users that they may pass on what they built, while a licence of the recipe is "
            "of the class nonfree-noredist, which forbids just that. Who believes the manifest breaks the licence."
        ),
        remedy=gettext_noop("write forbidden or binaries-forbidden, or correct the licence's class"),
        failing={"debian/dur": DUR.replace("License: MIT\nLicense-Class: dfsg-free", "License: LicenseRef-Example\n"
                                           "License-Class: nonfree-noredist\nLicense-URL: https://example.org/eula.txt\n"
                                           f"License-SHA256: {'01' * 32}\nAcceptance: explicit"),
                 "debian/copyright": COPYRIGHT.replace("License: Expat", "License: LicenseRef-Example"),
                 "debian/control": _NC_CONTROL},
        mending={},
    )
)  # fmt: skip
def redistribution_is_true(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of Redistribution."""
    for finding in recipe.parser_findings("manifest-redistribution"):
        yield Place(finding.path, finding.line, finding.message)


@check_metadata(
    About(
        id="DUR306",
        severity=Severity.WARNING,
        family=Family.COPYRIGHT,
        title=gettext_noop("A package that is not free stands in a free section"),
        explanation=gettext_noop(
            "The section of a package in main is a plain word; what is not free by Debian's guidelines has a section below "
            "non-free/ or non-free-firmware/ (Debian Policy 2.4). Users who keep to free software filter by it."
        ),
        remedy=gettext_noop("write Section: non-free/… for the packages that hold it, or correct the licence's class"),
        failing={"debian/dur": _NC_DUR, "debian/copyright": _NC},
        mending={"debian/dur": _NC_DUR, "debian/copyright": _NC, "debian/control": _NC_CONTROL},
    )
)
def nonfree_has_its_section(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """With a non-free licence at least one package has to be in a non-free section."""
    sections = [metadata.section, *(binary.section for binary in metadata.binaries)]
    if metadata.licence_class in _NONFREE and not any(each.startswith("non-free") for each in sections):
        named = ", ".join(tag.name for tag in metadata.licences if tag.licence_class in _NONFREE)
        line = recipe.paragraphs(CONTROL_PATH)[0].line_of("Section")
        yield Place(CONTROL_PATH, line, f"Section is {metadata.section or 'missing'}, and {named} is {metadata.licence_class}")


@check_metadata(
    About(
        id="DUR307",
        severity=Severity.WARNING,
        family=Family.COPYRIGHT,
        title=gettext_noop("A package that is free throughout stands in a non-free section"),
        explanation=gettext_noop(
            "Every licence of the recipe is free by Debian's guidelines, and its section says non-free. Either a licence is "
            "missing in debian/copyright and debian/dur, or users who keep to free software are kept from a free package."
        ),
        remedy=gettext_noop("name the licence that is not free, or write the section without non-free/"),
        failing={"debian/control": _NC_CONTROL},
        mending={"debian/control": CONTROL},
    )
)
def free_has_its_section(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look at the sections where the worst class is free, no model is worse, and no variant makes the build non-free."""
    makes_nonfree = any(variant.licence_effect == "nonfree" for variant in metadata.variants)
    if metadata.licence_class != LicenceClass.DFSG_FREE or metadata.model_class == ModelVerdict.NON_FREE or makes_nonfree:
        return
    for paragraph in recipe.paragraphs(CONTROL_PATH):
        if paragraph.value("Section").startswith("non-free"):
            message = f"Section: {paragraph.value('Section')} was found, and every licence is dfsg-free"
            yield Place(CONTROL_PATH, paragraph.line_of("Section"), message)
