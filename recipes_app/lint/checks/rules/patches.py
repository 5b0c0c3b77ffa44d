"""Checks of debian/patches: the series, the headers that DEP-3 describes, and where a patch writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.report import quoted
from recipes_app.formats.source_files import FORMAT_PATH, series_path

from ..base import About, Family, Place, check, check_metadata, gettext_noop
from ..examples import CHANGELOG
from ..recipe import CheckedRecipe

_FOLDER = "debian/patches/"
_SERIES = "debian/patches/series"
_HUNK = "--- a/hello.c\n+++ b/hello.c\n@@ -1 +1 @@\n-Hello\n+Hello, world\n"
_HEADER = "Description: Greet the whole world\nAuthor: Ada Lovelace <ada@example.org>\nLast-Update: 2026-02-01\n\n"
_PATCH = {_SERIES: "greet.patch\n", "debian/patches/greet.patch": _HEADER + _HUNK}
# Where the description of a patch ends and the patch begins; `---` alone is git's mark.
_START = re.compile(r"---(?: |$)|diff |Index: |={10,}|\+\+\+ |@@ ")
# DEP-3's Origin or Author; From is the same by git's name, and a commit's first line is `From <40 hex digits> <date>`.
_ORIGIN = re.compile(r"(?:Origin|Author|From|Applied-Upstream|Commit)\s*:\s*\S|From [0-9a-f]{40} ", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _with(header: str, body: str = _HUNK) -> dict[str, str]:
    """Return the example's series with one patch."""
    return {_SERIES: "greet.patch\n", "debian/patches/greet.patch": header + body}


def _header(recipe: CheckedRecipe, path: str) -> list[str]:
    """Return the lines of a patch before its first file."""
    lines = recipe.lines(path)
    end = next((number for number, line in enumerate(lines) if _START.match(line)), len(lines))
    return lines[:end]


