"""Checks of the files beside debian/: only debian/ enters the source tree, so that they are there for people alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.source_files import readme_path

from ..base import About, Family, Place, check_metadata, gettext_noop
from ..examples import DUR
from ..names import TOP_LEVEL
from ..recipe import CheckedRecipe
from ..scripts import RULES, commands_of
from ..writes import TIDYING

_LISTS = re.compile(r"debian/(?:[^/]+\.)?(?:install|docs|examples|manpages|info|links)")
_HERE = re.compile(r"(?:\./|\$\{[A-Z_a-z]+\}/)")
_README = "# hello-dur\n\nWhat this recipe is for.\n"
_NO_ORIG = DUR.replace("hello-dur_1.0.orig.tar.gz", "words.tar.gz").replace(
    "License: MIT", "Role: component\nWrap: words\nLicense: MIT"
)


@check_metadata(
    About(
        id="DUR905",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A file beside debian/ takes no part in the build"),
        explanation=gettext_noop(
            "Only debian/ of a recipe enters the source tree. A README, a LICENSE and what git or a forge reads may stand beside "
            "it, for people; any other file there looks as if it were built, and is not. Upstream's files come from the tarball "
            "that a Fetch pins."
        ),
        remedy=gettext_noop("move the file below debian/, or make a patch of it"),
        failing={"Makefile": "all:\n\ttrue\n"},
        mending={"README.md": _README, "debian/extra/Makefile": "all:\n\ttrue\n"},
    )
)
def only_packaging_here(recipe: CheckedRecipe, _metadata: RecipeMetadata) -> Iterator[Place]:
    """Look at what is not below debian/."""
    for path in recipe.tree:
        name = path.partition("/")[0]
        if name != "debian" and not _is_for_people(name) and not name.startswith((".git", ".salsa-ci")):
            yield Place(path, None, "the file stands beside debian/, and only debian/ enters the source tree")


def _is_for_people(name: str) -> bool:
    """Return whether the name is that of documentation: README.md, LICENSE-MIT."""
    return name.partition(".")[0].partition("-")[0].upper() in TOP_LEVEL


@check_metadata(
    About(
        id="DUR912",
        severity=Severity.INFO,
        family=Family.FILES,
        title=gettext_noop("The README that is installed is upstream's, not the recipe's"),
        explanation=gettext_noop(
            "The recipe's README is shown on its page and stays out of the source tree, which holds upstream's files. What "
            "debian/docs or debian/rules install under that name is upstream's README. That is mostly what is wanted; to tell "
            "the package's users something of your own, there are other files."
        ),
        remedy=gettext_noop(
            "nothing is wrong; write debian/README.Debian for users, debian/README.source for those who build it"
        ),
        failing={"README.md": _README, "debian/docs": "README.md\n"},
        mending={"README.md": _README, "debian/README.Debian": _README},
    )
)
def readme_is_upstreams(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Where there is a tarball of upstream's, look for the name of the recipe's README in what is installed."""
    readme = readme_path(recipe.tree)
    if readme and _has_upstream(metadata):
        for path, line, name in _named_beside(recipe):
            if name == readme:
                yield Place(
                    path, line, f"{name} is upstream's here, if it has one; the recipe's own stays out of the source tree"
                )


@check_metadata(
    About(
        id="DUR913",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("The build takes a file from beside debian/, where it is not"),
        explanation=gettext_noop(
            "Only debian/ of a recipe enters the source tree, and no tarball of upstream's brings a file of that name. What "
            "debian/docs, debian/install or debian/rules name beside debian/ is not there when the package is built, and the "
            "build stops."
        ),
        remedy=gettext_noop("move the file below debian/ and name it there: debian/README.Debian, debian/examples/"),
        failing={"README.md": _README, "debian/docs": "README.md\n", "debian/dur": _NO_ORIG},
        mending={"README.md": _README, "debian/hello-dur.docs": "debian/hints.txt\n", "debian/hints.txt": "Hello.\n",
                 "debian/dur": _NO_ORIG},
    )
)  # fmt: skip
def files_beside_are_not_taken(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Where no tarball is laid over the tree, look for names of the recipe's files beside debian/ in what is installed."""
    if not _has_upstream(metadata):
        for path, line, name in _named_beside(recipe):
            yield Place(path, line, f"{name} stands beside debian/, and only debian/ enters the source tree")


def _has_upstream(metadata: RecipeMetadata) -> bool:
    """Return whether a tarball or a checked-out repository is unpacked at the tree's top."""
    return any(fetch.role == "orig" for fetch in metadata.fetches)


def _named_beside(recipe: CheckedRecipe) -> Iterator[tuple[str, int, str]]:
    """Yield path, line and name where a list of debhelper's or a command of debian/rules names a file at the recipe's top."""
    top = {path for path in recipe.tree if "/" not in path}
    if not top:
        return
    for path, text in recipe.texts():
        if _LISTS.fullmatch(path) and not text.startswith("#!"):
            for number, line in enumerate(text.split("\n"), start=1):
                words = [] if line.lstrip().startswith("#") else line.split()
                yield from ((path, number, name) for word in words if (name := _at_top(word)) in top)
    for script, command in commands_of(recipe, RULES):
        for word in () if command.program in TIDYING else command.operands:
            if (name := _at_top(word)) in top:
                yield script.path, command.line, name


def _at_top(word: str) -> str:
    """Return the word without the folder that stands for the tree's top."""
    return _HERE.sub("", word, count=1) if _HERE.match(word) else word
