"""Walking what a push brings: each new commit's tree, every object looked at once, every rule asked. No Django."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..formats.findings import Finding
from ..limits import (
    MAX_BLOB_BYTES,
    MAX_COMMIT_BYTES,
    MAX_PATH_DEPTH,
    MAX_PUSH_OBJECTS,
    MAX_TREE_BYTES,
    MAX_TREE_OBJECT_BYTES,
    MIB,
)
from .objects import MODE_TREE, REGULAR_MODES, ObjectInfo, ObjectReader, TreeEntry
from .push_rules import BLOB_RULES, ENTRY_RULES, TREE_RULES, PushedEntry, TreeTotals, refused, shown, too_deep


class PushTooLarge(Exception):
    """The push holds more objects than are looked at; nothing more is read."""


@dataclass
class TreeInspector:
    """Looks at trees through one reader; what was seen under the same path before is not looked at again.

    A few objects can make a tree that holds itself a million times over: MAX_PUSH_OBJECTS ends the walk. A few kilobytes can make
    a chain of deltas that is slow to read: of one tree no more content is read than a tree may hold.
    """

    reader: ObjectReader
    _totals: dict[str, TreeTotals] = field(default_factory=dict)
    _roots: set[str] = field(default_factory=set)
    _seen: set[tuple[str, bytes]] = field(default_factory=set)
    _infos: dict[str, ObjectInfo] = field(default_factory=dict)
    _objects: int = 0
    _bytes_of_tree: int = 0
    _too_deep: bool = False

    def inspect_commit(self, commit: str) -> Iterator[Finding]:
        """Yield what the rules say against the tree of `commit` that was not said before. Raises PushTooLarge, ObjectError."""
        size = self.reader.info(commit).size
        if size > MAX_COMMIT_BYTES:
            yield refused("push-commit-size", "", f"the commit object holds {size} bytes; at most {MAX_COMMIT_BYTES} are taken")
            return
        root = self.reader.root_tree(commit)
        if root in self._roots:
            return
        # Not those of `_totals`: what was a folder of another commit has other paths as a root.
        self._roots.add(root)
        self._bytes_of_tree = 0
        self._too_deep = False
        yield from self._inspect_tree(root, b"", 0)
        for rule in TREE_RULES:
            yield from rule(self._totals[root])

    def is_bounded(self, commit: str) -> bool:
        """Return whether the commit's tree was looked at and is within all limits, so that it can be read as a whole."""
        if self.reader.info(commit).size > MAX_COMMIT_BYTES:
            return False
        totals = self._totals.get(self.reader.root_tree(commit))
        if totals is None or totals.unread:
            return False
        return not any(True for rule in TREE_RULES for _ in rule(totals))

    def _inspect_tree(self, tree: str, prefix: bytes, depth: int) -> Iterator[Finding]:
        """Look at a tree in `depth` folders and what is below it, and note its sums; below MAX_PATH_DEPTH nothing is read."""
        self._count()
        if depth > MAX_PATH_DEPTH:
            self._totals[tree] = TreeTotals(unread=True)
            if not self._too_deep:
                self._too_deep = True
                yield too_deep(prefix, depth)
            return
        info = self._info(tree)
        if info.size > MAX_TREE_OBJECT_BYTES:
            self._totals[tree] = TreeTotals(unread=True)
            most = f"at most {MAX_TREE_OBJECT_BYTES // MIB} MiB are taken"
            message = f"the list of the folder's names has {info.size} bytes; {most}"
            yield refused("push-tree-object", shown(prefix) or ".", message)
            return
        files = size = longest = 0
        unread = False
        for entry in self.reader.tree(tree):
            yield from self._inspect_entry(entry, prefix, depth)
            part = self._entry_totals(entry)
            files, size = files + part.files, size + part.size
            longest = max(longest, part.longest_path)
            unread = unread or part.unread
        self._totals[tree] = TreeTotals(files, size, longest, unread)

    def _inspect_entry(self, entry: TreeEntry, prefix: bytes, depth: int) -> Iterator[Finding]:
        path = prefix + entry.name
        if (entry.oid, path) in self._seen:
            return
        self._seen.add((entry.oid, path))
        regular = entry.mode in REGULAR_MODES
        pushed = PushedEntry(path, entry.mode, self._info(entry.oid).size if regular else None)
        for rule in ENTRY_RULES:
            yield from rule(pushed)
        if entry.mode == MODE_TREE:
            yield from self._inspect_tree(entry.oid, path + b"/", depth + 1)
        elif pushed.size is not None and pushed.size <= MAX_BLOB_BYTES:
            self._count()
            self._bytes_of_tree += pushed.size
            if self._bytes_of_tree > MAX_TREE_BYTES:
                # `bounded_tree` refuses this tree, whatever the rest of it holds.
                return
            content = self.reader.blob(entry.oid)
            for blob_rule in BLOB_RULES:
                yield from blob_rule(pushed.shown_path, content)

    def _entry_totals(self, entry: TreeEntry) -> TreeTotals:
        """Return what one entry adds to the sums of its tree, its own name included."""
        name = len(entry.name)
        if entry.mode == MODE_TREE:
            inside = self._totals.get(entry.oid, TreeTotals())
            return TreeTotals(inside.files, inside.size, name + 1 + inside.longest_path, inside.unread)
        size = self._info(entry.oid).size if entry.mode in REGULAR_MODES else 0
        return TreeTotals(1, size, name)

    def _info(self, oid: str) -> ObjectInfo:
        if oid not in self._infos:
            self._infos[oid] = self.reader.info(oid)
        return self._infos[oid]

    def _count(self) -> None:
        self._objects += 1
        if self._objects > MAX_PUSH_OBJECTS:
            raise PushTooLarge(f"the push holds more than {MAX_PUSH_OBJECTS} files and folders: push the history in parts")
