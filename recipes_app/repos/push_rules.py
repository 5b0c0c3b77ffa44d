"""What a push may hold: small rules, each a pure function that yields findings, in tables by what they look at. No Django.

The hook (`pre_receive`) reads the objects and asks every rule of a table; so all findings of a push are shown at once.
What a recipe may hold is in docs/recipe-format.md; what a push could do to git or dpkg-source in docs/security.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from debian.debian_support import Version

from ..formats.findings import Finding, Severity
from ..limits import (
    KIB,
    MAX_BLOB_BYTES,
    MAX_NAME_BYTES,
    MAX_PATH_BYTES,
    MAX_PATH_DEPTH,
    MAX_REPOSITORY_BYTES,
    MAX_TREE_BYTES,
    MAX_TREE_FILES,
    MIB,
)
from .blob_kinds import forbidden_kind
from .objects import MODE_SUBMODULE, MODE_SYMLINK, MODE_TREE, REGULAR_MODES
from .reflog import NO_COMMIT

MAIN_BRANCH = "main"
MAIN = f"refs/heads/{MAIN_BRANCH}"
# DEP-14 names branches VENDOR/SUITE; a suite is a word of the archive's: bookworm, trixie-backports, latest.
_SUITE_BRANCH = re.compile(r"refs/heads/debian/[a-z0-9][a-z0-9.+-]{0,62}(?<![.])(?<!\.lock)")
# Files that Debian's tools open by name: a folder in their place is an attempt at something else.
_FILES_BY_NAME = frozenset(
    {b"debian/control", b"debian/changelog", b"debian/copyright", b"debian/rules", b"debian/source/format", b"debian/dur"}
)
# gitattributes(5): what changes the bytes of a checkout or of an archive, or runs a program where the host defines it.
# gitattributes(5): what changes no byte at checkout and hides no difference. Anything else is refused, macros among it.
_HARMLESS_ATTRIBUTES = re.compile(
    rb"text|text=auto|!text|eol=lf|!eol|merge=(?:union|text|binary)|-merge|!merge|diff=[a-z]+|diff|!diff"
    rb"|conflict-marker-size=[0-9]{1,3}|whitespace=[a-z0-9,=-]+|-?(?:linguist|gitlab)-[a-z-]+(?:=[A-Za-z0-9+#. -]+)?"
)
_ATTRIBUTE_LINE = re.compile(rb'[ \t]*(?:"(?:[^"\\]|\\.)*"|[^ \t]+)(?P<words>(?:[ \t]+[^ \t]+)*)[ \t]*')
_CONTROLS = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")

_SHOWN_PATH = 120


@dataclass(frozen=True)
class RefUpdate:
    """One line of git's request: a reference goes from `old` to `new`; forty zeros stand for "not there"."""

    old: str
    new: str
    reference: str

    @property
    def branch(self) -> str:
        """The branch's short name."""
        return self.reference.removeprefix("refs/heads/")


@dataclass(frozen=True)
class PushedEntry:
    """Something with a name in a pushed tree. `size` is None for what is no blob."""

    path: bytes
    mode: int
    size: int | None = None

    @property
    def shown_path(self) -> str:
        """The path for a message."""
        return shown(self.path)


@dataclass(frozen=True)
class TreeTotals:
    """Sums over a whole tree. `longest_path` is in bytes; `unread`: a part was too large or too deep to be read."""

    files: int = 0
    size: int = 0
    longest_path: int = 0
    unread: bool = False


def shown(path: bytes) -> str:
    """Return a path as it may stand in a message, a log or a terminal: one line, what is no visible UTF-8 escaped."""
    return escape(path.decode("utf-8", "backslashreplace"))


