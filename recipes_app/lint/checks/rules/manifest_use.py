"""Checks of what debian/dur says against the rest of the recipe: what is fetched is used, named and licensed as it is said."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from debian.debian_support import Version

from recipes_app.formats.findings import Severity
from recipes_app.formats.manifest import PATH
from recipes_app.formats.metadata import Fetch, RecipeMetadata, Variant
from recipes_app.formats.report import quoted
from recipes_app.formats.vocabulary import AcceptanceKind, LicenceClass

from ..base import About, Family, Place, check, check_metadata, gettext_noop
from ..examples import CONTROL, DUR, RULES, SHA256
from ..recipe import CheckedRecipe
from .profiles import unread_profiles

_EXTRA = f"""
Fetch: words.txt
URL: https://example.org/words-1.0.txt
SHA256: {SHA256[::-1]}
Size: 4711
Role: extra
License: MIT
"""
_ACCEPTED = DUR.replace(
    "License: MIT\nLicense-Class: dfsg-free\n",
    "License: LicenseRef-Example-EULA\nLicense-Class: nonfree-noredist\n"
    f"License-URL: https://example.org/eula.txt\nLicense-SHA256: {SHA256[::-1]}\nAcceptance: explicit\n",
).replace("Redistribution: permitted", "Redistribution: forbidden")
_NON_FREE = {
    "debian/control": CONTROL.replace("Section: utils", "Section: non-free/utils"),
    "debian/copyright": "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\n"
    "Copyright: 2026 Example Ltd\nLicense: LicenseRef-Example-EULA\n As shown before the file is fetched.\n",
}
_VARIANT = "\nVariant: native\nProfiles: pkg.hello-dur.native\nPortability: build-host\n"
_TARBALL = re.compile(r"\.orig(?:-[A-Za-z0-9-]+)?\.tar\.(?:gz|bz2|lzma|xz)")


@check_metadata(
    About(
        id="DUR111",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("A fetched file is used nowhere"),
        explanation=gettext_noop(
            "A Fetch of the role extra is laid beside the source for debian/rules or a model to take. Where no file of the "
            "recipe names it, the user downloads it in vain, or a name was mistyped and the build will miss it."
        ),
        remedy=gettext_noop("use the file's name in debian/rules or in the Files of a Model, or take the Fetch away"),
        failing={"debian/dur": DUR + _EXTRA},
        mending={"debian/dur": DUR + _EXTRA, "debian/rules": RULES + "\nexecute_after_dh_install:\n\tinstall -D ../words.txt -t"
                                                                     " debian/hello-dur/usr/share/hello-dur\n"},
    )
)  # fmt: skip
def extra_files_are_used(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look for the name in every file but debian/dur, the changelog and the copyright, which build nothing."""
    unused = {fetch.filename: fetch for fetch in metadata.fetches if fetch.role == "extra"}
    for model in metadata.models:
        for name in model.files:
            unused.pop(name, None)
    if not unused:
        return
    for path, text in recipe.texts():
        if path not in {PATH, "debian/changelog", "debian/copyright"}:
            for name in [name for name in unused if name in text]:
                del unused[name]
    for fetch in unused.values():
        yield Place(PATH, fetch.line, f"{fetch.filename} is fetched, and no file of the recipe names it")


