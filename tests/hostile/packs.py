"""Packs of git's written by hand (gitformat-pack): any mode, any name, any object, and none of it ever on this machine's disk."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from recipes_app.limits import MIB

FILE, EXECUTABLE, LINK, SUBMODULE, FOLDER = b"100644", b"100755", b"120000", b"160000", b"40000"
_COMMIT, _TREE, _BLOB, _DELTA = 1, 2, 3, 7
_KINDS = {_COMMIT: b"commit", _TREE: b"tree", _BLOB: b"blob"}
_IDENTITY = b"Mallory <mallory@example.org> 1700000000 +0000"


@dataclass(frozen=True)
class Entry:
    """What a name in a tree stands for: a mode with a content, or with the id of an object."""

    mode: bytes
    content: bytes = b""
    oid: str = ""


class Pack:
    """A pack that grows by objects; nothing is checked."""

    def __init__(self) -> None:
        self._entries: dict[str, bytes] = {}

    def blob(self, content: bytes) -> str:
        """Add a blob; return its id."""
        return self._add(_BLOB, content)

    def repeated_blob(self, piece: bytes, times: int) -> str:
        """Add a blob of `piece` again and again, never held as a whole; return its id."""
        digest = hashlib.sha1(b"blob %d\0" % (len(piece) * times), usedforsecurity=False)
        packer = zlib.compressobj(1)
        packed = bytearray()
        for _ in range(times):
            digest.update(piece)
            packed += packer.compress(piece)
        packed += packer.flush()
        self._entries[digest.hexdigest()] = _header(_BLOB, len(piece) * times) + bytes(packed)
        return digest.hexdigest()

    def longer_blob(self, base: str, content: bytes, more: bytes) -> str:
        """Add the blob `content` + `more` as a delta on the blob `base`, whose content is `content`; return its id."""
        size = len(content)
        # Copy all of the base (offset 0, three bytes of size), then insert up to 127 bytes.
        steps = b"\xf0" + struct.pack("<I", size)[:3] + bytes([len(more)]) + more
        delta = _varint(size) + _varint(size + len(more)) + steps
        oid = _oid(_BLOB, content + more)
        self._entries[oid] = _header(_DELTA, len(delta)) + bytes.fromhex(base) + zlib.compress(delta)
        return oid

    def raw_tree(self, content: bytes) -> str:
        """Add a tree object as it is; return its id."""
        return self._add(_TREE, content)

    def tree(self, files: Mapping[bytes, Entry]) -> str:
        """Add the trees of a mapping of paths, in git's order; return the id of the root."""
        folders: dict[bytes, dict[bytes, Entry]] = {}
        entries: list[tuple[bytes, bytes, str]] = []
        for path, entry in files.items():
            first, slash, rest = path.partition(b"/")
            if slash:
                folders.setdefault(first, {})[rest] = entry
            else:
                entries.append((first, entry.mode, entry.oid or self.blob(entry.content)))
        entries += [(name, FOLDER, self.tree(inside)) for name, inside in folders.items()]
        entries.sort(key=lambda each: each[0] + (b"/" if each[1] == FOLDER else b""))
        return self.raw_tree(b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for name, mode, oid in entries))

    def commit(self, tree: str) -> str:
        """Add a commit without parents; return its id."""
        return self._add(_COMMIT, b"tree %s\nauthor %s\ncommitter %s\n\nRelease\n" % (tree.encode(), _IDENTITY, _IDENTITY))

    def chunks(self) -> Iterator[bytes]:
        """Yield the pack, piece by piece, in the order in which objects were added."""
        digest = hashlib.sha1(usedforsecurity=False)
        for piece in (b"PACK" + struct.pack(">II", 2, len(self._entries)), *self._entries.values()):
            digest.update(piece)
            yield piece
        yield digest.digest()

    def _add(self, kind: int, content: bytes) -> str:
        oid = _oid(kind, content)
        level = 1 if len(content) > MIB else 6
        self._entries[oid] = _header(kind, len(content)) + zlib.compress(content, level)
        return oid


def _oid(kind: int, content: bytes) -> str:
    digest = hashlib.sha1(b"%s %d\0" % (_KINDS[kind], len(content)), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


def _header(kind: int, size: int) -> bytes:
    first, rest = kind << 4 | size & 15, size >> 4
    return bytes([first | 128]) + _varint(rest) if rest else bytes([first])


def _varint(number: int) -> bytes:
    result = bytearray()
    while number > 127:
        result.append(number & 127 | 128)
        number >>= 7
    return bytes([*result, number])
