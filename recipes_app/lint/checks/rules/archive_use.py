"""Checks of what a recipe takes from the Debian archive: how much comes with it, and from which components."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recipes_app.formats.control import PATH as CONTROL_PATH
from recipes_app.formats.deb822 import Paragraph
from recipes_app.formats.findings import Severity
from recipes_app.formats.manifest import PATH
from recipes_app.formats.metadata import BinaryPackage, RecipeMetadata, Relation, RelationTerm
from recipes_app.limits import MAX_RECOMMENDED_MEGABYTES

from ..archive_facts import components, weights
from ..base import About, Family, Place, check_metadata, gettext_noop
from ..examples import CONTROL, DUR
from ..recipe import CheckedRecipe

_BUILD_FIELDS = ("Build-Depends", "Build-Depends-Indep", "Build-Depends-Arch")
_INSTALL_FIELDS = ("Pre-Depends", "Depends")
_FDK = CONTROL.replace("Build-Depends: debhelper-compat (= 13)", "Build-Depends: debhelper-compat (= 13), libfdk-aac-dev")


@check_metadata(
    About(
        id="DUR119",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("An archive component that is needed is not declared"),
        explanation=gettext_noop(
            "Most machines have main alone in their sources. Where a dependency stands in contrib or non-free only, apt says "
            "that it is not installable, and the build ends there. With Components, the page and clients say so "
            "before anything is fetched, and users decide whether to add the component."
        ),
        remedy=gettext_noop("add Components to the header of debian/dur, or do without the package"),
        failing={"debian/control": _FDK},
        mending={"debian/control": _FDK, "debian/dur": DUR.replace("Suites: trixie", "Suites: trixie\nComponents: non-free")},
    )
)
def components_are_declared(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look up what building and installing depends on, for the profiles that the recipe is built under.

    A relation of which one alternative is in main, or is a package of the recipe's own, needs nothing more.
    """
    own = {binary.name for binary in metadata.binaries}
    applies = _formulas(metadata)
    for path, line, field, relation in _needed(recipe, metadata):
        terms = [term for term in relation.alternatives if applies(term)]
        if not terms or any(term.name in own for term in terms):
            continue
        needed = [set(components(term.name, metadata.suites)) - set(metadata.components) for term in terms]
        if all(needed):
            fewest = min(map(sorted, needed), key=len)
            yield Place(
                path, line, f"{field}: {relation.text[:100]} needs {' and '.join(fewest)}, which Components does not name"
            )


def _needed(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[tuple[str, int, str, Relation]]:
    """Yield each relation that must be satisfied to build or to install, with path, line and field."""
    paragraphs = recipe.paragraphs(CONTROL_PATH)
    for field in _BUILD_FIELDS:
        for relation in metadata.relations.get(field, ()):
            yield CONTROL_PATH, paragraphs[0].line_of(field), field, relation
    by_name = _by_name(recipe)
    for binary in metadata.binaries:
        for field in _INSTALL_FIELDS:
            for relation in binary.relations.get(field, ()):
                yield CONTROL_PATH, by_name[binary.name].line_of(field), field, relation
    lines = {each.value("Variant"): each.line_of("Build-Depends-Extra") for each in recipe.manifest_paragraphs("Variant")}
    for variant in metadata.variants:
        for relation in variant.build_depends_extra:
            yield PATH, lines[variant.name], "Build-Depends-Extra", relation


def _by_name(recipe: CheckedRecipe) -> dict[str, Paragraph]:
    return {each.value("Package"): each for each in recipe.paragraphs(CONTROL_PATH)[1:] if each.get("Package")}


def _formulas(metadata: RecipeMetadata) -> Callable[[RelationTerm], bool]:
    """Return a function that says whether a relation can apply in a build: its formula `<a !b> <c>` (Debian Policy 7.1).

    Any profile of a variant may be set, and those of every variant are, where one of them is built by default.
    """
    each = [frozenset(variant.profiles) for variant in metadata.variants]
    possible = frozenset[str]().union(*each)
    certain = frozenset.intersection(*each) if any(variant.default for variant in metadata.variants) else frozenset()

    def applies(term: RelationTerm) -> bool:
        groups = [group.split() for group in term.profiles.replace("<", " ").split(">") if group.strip()]
        return not groups or any(
            all(word[1:] not in certain if word.startswith("!") else word in possible for word in group) for group in groups
        )

    return applies


@check_metadata(
    About(
        id="DUR206",
        severity=Severity.WARNING,
        family=Family.CONTROL,
        title=gettext_noop("A recommended package brings more than 100 MB with it"),
        explanation=gettext_noop(
            "apt installs what is recommended unless it is told not to. A package of a few megabytes that recommends "
            "python3-torch fills half a gigabyte of the user's disk, for one way of using it. The sizes are those of Debian's "
            "packages with all that they depend on, beyond what a desktop has already."
        ),
        remedy=gettext_noop("name it in Suggests, and say in the description or in README.Debian what it is good for"),
        failing={"debian/control": CONTROL.replace("Description:", "Recommends: python3-torch\nDescription:")},
        mending={"debian/control": CONTROL.replace("Description:", "Suggests: python3-torch\nDescription:")},
    )
)
def recommends_are_light(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look up the first alternative of each Recommends: the one that apt takes where none is installed.

    What the package depends on is there in any case, so its weight is taken off.
    """
    own = {binary.name for binary in metadata.binaries}
    by_name = _by_name(recipe)
    for binary in metadata.binaries:
        line = by_name[binary.name].line_of("Recommends")
        there = sum(weights().get(name, 0) for name in _depended(binary))
        for relation in binary.relations.get("Recommends", ()):
            name = relation.alternatives[0].name
            weight = 0 if name in own else weights().get(name, 0)
            if weight - there > MAX_RECOMMENDED_MEGABYTES:
                yield Place(CONTROL_PATH, line, f"{binary.name} recommends {name}, which brings {weight} MB or more")


def _depended(binary: BinaryPackage) -> set[str]:
    """Return the first alternatives of what `binary` depends on."""
    return {relation.alternatives[0].name for field in _INSTALL_FIELDS for relation in binary.relations.get(field, ())}