def escape(text: str) -> str:
    """Return `text` as it may go to a terminal: one line, control and invisible characters as escapes."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def shortened(path: str) -> str:
    """Return a path of any length as it fits a line: its beginning, and how many characters are left out."""
    return path if len(path) <= _SHOWN_PATH else f"{path[:_SHOWN_PATH]}… ({len(path) - _SHOWN_PATH} more)"


def refused(rule: str, path: str, message: str, remedy: str = "", line: int | None = None) -> Finding:
    """Return the finding of a push rule: always an error, since a push is taken whole or not at all."""
    return Finding(Severity.ERROR, path, line, rule, message, remedy)


def only_known_branches(update: RefUpdate) -> Iterator[Finding]:
    """Only `main` and `debian/SUITE` are kept: tags and other branches would be clutter that nothing shows."""
    if update.reference != MAIN and not _SUITE_BRANCH.fullmatch(update.reference):
        yield refused(
            "push-unknown-reference", "", f"{update.reference} is refused: only the branch main and suite branches "
            "debian/SUITE are kept here", "git push REMOTE HEAD:main",
        )  # fmt: skip


def no_deletion(update: RefUpdate) -> Iterator[Finding]:
    """A branch's log is the record of its pushes, and git removes it with the branch."""
    if update.new == NO_COMMIT:
        yield refused("push-deletion", "", f"{update.branch} cannot be deleted: branches are kept for those who built from them")


def too_deep(prefix: bytes, depth: int) -> Finding:
    """Return the finding for a folder in `depth` - 1 others, of which `prefix` is the path; nothing below it was read."""
    message = f"is a folder at depth {depth}; folders are nested at most {MAX_PATH_DEPTH} deep"
    return refused("push-path-depth", shortened(shown(prefix)), message, "move it up, or pin its files by a Fetch in debian/dur")


def regular_modes(entry: PushedEntry) -> Iterator[Finding]:
    """Files and folders only. A link is refused even where it stays inside: dpkg-source and editors would follow it.

    Two of 74 packaging directories of the archive held links (ncurses, samba), all of which a copy replaces.
    """
    path = entry.shown_path
    if entry.mode == MODE_SYMLINK:
        yield refused(
            "push-symlink", path, "is a symbolic link, and recipes hold regular files only", "commit a copy of the file"
        )
    elif entry.mode == MODE_SUBMODULE:
        yield refused("push-submodule", path, "is a submodule, which is not fetched", "pin the source by a Fetch in debian/dur")
    elif entry.mode != MODE_TREE and entry.mode not in REGULAR_MODES:
        yield refused("push-mode", path, f"has the mode {entry.mode:06o}; expected 100644 or 100755", "git update-index --chmod")


def known_files_are_files(entry: PushedEntry) -> Iterator[Finding]:
    """debian/control and the other files that tools open by name are regular files (links: `regular_modes`)."""
    if entry.path in _FILES_BY_NAME and entry.mode == MODE_TREE:
        yield refused("push-not-a-file", entry.shown_path, "is a folder; expected a regular file")


def names_fit_file_systems(entry: PushedEntry) -> Iterator[Finding]:
    """A clone can lay the file down: Linux takes no longer name (NAME_MAX in limits.h), and `git clone` would fail."""
    length = len(entry.path.rpartition(b"/")[2])
    if length > MAX_NAME_BYTES:
        message = f"the name has {length} bytes; file systems take at most {MAX_NAME_BYTES}"
        yield refused("push-name-length", shortened(entry.shown_path), message, "shorten it")


def readable_names(entry: PushedEntry) -> Iterator[Finding]:
    """Names are UTF-8 without control characters and the invisible ones that turn text around (Unicode Cc, Cf, Zl, Zp)."""
    try:
        text = entry.path.decode("utf-8")
    except UnicodeDecodeError:
        yield refused("push-path-encoding", entry.shown_path, "the name is not valid UTF-8", "rename the file")
        return
    if not text.isprintable():
        message = "the name holds control or invisible characters"
        yield refused("push-path-characters", entry.shown_path, message, "rename the file")


def small_blobs(entry: PushedEntry) -> Iterator[Finding]:
    """A packaging file is text of ordinary size (MAX_BLOB_BYTES)."""
    if entry.size is not None and entry.size > MAX_BLOB_BYTES:
        changelog = entry.path == b"debian/changelog"
        yield refused(
            "push-blob-size", entry.shown_path, f"holds {entry.size} bytes; at most {MAX_BLOB_BYTES // KIB} KiB are taken",
            "cut off its oldest entries" if changelog else "pin it by a Fetch in debian/dur, or split it",
        )  # fmt: skip