@check(
    About(
        id="DUR112",
        severity=Severity.ERROR,
        family=Family.MANIFEST,
        title=gettext_noop("A licence is to be accepted whose text is not pinned"),
        explanation=gettext_noop(
            "Acceptance: explicit means that the user is shown a text and says yes to it. Without License-URL and "
            "License-SHA256 nobody knows which text that was, and its owner can put another in its place."
        ),
        remedy=gettext_noop("give License-URL, and License-SHA256 of the text as it is there now"),
        failing={**_NON_FREE, "debian/dur": _ACCEPTED.replace(f"License-SHA256: {SHA256[::-1]}\n", "")},
        mending={**_NON_FREE, "debian/dur": _ACCEPTED},
    )
)
def accepted_texts_are_pinned(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of Acceptance."""
    for finding in recipe.parser_findings("manifest-acceptance"):
        yield Place(finding.path, finding.line, finding.message)


@check_metadata(
    About(
        id="DUR113",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("A file that may not be passed on is fetched without asking the user"),
        explanation=gettext_noop(
            "The licence of the class nonfree-noredist binds whoever downloads the file, and mostly holds that using it is "
            "accepting it. The user has to see that text before the download, not after it."
        ),
        remedy=gettext_noop("add Acceptance: explicit with License-URL and License-SHA256"),
        failing={**_NON_FREE, "debian/dur": _ACCEPTED.replace("Acceptance: explicit\n", "")},
        mending={**_NON_FREE, "debian/dur": _ACCEPTED},
    )
)
def noredist_is_asked(_recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Every Fetch of the worst class needs Acceptance."""
    for fetch in metadata.fetches:
        if fetch.licence_class == LicenceClass.NONFREE_NOREDIST and fetch.acceptance == AcceptanceKind.NONE:
            yield Place(PATH, fetch.line, f"{fetch.filename} is nonfree-noredist, and its Acceptance is none")


@check_metadata(
    About(
        id="DUR114",
        severity=Severity.INFO,
        family=Family.MANIFEST,
        title=gettext_noop("A fetched file has no licence"),
        explanation=gettext_noop(
            "The licence of what is fetched decides what a user may do with the package that he builds. Where the Fetch "
            "states none, it counts as unknown, and so does the whole recipe."
        ),
        remedy=gettext_noop("add License with its SPDX name, or LicenseRef-NAME and a License-Class"),
        failing={"debian/dur": DUR + _EXTRA.replace("License: MIT\n", "").replace("extra", "component\nWrap: words")},
        mending={"debian/dur": DUR + _EXTRA.replace("extra", "component\nWrap: words")},
    )
)
def fetches_have_licences(_recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Every Fetch states its licence; a source of the archive has said it there (debian:)."""
    for fetch in metadata.fetches:
        if not fetch.licence and not fetch.url.startswith("debian:"):
            yield Place(PATH, fetch.line, f"{fetch.filename} has no License")


@check_metadata(
    About(
        id="DUR115",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("The tarball is not named as dpkg-source looks for it"),
        explanation=gettext_noop(
            "dpkg-source takes SOURCE_VERSION.orig.tar.gz, the version being that of debian/changelog without epoch and "
            "revision (dpkg-source(1)). After a new version the name in debian/dur is easily left at the old one, and then "
            "the build stops or takes the old source."
        ),
        remedy=gettext_noop("name the file after the changelog's version; the address and the checksum change with it"),
        failing={"debian/dur": DUR.replace("Fetch: hello-dur_1.0.orig", "Fetch: hello-dur_0.9.orig")},
        mending={"debian/dur": DUR},
    )
)
def tarballs_have_names(_recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare the name of each orig tarball, and of each component that is not wrapped, with source and version."""
    if metadata.source_format != "3.0 (quilt)":
        return
    stem = f"{metadata.source}_{Version(metadata.version).upstream_version}"
    for fetch in metadata.fetches:
        if fetch.role in {"orig", "component"} and not fetch.wrap and not _is_named(fetch, stem):
            component = "" if fetch.role == "orig" else "-NAME"
            message = f"{fetch.filename} was found, expected {stem}.orig{component}.tar.gz, .bz2, .lzma or .xz"
            yield Place(PATH, fetch.line, message)


def _is_named(fetch: Fetch, stem: str) -> bool:
    """Return whether dpkg-source takes the file for the source package; a checked-out git source is packed by the client."""
    rest = fetch.filename.removeprefix(stem) if fetch.filename.startswith(stem) else ""
    return fetch.url.startswith("git+") or _TARBALL.fullmatch(rest) is not None


@check_metadata(
    About(
        id="DUR116",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("A binary package is for architectures that nothing is fetched for"),
        explanation=gettext_noop(
            "Every Fetch is for some architectures only, and a binary package claims others as well. On those the build finds "
            "no source, or worse, packs an empty package."
        ),
        remedy=gettext_noop("add a Fetch for the missing architecture, or list only those that are there in Architecture"),
        failing={"debian/dur": DUR.replace("Size: 725946\n", "Size: 725946\nArch: amd64\n")},
        mending={"debian/dur": DUR.replace("Size: 725946\n", "Size: 725946\nArch: amd64\n"),
                 "debian/control": CONTROL.replace("Architecture: any", "Architecture: amd64")},
    )
)  # fmt: skip
def architectures_are_fetched(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Where every Fetch has Arch, no binary package may go beyond them. `all` is built somewhere and stays open."""
    if not metadata.fetches or not all(fetch.architectures for fetch in metadata.fetches):
        return
    fetched = {name for fetch in metadata.fetches for name in fetch.architectures}
    if fetched & {"any", "all"}:
        return
    lines = {each.value("Package"): each.line_of("Architecture") for each in recipe.paragraphs("debian/control")[1:]}
    for binary in metadata.binaries:
        beyond = [name for name in binary.architectures if name not in fetched and name != "all"]
        if beyond:
            message = f"{binary.name} is for {', '.join(beyond)}, and files are fetched for {', '.join(sorted(fetched))} alone"
            yield Place("debian/control", lines.get(binary.name, 1), message)


@check_metadata(
    About(
        id="DUR117",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("A variant changes nothing"),
        explanation=gettext_noop(
            "A variant is built under its build profile. Where neither debian/rules nor debian/control asks for that profile, "
            "and the variant has no flags and no packages of its own, it builds the very same package under another name."
        ),
        remedy=gettext_noop(
            "read the profile in debian/rules (DEB_BUILD_PROFILES) or in debian/control, or take the variant away"
        ),
        failing={"debian/dur": DUR + _VARIANT},
        mending={"debian/dur": DUR + _VARIANT, "debian/rules": "#!/usr/bin/make -f\n"
                 "ifneq (,$(filter pkg.hello-dur.native,$(DEB_BUILD_PROFILES)))\n"
                 "export DEB_CFLAGS_APPEND = -march=native\nendif\n%:\n\tdh $@\n"},
    )
)  # fmt: skip
def variants_change_something(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """A variant of which no profile is read, and which has nothing else that would change the build."""
    unread = unread_profiles(recipe, metadata)
    for variant in metadata.variants:
        if variant.profiles and _changes_nothing(variant, unread):
            message = f"no file that the build reads asks for the build profile {', '.join(map(quoted, variant.profiles))}"
            yield Place(PATH, variant.line, message)


def _changes_nothing(variant: Variant, unread: Collection[str]) -> bool:
    return not variant.flags and not variant.build_depends_extra and all(profile in unread for profile in variant.profiles)


@check_metadata(
    About(
        id="DUR120",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("A variant is built under a profile that debian/rules does not know"),
        explanation=gettext_noop(
            "The variant's profile is set for the build, and no file that the build reads asks for it: it was mistyped, renamed "
            "in one place, or forgotten. The variant then is not what its name promises; where it is the default, everyone "
            "gets that package."
        ),
        remedy=gettext_noop("ask for the profile in debian/rules (DEB_BUILD_PROFILES) or in debian/control, or take it away"),
        failing={"debian/dur": DUR + _VARIANT + "Flags: -O3\n"},
        mending={"debian/dur": DUR + _VARIANT + "Flags: -O3\n", "debian/rules": "#!/usr/bin/make -f\n"
                 "ifneq (,$(filter pkg.hello-dur.native,$(DEB_BUILD_PROFILES)))\n"
                 "export DEB_CFLAGS_APPEND = -march=native\nendif\n%:\n\tdh $@\n"},
    )
)  # fmt: skip
def profiles_are_known(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Every profile of a variant is read; where the variant changes nothing at all, DUR117 tells it."""
    unread = unread_profiles(recipe, metadata)
    for variant in metadata.variants:
        if _changes_nothing(variant, unread):
            continue
        for profile in dict.fromkeys(variant.profiles):
            if profile in unread:
                default = ", the default," if variant.default else ""
                message = f"variant {variant.name}{default} sets {quoted(profile)}, and no file that the build reads asks for it"
                yield Place(PATH, variant.line, message)


@check_metadata(
    About(
        id="DUR118",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("The category does not fit what the manifest holds"),
        explanation=gettext_noop(
            "The catalogue sorts and filters recipes by Category. One of the category model describes a model, one of the "
            "category variant names the source package that it varies, and a repack fetches what it packs anew."
        ),
        remedy=gettext_noop("correct Category, or add the paragraphs that the category stands for"),
        failing={"debian/dur": DUR.replace("Category: source", "Category: model")},
        mending={"debian/dur": DUR},
    )
)
def category_fits(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare the stated Category with the paragraphs."""
    paragraphs = recipe.paragraphs(PATH)
    stated = paragraphs[0].value("Category") if paragraphs else ""
    line = paragraphs[0].line_of("Category") if paragraphs else 1
    if stated == "model" and not metadata.models:
        yield Place(PATH, line, "Category: model was found without a Model paragraph")
    elif stated in {"source", "repack"} and metadata.models:
        yield Place(PATH, line, f"Category: {stated} was found, and a Model paragraph in line {metadata.models[0].line}")
    elif stated == "variant" and not metadata.variants and not metadata.variant_of:
        yield Place(PATH, line, "Category: variant was found without Variant-Of and without a Variant paragraph")
    elif stated == "repack" and not metadata.fetches:
        yield Place(PATH, line, "Category: repack was found, and nothing is fetched that could be packed anew")
