"""Looking into one commit of a repository for a page: a folder's entries, a file's bytes. Nothing is ever checked out.

Callers pass a commit that stands in the catalogue as a Revision, so that unreachable or hidden objects are out of reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..limits import MAX_BLOB_BYTES
from .objects import MODE_EXECUTABLE, MODE_SYMLINK, MODE_TREE, REGULAR_MODES, ObjectError, ObjectReader, TreeEntry
from .repository import objects_of


class PathMissing(Exception):
    """The commit has nothing at this path; the text names it."""


@dataclass(frozen=True)
class Entry:
    """One line of a folder's listing. `size` is None for a folder."""

    name: str
    path: str
    is_folder: bool
    is_executable: bool
    size: int | None


@dataclass(frozen=True)
class Folder:
    """A folder: its entries, folders first."""

    path: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class File:
    """A file. `content` is None where the file is larger than the push rules allow, which only old repositories hold."""

    path: str
    oid: str
    size: int
    is_executable: bool
    content: bytes | None


def look(repo_path: Path, commit: str, path: str) -> Folder | File:
    """Return what stands at `path` of `commit`; the empty path is the recipe's top.

    Raises PathMissing where nothing, or neither a regular file nor a folder, stands there; ObjectError where the
    repository cannot be read.
    """
    with objects_of(repo_path) as reader:
        oid = reader.root_tree(commit)
        if not path:
            return _folder(reader, oid, "")
        entry = _find(reader, oid, path)
        if entry.mode == MODE_TREE:
            return _folder(reader, entry.oid, path)
        if entry.mode not in REGULAR_MODES:
            raise PathMissing(f"{path} is neither a file nor a folder")
        return _file(reader, entry, path)


@dataclass(frozen=True)
class ListedFile:
    """One file of a whole tree. `kind` is file or link."""

    path: str
    kind: str
    is_executable: bool
    size: int
    oid: str


def files(repo_path: Path, commit: str) -> list[ListedFile]:
    """Return every file and link of a commit, in git's order. Raises ObjectError where the repository cannot be read."""
    with objects_of(repo_path) as reader:
        return [
            ListedFile(
                path=each.path.decode("utf-8", "replace"),
                kind="link" if each.mode == MODE_SYMLINK else "file",
                is_executable=each.mode == MODE_EXECUTABLE,
                size=reader.info(each.oid).size,
                oid=each.oid,
            )
            for each in reader.walk(reader.root_tree(commit))
            if each.mode in REGULAR_MODES or each.mode == MODE_SYMLINK
        ]


def read_tree(repo_path: Path, commit: str) -> dict[str, bytes]:
    """Return all regular files of a commit that passed the push rules, by path. Raises ObjectError where it cannot be read."""
    with objects_of(repo_path) as reader:
        listed = [each for each in reader.walk(reader.root_tree(commit)) if each.mode in REGULAR_MODES]
        return {each.path.decode("utf-8", "surrogateescape"): reader.blob(each.oid) for each in listed}


def read_file(repo_path: Path, commit: str, path: str) -> bytes:
    """Return the content of the file `path` of `commit`. Raises PathMissing, also for a file too large to be shown."""
    found = look(repo_path, commit, path)
    if not isinstance(found, File) or found.content is None:
        raise PathMissing(f"{path} is no file that can be shown")
    return found.content


def _find(reader: ObjectReader, tree: str, path: str) -> TreeEntry:
    """Walk down from `tree` along `path`, name by name: git compares bytes, and so do we."""
    names = path.encode("utf-8", "replace").split(b"/")
    for depth, name in enumerate(names, start=1):
        entry = next((each for each in reader.tree(tree) if each.name == name), None)
        is_last = depth == len(names)
        if entry is None or (not is_last and entry.mode != MODE_TREE):
            break
        if is_last:
            return entry
        tree = entry.oid
    raise PathMissing(f"there is no {path} in this revision")


def _folder(reader: ObjectReader, tree: str, path: str) -> Folder:
    entries = []
    for each in reader.tree(tree):
        is_folder = each.mode == MODE_TREE
        if not is_folder and each.mode not in REGULAR_MODES:
            continue
        name = each.name.decode("utf-8", "replace")
        entries.append(
            Entry(
                name=name,
                path=f"{path}/{name}" if path else name,
                is_folder=is_folder,
                is_executable=bool(each.mode & 0o100) and not is_folder,
                size=None if is_folder else reader.info(each.oid).size,
            )
        )
    return Folder(path, tuple(sorted(entries, key=lambda entry: (not entry.is_folder, entry.name))))


def _file(reader: ObjectReader, entry: TreeEntry, path: str) -> File:
    info = reader.info(entry.oid)
    if info.kind != "blob":
        raise ObjectError(f"{path} is recorded as a file and is a {info.kind}")
    content = reader.blob(entry.oid) if info.size <= MAX_BLOB_BYTES else None
    return File(path, entry.oid, info.size, bool(entry.mode & 0o100), content)
