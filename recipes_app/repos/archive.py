"""A commit's files as one tar archive, the same bytes each time: read from git's objects, never checked out.

`git archive` would ask the tree's own .gitattributes what to leave out and what to replace; here no file has a say.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..limits import MAX_BLOB_BYTES, MIB
from .objects import MODE_EXECUTABLE, MODE_SYMLINK, REGULAR_MODES, ObjectReader, TreeFile
from .repository import objects_of

# Part of what says whether two archives are the same; raised where the bytes of an old commit's archive would change.
FORMAT = 1
_IN_MEMORY = 4 * MIB


@dataclass(frozen=True)
class Archive:
    """A tar archive, to be read from its start and closed by the reader; `sha256` is the digest of its bytes."""

    stream: IO[bytes]
    size: int
    sha256: bytes


def snapshot(repo_path: Path, commit: str, folder: str) -> Archive:
    """Return the files and links of a commit below `folder`, in git's order, owned by nobody and as old as 1970.

    Submodules are left out: the push rules let none in. Raises ObjectError where the repository cannot be read.
    """
    # The archive leaves this function open: the answer streams it.
    stream = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    try:
        with (
            objects_of(repo_path) as reader,
            tarfile.open(mode="w", fileobj=stream, format=tarfile.PAX_FORMAT, encoding="utf-8") as archive,
        ):
            for file in reader.walk(reader.root_tree(commit)):
                _add(archive, reader, file, folder)
        size = stream.tell()
        stream.seek(0)
        digest = hashlib.sha256()
        while block := stream.read(MAX_BLOB_BYTES):
            digest.update(block)
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    return Archive(stream, size, digest.digest())


def _add(archive: tarfile.TarFile, reader: ObjectReader, file: TreeFile, folder: str) -> None:
    if file.mode not in REGULAR_MODES and file.mode != MODE_SYMLINK:
        return
    content = reader.blob(file.oid)
    member = tarfile.TarInfo(f"{folder}/{file.path.decode('utf-8', 'surrogateescape')}")
    if file.mode == MODE_SYMLINK:
        member.type = tarfile.SYMTYPE
        member.linkname = content.decode("utf-8", "surrogateescape")
        member.mode = 0o777
        archive.addfile(member)
        return
    member.size = len(content)
    member.mode = 0o755 if file.mode == MODE_EXECUTABLE else 0o644
    archive.addfile(member, io.BytesIO(content))
