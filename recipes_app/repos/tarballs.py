"""Reading the packaging out of an uploaded tarball: in memory, by Python's tarfile, as a stream that is counted. No Django.

Nothing is written to a disk and no foreign tool runs. What is no regular file of debian/ is either a finding, in the words of the
push rules, or upstream's and left out. Format: tar(5); compressions: those of dpkg-source(1) but the old ones.
"""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Self, cast

import zstandard

from ..formats.findings import Finding
from ..formats.report import quoted
from ..limits import (
    KIB,
    MAX_ARCHIVE_MEMBERS,
    MAX_BLOB_BYTES,
    MAX_TAR_HEADER_BYTES,
    MAX_TREE_BYTES,
    MAX_TREE_FILES,
    MAX_UNPACK_MEMORY,
    MAX_UNPACKED_BYTES,
    MIB,
)
from .drafts import NewFile
from .objects import MODE_FILE, MODE_SYMLINK, MODE_TREE
from .push_rules import ENTRY_RULES, PushedEntry, refused

SUFFIXES = (".tar.gz", ".tgz", ".tar.xz", ".tar.zst")
_CHUNK = 64 * KIB
_HEADERS = (
    tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
)  # fmt: skip
_BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError, ValueError, OverflowError)


class TarballRefused(Exception):
    """The file cannot be taken at all; the text says why and what to do."""


@dataclass
class Packaging:
    """What a tarball holds below debian/, by path from the recipe's top; `left_out` counts the files beside it."""

    files: dict[str, NewFile] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    left_out: int = 0


def read_packaging(name: str, content: bytes) -> Packaging:
    """Return the packaging of the tarball `content`, whose file is called `name`.

    debian/ stands at the tarball's top or in its one top folder, as dpkg-source packs it. Raises TarballRefused for what is no
    whole tarball, unfolds beyond the limits, or has no debian/, or several.
    """
    try:
        stream = cast(IO[bytes], _Counted(_unpacker(name, content)))  # tarfile only reads
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=_StrictInfo, encoding="utf-8") as archive:
            return _collect(archive).chosen()
    except RecursionError as error:
        raise TarballRefused(f"{quoted(name)} nests headers without end") from error
    except _BROKEN as error:
        raise TarballRefused(f"{quoted(name)} is damaged or no tarball of its suffix's kind: {quoted(str(error))}") from error


def _unpacker(name: str, content: bytes) -> IO[bytes]:
    """Return a stream that unpacks `content` by what its name says, with bounded memory. Raises TarballRefused."""
    raw = io.BytesIO(content)
    if name.endswith((".tar.gz", ".tgz")):
        return gzip.GzipFile(fileobj=raw)  # type: ignore[return-value]  # no IO to typeshed
    if name.endswith(".tar.xz"):
        return io.BufferedReader(_Xz(content))
    if name.endswith(".tar.zst"):
        window = zstandard.ZstdDecompressor(max_window_size=1 << (MAX_UNPACK_MEMORY.bit_length() - 1))
        return window.stream_reader(raw, read_across_frames=True)
    raise TarballRefused(
        f"{quoted(name)} has none of the suffixes {', '.join(SUFFIXES)}: pack debian/ with tar -caf debian.tar.xz"
    )


class _Xz(io.RawIOBase):
    """One .xz stream, unpacked piece by piece; lzma.LZMAFile would allocate whatever the file asks for."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_UNPACK_MEMORY)
        self._rest = content

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed says Buffer
        """Fill `buffer` with what comes next; 0 at the end. Raises EOFError, LZMAError."""
        piece = b""
        while not piece and not self._decompressor.eof:
            given, self._rest = self._rest, b""
            if not given and self._decompressor.needs_input:
                raise EOFError("the compressed data ends early")
            piece = self._decompressor.decompress(given, len(buffer))
        if self._decompressor.eof and self._decompressor.unused_data:
            raise lzma.LZMAError("something follows the compressed data")
        buffer[: len(piece)] = piece
        return len(piece)


class _Counted:
    """What tarfile reads from: every unpacked byte counts, so that a bomb ends at MAX_UNPACKED_BYTES."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._read = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes. Raises TarballRefused past the limit."""
        piece = self._stream.read(min(size, _CHUNK))
        self._read += len(piece)
        if self._read > MAX_UNPACKED_BYTES:
            raise TarballRefused(f"the tarball unfolds to more than {MAX_UNPACKED_BYTES // MIB} MiB: send debian/ alone")
        return piece