def no_binary_blobs(path: str, content: bytes) -> Iterator[Finding]:
    """Programs, archives and model weights are fetched by the user and never committed."""
    kind = forbidden_kind(content)
    if kind is not None:
        yield refused("push-binary", path, f"is {kind}", "remove it from every commit, and pin it by a Fetch in debian/dur")


def harmless_attributes(path: str, content: bytes) -> Iterator[Finding]:
    """What is reviewed on the site is what a clone holds, byte by byte."""
    if path.rpartition("/")[2].lower() != ".gitattributes":
        return
    for number, line in enumerate(content.split(b"\n"), start=1):
        if found := _CONTROLS.search(line):
            message = f"holds the control character 0x{found[0][0]:02x}, which git reads otherwise than people"
            yield refused("push-attributes", path, message, "remove it", line=number)
        elif line.lstrip(b" \t").startswith(b"#") or not line.strip(b" \t"):
            continue
        elif match := _ATTRIBUTE_LINE.fullmatch(line):
            for word in match["words"].split():
                if not _HARMLESS_ATTRIBUTES.fullmatch(word):
                    shown = word.decode("utf-8", "replace")
                    message = f"sets the attribute {shown!r}, which may change files at checkout or hide what changed"
                    yield refused("push-attributes", path, message, "remove it", line=number)
        else:
            yield refused("push-attributes", path, "has a line that is no pattern with attributes", "correct it", line=number)


def bounded_tree(totals: TreeTotals) -> Iterator[Finding]:
    """A whole recipe fits a page, a diff and the sandbox."""
    if totals.files > MAX_TREE_FILES:
        yield refused("push-tree-files", "", f"the tree holds {totals.files} files; at most {MAX_TREE_FILES} are taken")
    if totals.size > MAX_TREE_BYTES:
        yield refused("push-tree-size", "", f"the tree holds {totals.size} bytes; at most {MAX_TREE_BYTES // MIB} MiB are taken")
    if totals.longest_path > MAX_PATH_BYTES:
        yield refused("push-path-length", "", f"a path has {totals.longest_path} bytes; at most {MAX_PATH_BYTES} are taken")


def version_not_lower(branch: str, old: str, new: str) -> Iterator[Finding]:
    """An installed package is upgraded by a higher version only (deb-version(7)); so a branch never goes back.

    On main it does not stand still either: other content under one version reaches nobody who has it. Suite branches may.
    """
    if Version(new) < Version(old):
        yield refused(
            "push-version-lower", "debian/changelog", f"version {new} is lower than {old}, the current one of {branch}",
            "add an entry with a higher version (dch -v)", line=1,
        )  # fmt: skip
    elif branch == MAIN_BRANCH and Version(new) == Version(old):
        yield refused(
            "push-version-same", "debian/changelog",
            f"version {new} is that of {branch} already: whoever has it would never hear of what changed",
            'add an entry: dch -i "WHAT CHANGED" && git commit -a --amend --no-edit', line=1,
        )  # fmt: skip


def within_quota(size: int) -> Iterator[Finding]:
    """The whole repository, with all history, stays small enough to be cloned in one go."""
    if size > MAX_REPOSITORY_BYTES:
        yield refused(
            "push-quota", "",
            f"the repository would hold {size // MIB} MiB on disk; at most {MAX_REPOSITORY_BYTES // MIB} MiB are taken",
        )  # fmt: skip


REFERENCE_RULES: tuple[Callable[[RefUpdate], Iterator[Finding]], ...] = (only_known_branches, no_deletion)
ENTRY_RULES: tuple[Callable[[PushedEntry], Iterator[Finding]], ...] = (
    regular_modes,
    known_files_are_files,
    names_fit_file_systems,
    readable_names,
    small_blobs,
)
BLOB_RULES: tuple[Callable[[str, bytes], Iterator[Finding]], ...] = (no_binary_blobs, harmless_attributes)
TREE_RULES: tuple[Callable[[TreeTotals], Iterator[Finding]], ...] = (bounded_tree,)
