"""Checks of debian/control: what the packages are called, whom they name, and what they claim to replace."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipes_app.formats.control import PATH
from recipes_app.formats.deb822 import Paragraph
from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.report import quoted

from ..base import EXAMPLE_DAY, About, CheckContext, Family, Place, check, check_metadata, gettext_noop
from ..examples import CHANGELOG, CONTROL, DUR
from ..recipe import CheckedRecipe

# Mail to these reaches a team of Debian's, not one person.
_TEAM_HOSTS = frozenset(
    {
        "lists.debian.org", "lists.alioth.debian.org", "alioth-lists.debian.net", "tracker.debian.org", "packages.debian.org",
    }
)  # fmt: skip
_OWN_PROFILE = re.compile(r"\bpkg\.(?P<source>[a-z0-9][a-z0-9+-]*(?:\.[a-z0-9+-]+)*)\.[a-z0-9+-]+")
# What a system boots, logs in, and checks signatures with: nothing from elsewhere takes these places unnoticed.
_VITAL = frozenset(
    {
        "apt", "base-files", "base-passwd", "bash", "bsdutils", "ca-certificates", "coreutils", "dash",
        "debian-archive-keyring", "debianutils", "diffutils", "dpkg", "findutils", "gpgv", "gnupg", "grep", "gzip",
        "hostname", "init", "init-system-helpers", "libc-bin", "libc6", "libpam-modules", "libpam-runtime", "login",
        "ncurses-base", "ncurses-bin", "openssh-client", "openssh-server", "passwd", "perl-base", "policykit-1",
        "polkitd", "sed", "sudo", "systemd", "sysvinit-utils", "tar", "udev", "util-linux",
    }
)  # fmt: skip
_TEAM = "Debian Hello Team <hello@lists.debian.org>"
_TAKING = ("Provides", "Replaces", "Conflicts", "Breaks")


def _packages(recipe: CheckedRecipe) -> Iterator[tuple[str, Paragraph]]:
    """Yield name and paragraph of each binary package."""
    return ((each.value("Package"), each) for each in recipe.paragraphs(PATH)[1:] if each.get("Package"))


@check_metadata(
    About(
        id="DUR201",
        severity=Severity.ERROR,
        family=Family.CONTROL,
        title=gettext_noop("A binary package has the name of one of Debian's"),
        explanation=gettext_noop(
            "apt takes two packages of one name for two versions of the same thing, and installs the higher one over the "
            "other. Who builds such a recipe replaces Debian's package and, mostly without wanting it, gives up its security "
            "updates. Where that is the purpose, Variant-Of says so, and clients handle the package accordingly."
        ),
        remedy=gettext_noop("rename the binary package, or add Variant-Of: debian:SOURCE to debian/dur"),
        failing={},
        mending={"debian/dur": DUR.replace("Category: source", "Category: variant\nVariant-Of: debian:hello-dur")},
        context=CheckContext(archive_binaries=frozenset({"hello-dur"}), archive_date="2026-02-28", now=EXAMPLE_DAY),
    )
)
def names_are_free(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare with the archive's names, where they are known and no Variant-Of is stated."""
    if metadata.variant_of:
        return
    for name, paragraph in _packages(recipe):
        if name in recipe.context.archive_binaries:
            day = f" as of {recipe.context.archive_date}" if recipe.context.archive_date else ""
            yield Place(PATH, paragraph.line_of("Package"), f"{name} is a binary package of the Debian archive{day}")