class _StrictInfo(tarfile.TarInfo):
    """A member; tarfile takes a damaged header in the middle for the end, and reads a header of any size into memory."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        """Return the next member. Raises TarballRefused where the archive breaks off or is damaged."""
        try:
            member = super().fromtarfile(archive)
        except _END:
            raise
        except _HEADER_ERROR as error:
            raise TarballRefused(f"the tarball is damaged or ends early: {error}") from error
        # After a pax header, which may give any size.
        _require_bounded(member)
        return member

    def _proc_member(self, archive: tarfile.TarFile) -> Self:
        if self.type in _HEADERS and not 0 <= self.size <= MAX_TAR_HEADER_BYTES:
            raise TarballRefused(f"the tarball has a header of {self.size} bytes; at most {MAX_TAR_HEADER_BYTES} are read")
        # Before a sparse header replaces the size by that of the unfolded file.
        _require_bounded(self)
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]  # not documented


def _require_bounded(member: tarfile.TarInfo) -> None:
    """Raise TarballRefused for a member that claims more than is unpacked: tarfile would read its way to the end of that."""
    if not 0 <= member.size <= MAX_UNPACKED_BYTES:
        claim = f"{quoted(member.name)} claims {member.size} bytes"
        raise TarballRefused(f"{claim}; at most {MAX_UNPACKED_BYTES // MIB} MiB are taken: send debian/ alone")


# How tarfile's reader tells the ordinary end from all others.
_END = tarfile.EOFHeaderError  # type: ignore[attr-defined]  # not documented
_HEADER_ERROR = tarfile.HeaderError


@dataclass
class _Collector:
    """The files below each folder called debian, by what stands before it: which one counts is known only at the end."""

    found: dict[str, Packaging] = field(default_factory=dict)
    members: int = 0
    kept: int = 0
    others: int = 0

    def add(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Take in one member. Raises TarballRefused."""
        self.members += 1
        if self.members > MAX_ARCHIVE_MEMBERS:
            raise TarballRefused(f"the tarball has more than {MAX_ARCHIVE_MEMBERS} members: send debian/ alone")
        parts = _parts(member.name)
        if "debian" not in parts[:2]:
            self.others += not member.isdir()
            return
        above = parts.index("debian")
        packaging = self.found.setdefault("/".join(parts[:above]), Packaging())
        path = "/".join(parts[above:])
        mode = _mode(member)
        entry = PushedEntry(path.encode("utf-8", "surrogateescape"), mode, member.size if mode == MODE_FILE else None)
        packaging.findings += [finding for rule in ENTRY_RULES for finding in rule(entry)]
        if path == "debian" and not member.isdir():
            packaging.findings.append(refused("upload-not-a-folder", path, "is no folder"))
        elif path in packaging.files:
            packaging.findings.append(refused("upload-twice", entry.shown_path, "is in the tarball twice", "pack it anew"))
        elif mode == MODE_FILE and member.size <= MAX_BLOB_BYTES:
            packaging.files[path] = NewFile(self._content(archive, member), bool(member.mode & 0o111))

    def _content(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
        self.kept += member.size
        if self.kept > MAX_TREE_BYTES or sum(len(each.files) for each in self.found.values()) >= MAX_TREE_FILES:
            raise TarballRefused(f"debian/ holds more than {MAX_TREE_FILES} files or {MAX_TREE_BYTES // MIB} MiB")
        stream = archive.extractfile(member)
        return stream.read() if stream is not None else b""

    def chosen(self) -> Packaging:
        """Return the packaging: debian/ at the top, or in the one top folder. Raises TarballRefused."""
        packaging = self.found.get("")
        if packaging is None:
            if len(self.found) != 1:
                where = ", ".join(quoted(each) for each in sorted(self.found)[:3])
                many = f"several folders have a debian/ ({where})" if self.found else "there is no debian/ in the tarball"
                raise TarballRefused(f"{many}: pack the one folder debian/ with tar -caf debian.tar.xz debian")
            (packaging,) = self.found.values()
        folders = {path[:end] for path in packaging.files for end in _slashes(path)}
        for path in sorted(folders & packaging.files.keys()):
            packaging.findings.append(refused("upload-both", path, "is in the tarball as a file and as a folder"))
        others = sum(len(each.files) for each in self.found.values() if each is not packaging)
        packaging.left_out = self.others + others
        return packaging


def _collect(archive: tarfile.TarFile) -> _Collector:
    collector = _Collector()
    for member in archive:
        collector.add(archive, member)
    return collector


def _parts(name: str) -> list[str]:
    """Return the parts of a member's path. Raises TarballRefused where it leads out of the tarball or into git's own folder."""
    parts = name.removeprefix("./").split("/")
    if parts == ["."]:
        return []
    if name.startswith("/") or "\0" in name or any(part in ("", ".", "..") or part.lower() == ".git" for part in parts):
        raise TarballRefused(f"the member {quoted(name)} has a path that is not taken: only plain relative paths are")
    return parts


def _mode(member: tarfile.TarInfo) -> int:
    """Return the mode as git would have it: links by their kind, and one that is never taken for devices and sparse files."""
    if member.isdir():
        return MODE_TREE
    if member.issym() or member.islnk():
        return MODE_SYMLINK
    if member.isreg() and not member.issparse():
        return MODE_FILE
    return 0


def _slashes(path: str) -> Iterator[int]:
    return (position for position, letter in enumerate(path) if letter == "/")