def _patches(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[str]:
    """Yield the paths of the patches in the series that are there."""
    return (path for path in dict.fromkeys(_FOLDER + name for name in metadata.patches) if path in recipe.tree)


class _Target(NamedTuple):
    """A name in the heading of a patched file."""

    line: int
    name: str


def _targets(lines: list[str]) -> Iterator[_Target]:
    """Yield the names of the files that a patch changes: `---` and `+++` that stand together before a hunk."""
    for place in range(len(lines) - 2):
        if lines[place].startswith("--- ") and lines[place + 1].startswith("+++ ") and lines[place + 2].startswith("@@ -"):
            for step in (0, 1):
                yield _Target(place + step + 1, lines[place + step][4:].partition("\t")[0].strip())


@check_metadata(
    About(
        id="DUR501",
        severity=Severity.INFO,
        family=Family.PATCHES,
        title=gettext_noop("A patch does not say who made it or where it comes from"),
        explanation=gettext_noop(
            "DEP-3 asks every patch for an Origin or an Author, so that those who update the package know whom to ask, and "
            "can see whether upstream has taken the change."
        ),
        remedy=gettext_noop("add Author: or Origin: to the patch's header; git format-patch writes From:"),
        failing=_with("Description: Greet the whole world\n\n"),
        mending=_PATCH,
    )
)
def patches_have_authors(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look for the fields in the header of every patch that is applied; several forms are in use, DEP-3's and git's."""
    for path in _patches(recipe, metadata):
        if not any(_ORIGIN.match(line.lstrip("# ")) for line in _header(recipe, path)):
            yield Place(path, 1, "no Author, Origin or From was found before the first change")


@check(
    About(
        id="DUR502",
        severity=Severity.ERROR,
        family=Family.PATCHES,
        title=gettext_noop("The series names a patch that is not there"),
        explanation=gettext_noop(
            "dpkg-source applies the patches of debian/patches/series one by one and stops at the first that it does not find. "
            "Nothing can be built of such a recipe."
        ),
        remedy=gettext_noop("add the patch, or take the line out of the series"),
        failing={_SERIES: "greet.patch\n"},
        mending=_PATCH,
    )
)
def series_is_complete(recipe: CheckedRecipe) -> Iterator[Place]:
    """Tell what the parser says of the series."""
    for finding in recipe.parser_findings("patches-missing", "patches-path"):
        yield Place(finding.path, finding.line, finding.message)


@check(
    About(
        id="DUR503",
        severity=Severity.ERROR,
        family=Family.PATCHES,
        title=gettext_noop("The series names a patch twice"),
        explanation=gettext_noop(
            "The second time, the patch does not apply any more: its change is there already. dpkg-source stops, or patches a "
            "similar place that was not meant. Mostly two versions of the series were merged."
        ),
        remedy=gettext_noop("take one of the two lines out of the series"),
        failing={**_PATCH, _SERIES: "greet.patch\ngreet.patch\n"},
        mending=_PATCH,
    )
)
def series_names_once(recipe: CheckedRecipe) -> Iterator[Place]:
    """Compare the first words of the lines."""
    path = series_path(recipe.tree)
    seen: dict[str, int] = {}
    for number, line in enumerate(recipe.lines(path), start=1):
        words = line.partition("#")[0].split()
        if words and seen.setdefault(words[0], number) != number:
            yield Place(path, number, f"{quoted(words[0])} was named in line {seen[words[0]]} already")


@check_metadata(
    About(
        id="DUR504",
        severity=Severity.ERROR,
        family=Family.PATCHES,
        title=gettext_noop("A patch writes outside the source"),
        explanation=gettext_noop(
            "A patch changes files below the unpacked source. An absolute path or one that climbs out with .. is aimed at the "
            "machine of whoever unpacks it; dpkg-source refuses it, other tools may not."
        ),
        remedy=gettext_noop("make the patch anew with dpkg-source --commit or quilt refresh"),
        failing=_with(_HEADER, _HUNK.replace("+++ b/hello.c", "+++ b/../../etc/profile")),
        mending=_PATCH,
    )
)
def patches_stay_inside(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look at the names in the headings of changed files, where a hunk follows."""
    for path in _patches(recipe, metadata):
        for target in _targets(recipe.lines(path)):
            if (target.name.startswith("/") and target.name != "/dev/null") or ".." in target.name.split("/"):
                yield Place(path, target.line, f"the patch names {quoted(target.name)}")


@check_metadata(
    About(
        id="DUR505",
        severity=Severity.INFO,
        family=Family.PATCHES,
        title=gettext_noop("The date of a patch cannot be read"),
        explanation=gettext_noop(
            "Last-Update in a patch's header is written as YYYY-MM-DD (DEP-3), so that programs can sort by it and show "
            "patches that nobody has looked at for years."
        ),
        remedy=gettext_noop("write Last-Update as date -I prints it"),
        failing=_with(_HEADER.replace("2026-02-01", "1 Feb 2026")),
        mending=_PATCH,
    )
)
def patch_dates_are_iso(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look at Last-Update in every header."""
    for path in _patches(recipe, metadata):
        for number, line in enumerate(_header(recipe, path), start=1):
            name, colon, value = line.partition(":")
            if colon and name.lower() == "last-update" and not _DATE.match(value.strip()):
                yield Place(path, number, f"Last-Update: {quoted(value.strip())} was found, expected a date such as 2026-02-01")


@check_metadata(
    About(
        id="DUR506",
        severity=Severity.WARNING,
        family=Family.PATCHES,
        title=gettext_noop("A native package has patches, which nothing applies"),
        explanation=gettext_noop(
            "In the format 3.0 (native) debian/ and the program are one source, and dpkg-source does not read "
            "debian/patches. What the patches were to change stays as it was."
        ),
        remedy=gettext_noop("change the files themselves, or make the format 3.0 (quilt) with a Fetch for upstream's source"),
        failing={**_PATCH, FORMAT_PATH: "3.0 (native)\n", "debian/changelog": CHANGELOG.replace("1.0-1", "1.0")},
        mending={FORMAT_PATH: "3.0 (native)\n", "debian/changelog": CHANGELOG.replace("1.0-1", "1.0")},
    )
)
def native_has_no_patches(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """A series that names something, in a native package whose debian/rules does not apply it itself."""
    if metadata.source_format == "3.0 (native)" and metadata.patches and "patch" not in recipe.text("debian/rules"):
        path = series_path(recipe.tree)
        yield Place(path, 1, f"the series names {len(metadata.patches)} patches, and the format is native")


@check_metadata(
    About(
        id="DUR507",
        severity=Severity.ERROR,
        family=Family.PATCHES,
        title=gettext_noop("A patch holds a binary change of git's"),
        explanation=gettext_noop(
            "git can write changes of binary files into a patch, but patch(1), which dpkg-source calls, cannot apply them: it "
            "stops. And a reviewer cannot see what such a change does."
        ),
        remedy=gettext_noop("take the file out of the patch, and fetch it or make it in debian/rules"),
        failing=_with(_HEADER, "diff --git a/logo.png b/logo.png\nindex 1234567..89abcde 100644\nGIT binary patch\n"
                               "literal 3\nKcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n"),
        mending=_PATCH,
    )
)  # fmt: skip
def patches_are_text(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Look for git's mark at the start of a line."""
    for path in _patches(recipe, metadata):
        if "GIT binary patch" in recipe.text(path):
            for number, line in enumerate(recipe.lines(path), start=1):
                if line == "GIT binary patch":
                    yield Place(path, number, "a binary change of git's was found")