@check(
    About(
        id="DUR202",
        severity=Severity.ERROR,
        family=Family.CONTROL,
        title=gettext_noop("A package marks itself as one that no system can do without"),
        explanation=gettext_noop(
            "Essential, Protected and Important make dpkg and apt refuse to remove a package (Debian Policy 3.8). They are "
            "for what a system cannot boot or install without; a package that a user adds must be one that he can remove."
        ),
        remedy=gettext_noop("take the field away"),
        failing={"debian/control": CONTROL.replace("Architecture: any\n", "Architecture: any\nEssential: yes\n")},
        mending={"debian/control": CONTROL},
    )
)
def packages_can_be_removed(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for the three fields in every binary paragraph, with their prefix for export or without."""
    for name, paragraph in _packages(recipe):
        for field in paragraph.fields.values():
            mark = re.sub(r"^x[bcs]*-", "", field.name.lower())
            if mark in {"essential", "protected", "important"} and field.value.lower() == "yes":
                yield Place(PATH, field.line, f"{name} has {field.name}: yes")


@check_metadata(
    About(
        id="DUR203",
        severity=Severity.WARNING,
        family=Family.CONTROL,
        title=gettext_noop("A team of Debian's is named as the maintainer"),
        explanation=gettext_noop(
            "Whoever installs the package writes to its Maintainer. Where the packaging was taken from Debian and the field "
            "was left as it was, a team gets mail about builds that it knows nothing of."
        ),
        remedy=gettext_noop("name yourself in Maintainer, and the team as before in XSBC-Original-Maintainer"),
        failing={"debian/control": CONTROL.replace("Ada Lovelace <ada@example.org>", _TEAM),
                 "debian/changelog": CHANGELOG.replace("Ada Lovelace <ada@example.org>", _TEAM)},
        mending={"debian/control": CONTROL.replace("Ada Lovelace <ada@example.org>", "Ada Lovelace <ada@example.org>\n"
                                                   f"XSBC-Original-Maintainer: {_TEAM}")},
    )
)  # fmt: skip
def maintainer_is_no_team(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look at the host of the Maintainer's address."""
    host = metadata.maintainer.email.lower().rpartition("@")[2]
    if host in _TEAM_HOSTS:
        line = recipe.paragraphs(PATH)[0].line_of("Maintainer")
        yield Place(PATH, line, f"Maintainer is {quoted(metadata.maintainer.name)}, whose mail goes to {host}")


@check_metadata(
    About(
        id="DUR204",
        severity=Severity.WARNING,
        family=Family.CONTROL,
        title=gettext_noop("A build profile of another source package is used"),
        explanation=gettext_noop(
            "A profile of a package's own is named pkg.SOURCE.NAME, with its own source package in the middle. Under another "
            "name it is set by nobody who builds this recipe; it stayed when the packaging was copied or renamed."
        ),
        remedy=gettext_noop("write this source package's name into the profile, here and in debian/rules"),
        failing={"debian/control": CONTROL + "Build-Profiles: <!pkg.hello.nodoc>\n"},
        mending={"debian/control": CONTROL + "Build-Profiles: <!pkg.hello-dur.nodoc>\n"},
    )
)
def profiles_are_own(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look for profiles in the control file, line by line."""
    for number, line in enumerate(recipe.lines(PATH), start=1):
        if "pkg." not in line or line.startswith("#"):
            continue
        for match in _OWN_PROFILE.finditer(line):
            if "<" in line[: match.start()] and match["source"] != metadata.source:
                yield Place(PATH, number, f"{match[0]} is a profile of {match['source']}, and this is {metadata.source}")


@check_metadata(
    About(
        id="DUR205",
        severity=Severity.WARNING,
        family=Family.CONTROL,
        title=gettext_noop("A package puts itself in the place of a vital one"),
        explanation=gettext_noop(
            "With Provides, Replaces, Conflicts or Breaks without a version, a package can have apt remove what boots the "
            "system, logs users in or checks signatures, and stand in for it. That is seldom meant, and a reviewer should "
            "read every line of such a recipe."
        ),
        remedy=gettext_noop("state the versions that really conflict, or choose another name for what is provided"),
        failing={"debian/control": CONTROL.replace("Description:", "Provides: sudo\nConflicts: sudo\nDescription:")},
        mending={"debian/control": CONTROL.replace("Description:", "Breaks: sudo (<< 1.9)\nDescription:")},
    )
)
def vital_places_are_kept(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look for vital names in the relations that take another's place; a version narrows Replaces, Conflicts and Breaks."""
    paragraphs = dict(_packages(recipe))
    own = {binary.name for binary in metadata.binaries}
    for binary in metadata.binaries:
        for field in _TAKING:
            for relation in binary.relations.get(field, ()):
                for term in relation.alternatives:
                    narrowed = term.version and field != "Provides"
                    if term.name in _VITAL - own and not narrowed:
                        yield Place(PATH, paragraphs[binary.name].line_of(field), f"{binary.name} has {field}: {relation.text}")
