"""What a new revision of a recipe can do on a user's machine that the one before could not: its changes, classed by effect.

`inert` is only what provably neither runs nor is obeyed anywhere: text for people and for lint. Everything that is not known
counts as `build`. A file that seems inert does not count as such where another file of the recipe names it, and a script that is
called like a text (`#!` at its start) never does. Modes of files are not in a tree and so are not compared.

Pure: trees and metadata in, sentences out, in a time that grows with the size of both trees.
"""

from __future__ import annotations

from collections.abc import Iterator

from debian.debian_support import Version

from .bounds import MAX_EFFECT_CHANGES
from .changelog import PATH as CHANGELOG_PATH
from .control import PATH as CONTROL_PATH
from .effect_classes import class_changes
from .effect_control import control_changes
from .effect_files import Reach, effect_by_name, first_difference, install_places, is_executed, is_root_place, list_kind
from .effect_kinds import Change, Effect, Side
from .effect_sources import is_next_release, pairs, source_changes, unread_fields_changed, watch_changes
from .gbp import PATH as GBP_PATH
from .gbp import names_no_command
from .manifest import PATH as MANIFEST_PATH
from .root_marks import root_lines
from .tree import Tree
from .watch import PATH as WATCH_PATH

__all__ = ["Change", "Effect", "Side", "changes_of", "is_plain_bump"]

# The order of pages and of a push's answer: what matters most comes first.
_ORDER = (Effect.ORIGIN, Effect.ROOT, Effect.BUILD, Effect.CLASS, Effect.IDENTITY, Effect.INERT)
_READ_BY_FIELDS = frozenset({CONTROL_PATH, MANIFEST_PATH, WATCH_PATH})
_MAX_LINES_TOLD = 20


def changes_of(old: Side | None, new: Side) -> tuple[Change, ...]:
    """Return the changes of `new` against `old`, the last published revision; against an empty tree where there is none.

    At most MAX_EFFECT_CHANGES are returned, the gravest first; what is left out is of an effect that another of them has.
    """
    found = dict.fromkeys(_all_changes(old, new))
    ordered = sorted(found, key=_rank)
    if len(ordered) <= MAX_EFFECT_CHANGES:
        return tuple(ordered)
    one_of_each = {each.effect: each for each in reversed(ordered)}
    kept = dict.fromkeys([*one_of_each.values(), *ordered][: MAX_EFFECT_CHANGES + len(one_of_each)])
    return tuple(sorted(list(kept)[:MAX_EFFECT_CHANGES], key=_rank))


def _rank(change: Change) -> tuple[int, str, int]:
    return _ORDER.index(change.effect), change.path, change.line or 0


def is_plain_bump(old: Side | None, new: Side) -> bool:
    """Return whether `new` is a newer version of `old` in which nothing but changelog, version and checksums changed.

    debian/changelog and debian/dur alone differ, and in the latter only name, address, checksum and size of a Fetch: the same
    origin, and name and address differ by the version and by numbers alone. A commit is no version: anybody's fork can bring one.
    """
    if old is None or Version(new.metadata.version) <= Version(old.metadata.version):
        return False
    if any(path not in {CHANGELOG_PATH, MANIFEST_PATH} for path in _changed_paths(old.tree, new.tree)):
        return False
    if any(change.effect is not Effect.INERT for change in changes_of(old, new)):
        return False
    if unread_fields_changed(old.tree.get(MANIFEST_PATH, b""), new.tree.get(MANIFEST_PATH, b"")):
        return False
    matched = pairs(old.metadata, new.metadata)
    if len(old.metadata.fetches) != len(new.metadata.fetches):
        return False
    return all(before is not None and is_next_release(before, after, old.metadata, new.metadata) for before, after in matched)


