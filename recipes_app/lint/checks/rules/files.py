"""Checks of the files themselves: they are what their names say, a tool reads them, and none lies there by accident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import PurePosixPath

from recipes_app.formats.findings import Severity
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.limits import MAX_SCRIPT_LINE

from ..base import EXAMPLE_DAY, About, CheckContext, Family, Place, check, check_metadata, gettext_noop
from ..names import DEBHELPER_SUFFIXES, KNOWN_FOLDERS, KNOWN_NAMES
from ..recipe import CheckedRecipe, interpreter_of, is_patch, is_prose, line_of

_POSTINST = "#!/bin/sh\nset -e\n#DEBHELPER#\n"
# How a picture begins that has this suffix; SVG and XPM are text.
_PICTURES = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".ico": (b"\0\0\x01\0", b"\x89PNG\r\n\x1a\n"),
    ".webp": (b"RIFF",),
}
# Suffixes that promise text, and of those the ones that nothing runs.
_TEXT = (
    ".sh", ".py", ".pl", ".rb", ".lua", ".js", ".mk", ".md", ".rst", ".txt", ".service", ".socket", ".timer", ".desktop", ".conf",
    ".cfg", ".ini", ".json", ".yml", ".yaml", ".toml", ".xml", ".html", ".css", ".csv", ".svg", ".xpm", ".c", ".h", ".cc", ".cpp",
    ".po", ".pot", ".install", ".links", ".dirs", ".docs", ".manpages", ".templates", ".lintian-overrides",
)  # fmt: skip
_DATA = (
    ".md", ".rst", ".txt", ".service", ".socket", ".timer", ".desktop", ".json", ".yml", ".yaml", ".toml", ".xml", ".html",
    ".css", ".csv", ".svg", ".xpm", ".po", ".pot", ".png", ".gif", ".jpg", ".jpeg", ".ico",
)  # fmt: skip
_LEFTOVER = re.compile(
    r"(?:.*/)?(?:[^/]*~|#[^/]*#|\.#[^/]*|\.[^/]*\.sw[a-p]|[^/]*\.(?:orig|rej|bak|dpkg-(?:old|new|dist))|\.DS_Store|Thumbs\.db|"
    r"desktop\.ini|nohup\.out|core|[^/]*\.pyc|__pycache__/.*)"
    r"|debian/(?:[^/]+\.(?:substvars|debhelper\.log)|[^/]+\.(?:postinst|prerm|preinst|postrm)\.debhelper|debhelper-build-stamp|"
    r"files|\.debhelper/.*)|\.pc/.*"
)
# What an editor, a shell or a debugger runs or obeys when someone only looks into the folder.
_SELF_STARTING = re.compile(
    r"(?:.*/)?(?:\.envrc|\.vscode/.*|\.idea/.*|\.devcontainer(?:/.*|\.json)|\.dir-locals\.el|\.exrc|\.n?vimrc|\.lvimrc|"
    r"\.gdbinit|\.lldbinit|\.husky/.*|\.githooks/.*|\.pre-commit-config\.yaml|\.bashrc|\.profile|\.npmrc|\.pypirc|\.netrc)"
)
# How keys and tokens begin, and how they go on: the beginning is looked for first, since a whole pattern is slow on megabytes.
_SECRETS = (
    ("PRIVATE KEY", re.compile(r"PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=:\s]{64}"), "a private key"),
    ("ghp_", re.compile(r"ghp_[A-Za-z0-9]{36}\b"), "a token of GitHub's"),
    ("github_pat_", re.compile(r"github_pat_[A-Za-z0-9_]{60}"), "a token of GitHub's"),
    ("glpat-", re.compile(r"glpat-[A-Za-z0-9_-]{20}\b"), "a token of GitLab's"),
    ("AKIA", re.compile(r"AKIA[0-9A-Z]{16}\b"), "a key of Amazon's"),
    ("xox", re.compile(r"xox[bp]-[0-9]{10,20}-[0-9A-Za-z-]{20}"), "a token of Slack's"),
    ("hf_", re.compile(r"hf_[A-Za-z]{34}\b"), "a token of Hugging Face's"),
    ("pypi-Ag", re.compile(r"pypi-AgEIcHlwaS[\w-]{50}"), "a token of PyPI's"),
)
_KNOWN_PATHS = sorted(KNOWN_NAMES)
_LONGEST_NAME = 4 + max(map(len, _KNOWN_PATHS))


@check(
    About(
        id="DUR901",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A file is not what its name says"),
        explanation=gettext_noop(
            "A picture that is no picture, a text with NUL bytes, or a README that starts with #! is opened by one program and "
            "understood by another. Reviewers pass over pictures and texts; that makes them a good place to hide a program."
        ),
        remedy=gettext_noop("rename the file after what it is, or replace it"),
        failing={"debian/logo.png": "#!/bin/sh\nexec true\n"},
        mending={"debian/logo.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"},
    )
)
def content_fits_name(recipe: CheckedRecipe) -> Iterator[Place]:
    """Compare the first bytes with the suffix, and look for NUL bytes in texts; patches hold what upstream's files hold."""
    for path, content in recipe.tree.items():
        suffix = PurePosixPath(path).suffix.lower()
        beginnings = _PICTURES.get(suffix)
        if content.startswith(b"#!") and suffix in _DATA:
            yield Place(path, 1, f"the file starts with #! and is named {suffix}")
        elif beginnings and content and not content.startswith(beginnings):
            yield Place(path, 1, f"the file is named {suffix} and does not start as such a picture does")
        elif suffix in _TEXT and b"\0" in content:
            yield Place(path, content.count(b"\n", 0, content.find(b"\0")) + 1, f"the file is named {suffix} and holds NUL bytes")


