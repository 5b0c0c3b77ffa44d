"""Checks of how debian/rules finishes a package: the loader finds its libraries, and packing does not take minutes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from recipes_app.formats.findings import Severity
from recipes_app.formats.manifest import PATH
from recipes_app.formats.metadata import Fetch, RecipeMetadata
from recipes_app.formats.source_files import RULES_PATH
from recipes_app.limits import MAX_XZ_BYTES, MIB

from ..base import About, Family, Place, check, check_metadata, gettext_noop
from ..examples import DUR, RULES
from ..recipe import CheckedRecipe, interpreter_of
from ..scripting.shell_command import Command
from ..scripts import MAINTAINER, ReadScript, commands_of, scripts_of
from ..scripts import RULES as RULES_ROLE

_HWCAPS = "glibc-hwcaps/"
_LISTS = re.compile(r"debian/(?:[^/]+\.)?(?:install|links|dirs)")
_TRIGGERS = re.compile(r"debian/(?:[^/]+\.)?triggers")
_ACTIVATES = re.compile(r"\bactivate(?:-(?:no)?await)?[ \t]+ldconfig\b")
_CDBS = "/usr/share/cdbs/"
_NO_SCRIPTS = frozenset({"-n", "--no-scripts", "--noscripts"})
# dpkg-deb(1): type, level and strategy of the compression; dpkg reads the first two from the environment, too.
_COMPRESSION = re.compile(r"-[ZzS]")
_COMPRESSION_NAMES = ("DPKG_DEB_COMPRESSOR_TYPE", "DPKG_DEB_COMPRESSOR_LEVEL")
_COMPRESSION_ARGUMENT = re.compile(r"[ \t=]-[ZzS]")
_TARBALL = re.compile(r"\.(?:tar(?:\.[a-z0-9]+)?|tgz|tbz2?|txz)")
_BLOBS = frozenset({"repack", "model", "data"})
_LIBRARY = {"debian/install": "libhello.so.1 usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3\n"}
_DATA = DUR.replace("Category: source", "Category: data").replace("Size: 725946", "Size: 83506384")


@check(
    About(
        id="DUR911",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A library for newer processors is not found by the loader"),
        explanation=gettext_noop(
            "The loader looks libraries up in ld.so.cache. One in glibc-hwcaps is found only after ldconfig has written it "
            "again, and dpkg runs ldconfig for packages that activate its trigger. dh_makeshlibs adds the trigger, but not with "
            "the option --no-scripts, and not where it does not run: then the package installs and nothing gets faster."
        ),
        remedy=gettext_noop("run dh_makeshlibs without --no-scripts, or add debian/PACKAGE.triggers: activate-noawait ldconfig"),
        failing={**_LIBRARY, "debian/rules": RULES + "\noverride_dh_makeshlibs:\n\tdh_makeshlibs --no-scripts\n"},
        mending={**_LIBRARY, "debian/rules": RULES},
    )
)
def hwcaps_are_found(recipe: CheckedRecipe) -> Iterator[Place]:
    """Where something is put into glibc-hwcaps, look for the trigger: of debhelper's, of the recipe's, or ldconfig itself."""
    place = _hwcaps_place(recipe)
    # What a debian/rules in another language runs cannot be told.
    if place is None or interpreter_of(recipe.text(RULES_PATH)) not in {"make", "gmake", ""} or _activates(recipe):
        return
    commands = list(commands_of(recipe, RULES_ROLE))
    asked = [(script, command) for script, command in commands if command.program == "dh_makeshlibs"]
    override = _override_line(recipe)
    by_itself = any(command.program == "dh" for _, command in commands) or _CDBS in recipe.text(RULES_PATH)
    if by_itself and not override:
        return
    if any(_finds_hwcaps(command) for _, command in asked):
        return
    if asked:
        script, command = asked[0]
        yield Place(script.path, command.line, f"no trigger for ldconfig is made: {command}")
    elif override:
        yield Place(RULES_PATH, override, "dh_makeshlibs is overridden and does not run, so that nothing activates ldconfig")
    else:
        yield Place(*place, "nothing activates ldconfig: dh_makeshlibs does not run")


def _hwcaps_place(recipe: CheckedRecipe) -> tuple[str, int] | None:
    """Return path and line of the first mention of glibc-hwcaps in what says what is installed; None where there is none."""
    texts = [(script.path, script.text) for script in scripts_of(recipe) if script.role == RULES_ROLE]
    texts += [(path, text) for path, text in recipe.texts() if _LISTS.fullmatch(path)]
    for path, text in texts:
        if _HWCAPS in text:
            for number, line in enumerate(text.split("\n"), start=1):
                if _HWCAPS in line and not line.lstrip().startswith("#"):
                    return path, number
    return None


def _activates(recipe: CheckedRecipe) -> bool:
    """Return whether the recipe itself activates the trigger, in a list of triggers or in debian/rules, or calls ldconfig."""
    for path, text in recipe.texts():
        if (path == RULES_PATH or _TRIGGERS.fullmatch(path)) and any(_ACTIVATES.search(line) for line in _lines(text)):
            return True
    return any(command.program == "ldconfig" for _, command in commands_of(recipe, MAINTAINER))


def _override_line(recipe: CheckedRecipe) -> int:
    """Return the line where debian/rules takes dh_makeshlibs into its own hands; 0 where it does not."""
    for number, line in enumerate(recipe.lines(RULES_PATH), start=1):
        if "override_dh_makeshlibs" in line.partition(":")[0] and ":" in line and not line.startswith(("\t", "#")):
            return number
    return 0


def _finds_hwcaps(command: Command) -> bool:
    """Return whether this call of dh_makeshlibs adds the trigger; what follows `--` is for dpkg-gensymbols."""
    words = command.arguments
    words = words[: words.index("--")] if "--" in words else words
    return not any(word in _NO_SCRIPTS or "hwcaps" in word for word in words)


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.split("\n") if not line.lstrip().startswith("#"))


@check_metadata(
    About(
        id="DUR121",
        severity=Severity.WARNING,
        family=Family.MANIFEST,
        title=gettext_noop("A large file is packed with xz, which takes minutes for nothing"),
        explanation=gettext_noop(
            "dpkg-deb packs with xz where nobody says otherwise. Weights, wheels and vendors' libraries are dense already: for a "
            "model of 84 MB xz took 162 seconds and saved one percent over zstd, which took 0.9 seconds. Everyone who builds the "
            "recipe waits for it."
        ),
        remedy=gettext_noop(
            "add override_dh_builddeb with dh_builddeb -- -Zzstd -z3; where the content does get smaller, write -Zxz"
        ),
        failing={"debian/dur": _DATA},
        mending={"debian/dur": _DATA, "debian/rules": RULES + "\noverride_dh_builddeb:\n\tdh_builddeb -- -Zzstd -z3\n"},
    )
)
def blobs_are_packed_lightly(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Add up what is fetched to be packed, for the architecture that takes most, and look for any choice of a compression."""
    blobs = [fetch for fetch in metadata.fetches if fetch.size and _is_packed(fetch, metadata.category)]
    everywhere = sum(fetch.size or 0 for fetch in blobs if not fetch.architectures)
    by_architecture = Counter[str]()
    for fetch in blobs:
        for name in fetch.architectures:
            by_architecture[name] += fetch.size or 0
    total = everywhere + max(by_architecture.values(), default=0)
    if total <= MAX_XZ_BYTES or _chooses_compression(recipe):
        return
    largest = max(blobs, key=lambda fetch: fetch.size or 0)
    yield Place(
        PATH, largest.line, f"{total // MIB} MiB are fetched to be packed, and debian/rules chooses no compression for them"
    )


def _is_packed(fetch: Fetch, category: str) -> bool:
    """Return whether the content of the file goes into a package as it is, as far as the manifest tells."""
    if fetch.role == "dsc":
        return False
    bare = fetch.role == "extra" or bool(fetch.wrap)
    return category in _BLOBS or (bare and _TARBALL.search(fetch.filename) is None)


def _chooses_compression(recipe: CheckedRecipe) -> bool:
    """Return whether a call of dh_builddeb or dpkg-deb, the environment or cdbs' variable names a compression."""
    for _, command in commands_of(recipe, RULES_ROLE):
        if command.program in {"dh_builddeb", "dpkg-deb"} and any(map(_COMPRESSION.match, command.arguments)):
            return True
    return any(_names_compression(script) for script in scripts_of(recipe) if script.role == RULES_ROLE)


def _names_compression(script: ReadScript) -> bool:
    return any(
        any(name in line for name in _COMPRESSION_NAMES)
        or ("BUILDDEB_ARGS" in line and _COMPRESSION_ARGUMENT.search(line) is not None)
        for line in _lines(script.text)
    )