def _all_changes(old: Side | None, new: Side) -> Iterator[Change]:
    empty: Tree = {}
    before = old.tree if old else empty
    changed = _changed_paths(before, new.tree)
    if CONTROL_PATH in changed:
        yield from control_changes(old, new)
    if WATCH_PATH in changed:
        yield from watch_changes(before.get(WATCH_PATH, b""), new.tree.get(WATCH_PATH, b""))
    yield from source_changes(old, new)
    yield from class_changes(old, new)
    reach = _LazyReach(new.tree)
    for path in changed:
        yield from _file_changes(path, before.get(path), new.tree.get(path), reach)


def _changed_paths(old: Tree, new: Tree) -> list[str]:
    return sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))


class _LazyReach:
    """What other files do with a file, read when the first file is asked about."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._reach: Reach | None = None

    def effect_of(self, path: str) -> tuple[Effect, str] | None:
        if self._reach is None:
            self._reach = Reach(self._tree)
        return self._reach.effect_of(path)


def _file_changes(path: str, old: bytes | None, new: bytes | None, reach: _LazyReach) -> Iterator[Change]:
    """Yield the changes of one file that is new, gone or another one than before."""
    effect, why = effect_by_name(path)
    if path == GBP_PATH and names_no_command(new or b""):
        effect, why = Effect.INERT, "it names branches for git-buildpackage, and no command"
    if new is None:
        yield Change(effect, path, None, f"{path} is gone: {why}.")
        return
    if effect is not Effect.ROOT and path not in _READ_BY_FIELDS and (other := reach.effect_of(path)) is not None:
        effect, why = _graver((effect, why), other)
    if effect is Effect.INERT and is_executed(new):
        effect, why = Effect.BUILD, "it is a script, whatever its name says"
    if path in _READ_BY_FIELDS and effect is Effect.BUILD:
        effect, why = _named_for_a_tool(path, reach)
        if effect is Effect.INERT:
            return
    line = first_difference(old, new) if old is not None and b"\0" not in new else None
    yield Change(effect, path, line, f"{path} {'is new' if old is None else 'changed'}: {why}.")
    if list_kind(path):
        yield from _list_changes(path, old or b"", new)
    if effect is Effect.BUILD and path != CHANGELOG_PATH and (is_executed(new) or not list_kind(path)):
        yield from _root_changes(path, old or b"", new)


def _named_for_a_tool(path: str, reach: _LazyReach) -> tuple[Effect, str]:
    """Return the effect of a file that was compared field by field: none of its own, unless something else reads it, too."""
    named = reach.effect_of(path) if path != CONTROL_PATH else None
    return named or (Effect.INERT, "")


def _graver(one: tuple[Effect, str], other: tuple[Effect, str]) -> tuple[Effect, str]:
    return min(one, other, key=lambda each: _ORDER.index(each[0]))


def _list_changes(path: str, old: bytes, new: bytes) -> Iterator[Change]:
    """Yield the new lines of a list of debhelper's that put something where it runs, or is obeyed, as root."""
    kind = list_kind(path)
    known = {line for _, line, _ in install_places(kind, old.decode("utf-8", "replace"))}
    told = 0
    for number, line, place in install_places(kind, new.decode("utf-8", "replace")):
        if line not in known and is_root_place(place) and told < _MAX_LINES_TOLD:
            told += 1
            yield Change(
                Effect.ROOT, path, number, f"{path} puts something at {place[:120]}, where it runs, or is obeyed, as root."
            )


def _root_changes(path: str, old: bytes, new: bytes) -> Iterator[Change]:
    """Yield the new lines of a file of the build that make something run as root."""
    is_patch = path.startswith("debian/patches/")
    known = root_lines(old, is_patch=is_patch)
    added = [(number, line) for line, number in root_lines(new, is_patch=is_patch).items() if line not in known]
    for number, line in sorted(added)[:_MAX_LINES_TOLD]:
        shown = " ".join(line.decode("utf-8", "replace").split())[:120]
        yield Change(Effect.ROOT, path, number, f"{path} has a new line that may make something run as root: {shown}")
