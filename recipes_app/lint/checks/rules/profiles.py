"""Which build profiles of its variants a recipe reads: https://wiki.debian.org/BuildProfileSpec."""

from __future__ import annotations

import re

from recipes_app.formats.manifest import PATH
from recipes_app.formats.metadata import RecipeMetadata

from ..recipe import CheckedRecipe, is_patch, is_prose
from ..scripting.programs import names

# debhelper, dpkg and the fields of debian/control act on these; a recipe need not name them.
_REGISTERED = names(
    "cross nobiarch nocheck nocil nodoc nogir nogolang noguile noinsttest nojava nolua noperl nopython noruby nosystemd noudeb "
    "nowasm stage1 stage2"
)
_WORD = re.compile(r"[a-z0-9][a-z0-9+.-]*+")
# What follows the part of a profile's name that stands there, where make or a shell puts it together or matches it.
_COMPUTED = frozenset("$%*")
_OWN_NAME = re.compile(r"\$[({]DEB_SOURCE(?:_PACKAGE)?[)}]")


def unread_profiles(recipe: CheckedRecipe, metadata: RecipeMetadata) -> frozenset[str]:
    """Return the profiles of the variants that no file asks for which a build reads.

    Those are the files below debian/, less prose, patches, tests and lines of comments. A profile is asked for by its whole name,
    or by its last part in a line with DEB_BUILD_PROFILES; where a name is put together of parts, all count as asked for.
    """
    wanted = {profile for variant in metadata.variants for profile in variant.profiles} - _REGISTERED
    if not wanted:
        return frozenset()
    asked: set[str] = set()
    for path, text in recipe.texts():
        if not _is_read(path):
            continue
        for line in _OWN_NAME.sub(metadata.source, text).split("\n"):
            if line.lstrip().startswith("#"):
                continue
            words = [(match[0], line[match.end() : match.end() + 1]) for match in _WORD.finditer(line)]
            if any(word.startswith("pkg.") and following in _COMPUTED for word, following in words):
                return frozenset()
            asked.update(word for word, _ in words if word in wanted)
            if "DEB_BUILD_PROFILES" in line:
                asked.update(f"pkg.{metadata.source}.{word}" for word, _ in words)
    return frozenset(wanted - asked)


def _is_read(path: str) -> bool:
    """Return whether a build reads the file: one below debian/ that is no manifest, prose, patch or test."""
    if not path.startswith("debian/") or path.startswith("debian/tests/") or path == PATH:
        return False
    return not is_prose(path) and not is_patch(path)