@check(
    About(
        id="DUR902",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A file that is no program is marked as executable"),
        explanation=gettext_noop(
            "The executable bit makes debhelper run a file such as debian/install instead of reading it (debhelper(7)), and "
            "a desktop start what it should open. A file without #! cannot be run that way: the build fails."
        ),
        remedy=gettext_noop(
            "take the bit off: git update-index --chmod=-x FILE; or start the file with the program that runs it"
        ),
        failing={"debian/hello-dur.docs": "README.md\n"},
        mending={"debian/hello-dur.docs": "README.md\n"},
        context=CheckContext(executables=frozenset({"debian/rules", "debian/hello-dur.docs"}), now=EXAMPLE_DAY),
        mending_context=CheckContext(executables=frozenset({"debian/rules"}), now=EXAMPLE_DAY),
    )
)
def executables_are_programs(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look at what git knows as executable."""
    for path in sorted(recipe.context.executables or ()):
        if path in recipe.tree and not is_patch(path) and not interpreter_of(recipe.text(path)):
            yield Place(path, 1, "the file is executable and does not start with #!")


@check(
    About(
        id="DUR903",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A file was left behind by an editor, a patch or a build"),
        explanation=gettext_noop(
            "Back-up copies, swap files, rejected hunks and what debhelper writes during a build are in a recipe by accident. "
            "They show what was changed without saying so, go stale, and some of them change the next build."
        ),
        remedy=gettext_noop("git rm the file, and name its kind in .gitignore"),
        failing={"debian/postinst~": _POSTINST},
        mending={"debian/postinst": _POSTINST},
    )
)
def nothing_left_behind(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look at the names; a patch of the series may have any."""
    for path in recipe.tree:
        if _LEFTOVER.fullmatch(path) and not path.startswith("debian/patches/"):
            yield Place(path, None, "the name is that of a back-up copy, a swap file, or a product of a build")


@check_metadata(
    About(
        id="DUR904",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A file is for a binary package that does not exist"),
        explanation=gettext_noop(
            "debhelper reads debian/PACKAGE.install and its like for the packages of debian/control. One for another name is "
            "passed over in silence: what it lists is not installed, and a maintainer script never runs."
        ),
        remedy=gettext_noop("rename the file after the binary package, or remove it"),
        failing={"debian/hello-dru.install": "hello usr/bin\n"},
        mending={"debian/hello-dur.install": "hello usr/bin\n"},
    )
)
def files_have_packages(recipe: CheckedRecipe, metadata: RecipeMetadata) -> Iterator[Place]:
    """Compare names with the binary packages; where another file of debian/ names the file or its stem, it is left alone."""
    names = tuple(binary.name for binary in metadata.binaries)
    for path in recipe.tree:
        folder, _, file = path.rpartition("/")
        stem, dot, suffix = file.rpartition(".")
        if folder != "debian" or not dot or suffix not in DEBHELPER_SUFFIXES or path in KNOWN_NAMES:
            continue
        if stem in names or any(stem.startswith(f"{name}.") for name in names) or "@" in stem or not stem:
            continue
        if not _is_named(recipe, path, stem):
            yield Place(path, None, f"no binary package is named {stem}; there are {', '.join(names[:5])}")


def _is_named(recipe: CheckedRecipe, path: str, words: str) -> bool:
    """Return whether another file than the one at `path`, and one that can tell a build what to read, holds `words`."""
    return any(words in text for other, text in recipe.texts() if other != path and _builds(other))


def _builds(path: str) -> bool:
    """Return whether the file can tell a build to read another one: those of debian/ but prose and patches."""
    return path.startswith("debian/") and not is_prose(path) and not is_patch(path) and path != "debian/control"


@check(
    About(
        id="DUR906",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("The name of a file is nearly one that Debian's tools read"),
        explanation=gettext_noop(
            "Tools look for files below debian/ by their exact names and say nothing of others. A name that differs from a known "
            "one in a letter or two is most likely a typing error, and its content has no effect."
        ),
        remedy=gettext_noop("rename the file"),
        failing={"debian/postints": _POSTINST},
        mending={"debian/postinst": _POSTINST},
    )
)
def names_are_spelt(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for the nearest known name of each file and folder directly below debian/, and in debian/source and debian/tests."""
    packages = {paragraph.value("Package") for paragraph in recipe.paragraphs("debian/control")[1:]}
    for path in recipe.tree:
        parts = path.split("/")
        if parts[0] != "debian" or len(parts) < 2 or path in KNOWN_NAMES or _LEFTOVER.fullmatch(path):
            continue
        if len(parts) > 2 and parts[1] not in KNOWN_FOLDERS:
            near = get_close_matches(parts[1], KNOWN_FOLDERS, n=1, cutoff=0.85)
            if near and parts[1].rstrip("s") != near[0]:
                yield Place(path, None, f"debian/{parts[1]}/ was found; did you mean debian/{near[0]}/?")
        elif (len(parts) == 2 or parts[1] == "source") and len(path) <= _LONGEST_NAME:
            near = get_close_matches(path, _KNOWN_PATHS, n=1, cutoff=0.93)
            if near and parts[1].partition(".")[0] not in packages and not _is_named(recipe, path, path):
                yield Place(path, None, f"the file is read by no tool; did you mean {near[0]}?")


@check(
    About(
        id="DUR907",
        severity=Severity.ERROR,
        family=Family.FILES,
        title=gettext_noop("A secret is published"),
        explanation=gettext_noop(
            "A private key or an access token stands in the recipe. Everyone can read every revision, and it was copied within "
            "minutes: removing the file is not enough."
        ),
        remedy=gettext_noop("revoke the key or token now, then remove it; ask a moderator where the revision should be hidden"),
        failing={"debian/upload.key": "-----BEGIN OPENSSH PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU" * 4 + "\n"},
        mending={},
    )
)
def no_secrets(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look for the forms that keys and tokens of the great services have; the message does not repeat them.

    A key that is named snakeoil is meant to be known by all: Debian's word for keys of tests and defaults.
    """
    for path, text in recipe.texts():
        if is_patch(path) or "snakeoil" in path:
            continue
        for beginning, pattern, kind in _SECRETS:
            start = text.find(beginning)
            while start >= 0:
                if pattern.match(text, start):
                    yield Place(path, line_of(text, start), f"{kind} was found")
                start = text.find(beginning, start + len(beginning))


@check(
    About(
        id="DUR908",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A script cannot be started as it is saved"),
        explanation=gettext_noop(
            "The kernel reads #! as the first two bytes and takes the rest of the line as a program's name. A byte order mark "
            "before it, or a carriage return at the end of the line, makes that another name, and the script does not start."
        ),
        remedy=gettext_noop("save the file as UTF-8 without a byte order mark and with Unix line ends: dos2unix FILE"),
        failing={"debian/postinst": _POSTINST.replace("\n", "\r\n")},
        mending={"debian/postinst": _POSTINST},
    )
)
def scripts_start(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look at the first line of every file."""
    for path, text in recipe.texts():
        if text.startswith("\ufeff#!"):
            yield Place(path, 1, "a byte order mark stands before #!")
        elif text.startswith("#!") and text.partition("\n")[0].endswith("\r"):
            yield Place(path, 1, "the first line ends in a carriage return")


@check(
    About(
        id="DUR909",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A script has a line that nobody reads to its end"),
        explanation=gettext_noop(
            "A line of more than a thousand characters runs out of every window. In scripts such lines are generated, packed, or "
            "hide something at their end; in none of these cases can the script be reviewed."
        ),
        remedy=gettext_noop("break the line with backslashes, or put the data into a file of its own"),
        failing={"debian/postinst": "#!/bin/sh\nset -e\n: " + "abcdefgh " * 200 + "\n#DEBHELPER#\n"},
        mending={"debian/postinst": _POSTINST},
    )
)
def lines_can_be_read(recipe: CheckedRecipe) -> Iterator[Place]:
    """Measure the lines of scripts."""
    for script in recipe.scripts:
        for number, line in enumerate(script.text.split("\n"), start=1):
            if len(line) > MAX_SCRIPT_LINE:
                yield Place(script.path, number, f"the line has {len(line)} characters")


@check(
    About(
        id="DUR910",
        severity=Severity.WARNING,
        family=Family.FILES,
        title=gettext_noop("A file can act on whoever only opens the recipe"),
        explanation=gettext_noop(
            "Editors, shells and debuggers obey some files as soon as someone enters the folder: tasks of an editor, .envrc, "
            ".gdbinit. A reviewer who clones a recipe wants to read it, not to run it."
        ),
        remedy=gettext_noop("keep such files out of the repository; .git/info/exclude hides them from git"),
        failing={"debian/.envrc": "export HELLO=1\n"},
        mending={},
    )
)
def nothing_starts_itself(recipe: CheckedRecipe) -> Iterator[Place]:
    """Look at the names."""
    for path in recipe.tree:
        if _SELF_STARTING.fullmatch(path):
            yield Place(path, None, "an editor, a shell or another tool obeys a file of this name")
