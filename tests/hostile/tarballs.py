"""Cases that are hostile as upstream's tarball: the source lint of mode `full` hands it to dpkg-source, in the sandbox."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Callable, Iterable

from recipes_app.limits import MIB
from recipes_app.lint.protocol.report import Outcome
from tests.factories import recipe_tree

from .case import CANARY, NAME, Case, Material, Says

_ROOT = f"{NAME}-1.0"


def _member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644, size: int = 0) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode, member.size, member.mtime = kind, target, mode, size, 1_600_000_000
    return member


def _tar(members: Iterable[tarfile.TarInfo]) -> bytes:
    """Return a tar of `members`, the content of each all zeros."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for member in (_member(_ROOT, tarfile.DIRTYPE, mode=0o755), *members):
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return stream.getvalue()


def _bomb(pack: Callable[[bytes], bytes], gigabytes: int) -> bytes:
    """Return a tar of one file of zeros; one packed piece is repeated, since both formats may be strung together."""
    head = _member(_ROOT, tarfile.DIRTYPE, mode=0o755).tobuf() + _member(f"{_ROOT}/zeros", size=gigabytes * 1024 * MIB).tobuf()
    return pack(head) + pack(bytes(64 * MIB)) * (gigabytes * 16) + pack(bytes(1024))


def _many(count: int) -> bytes:
    return gzip.compress(_tar(_member(f"{_ROOT}/f{number}") for number in range(count)), 1)


def _sparse(size: int) -> bytes:
    """Return a tar of one sparse file, by GNU's header: one block of data at its end."""
    member = bytearray(_member(f"{_ROOT}/sparse", tarfile.GNUTYPE_SPARSE, size=512).tobuf(tarfile.GNU_FORMAT))
    member[386:398], member[398:410] = b"%011o\0" % (size - 512), b"%011o\0" % 512
    member[483:495] = b"%011o\0" % size
    member[148:156] = b" " * 8
    member[148:156] = b"%06o\0 " % sum(member)
    return gzip.compress(_member(_ROOT, tarfile.DIRTYPE, mode=0o755).tobuf() + bytes(member) + bytes(512 + 1024))


def _material(content: bytes, suffix: str) -> Material:
    filename = f"upstream.tar.{suffix}"
    manifest = f"""Format: 1
Source: {NAME}

Fetch: {filename}
URL: https://example.org/{filename}
SHA256: {hashlib.sha256(content).hexdigest()}
Size: {len(content)}
Role: orig
"""
    return Material(tree=recipe_tree(NAME, **{"debian/dur": manifest}), files={filename: content})


def _case(name: str, what: str, make: Callable[[], bytes], runner: Says, suffix: str = "gz", slow: bool = False) -> Case:
    return Case(name, what, lambda: _material(make(), suffix), None, runner, slow=slow)


def _of(*members: tarfile.TarInfo) -> Callable[[], bytes]:
    return lambda: gzip.compress(_tar(members))


def _xz(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)


_ERROR = Outcome.ERROR
_PASSED = Outcome.PASSED
_TOO_LARGE = Says(_ERROR, "a file of upstream's tarball is larger than 512 MiB")

CASES = (
    _case("tar-dot-dot", "a tarball that unpacks to ../../x", _of(_member(f"{_ROOT}/../../../{CANARY}")),
          Says(_ERROR, f"tar: {_ROOT}/../../../{CANARY}: Member name contains '..'")),
    _case("tar-absolute", "a tarball that unpacks to /tmp/x",
          _of(_member(f"/tmp/{CANARY}")), Says(_ERROR, "lintian ended with status 1")),
    _case("tar-through-link", "a link to /tmp, and a file written through it",
          _of(_member(f"{_ROOT}/way", tarfile.SYMTYPE, "/tmp"), _member(f"{_ROOT}/way/{CANARY}")),
          Says(_ERROR, f"tar: {_ROOT}/way/{CANARY}: Cannot open: Not a directory")),
    _case("tar-link-shadow", "links to /etc/shadow, soft and hard",
          _of(_member(f"{_ROOT}/README", tarfile.SYMTYPE, "/etc/shadow"),
              _member(f"{_ROOT}/hard", tarfile.LNKTYPE, "/etc/shadow")),
          Says(_ERROR, "Cannot hard link to")),
    _case("tar-debian-link", "upstream's debian/ is a link to /tmp", _of(_member(f"{_ROOT}/debian", tarfile.SYMTYPE, "/tmp")),
          Says(_PASSED)),
    _case("tar-devices", "devices and setuid files",
          _of(_member(f"{_ROOT}/null", tarfile.CHRTYPE), _member(f"{_ROOT}/s", mode=0o6755)),
          Says(_ERROR, "dpkg-source: error: unrepresentable changes to source", confined="Cannot mknod: Permission denied")),
    _case("tar-deep", "folders in folders, 2,000 deep", _of(_member(f"{_ROOT}/" + "d/" * 2_000 + "f")), Says(_PASSED), slow=True),
    _case("tar-cut", "a tarball that ends early", lambda: gzip.compress(_tar([_member(f"{_ROOT}/f", size=MIB)]))[:400],
          Says(_ERROR, "tar: Unexpected EOF in archive")),
    _case("tar-sparse", "a sparse file of 2 GiB", lambda: _sparse(2048 * MIB), _TOO_LARGE),
    _case("gz-bomb", "4 GiB of zeros in 18 MB", lambda: _bomb(lambda piece: gzip.compress(piece, 9), 4), _TOO_LARGE, slow=True),
    _case("xz-bomb", "4 GiB of zeros in 600 kB", lambda: _bomb(_xz, 4), _TOO_LARGE, "xz"),
    _case("tar-many", "200,000 files", lambda: _many(200_000), Says(_ERROR, "lint was stopped: "), slow=True),
)  # fmt: skip
