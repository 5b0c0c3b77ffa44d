"""Archives of a few bytes that are made to be read for ever, as somebody would send them to /submit/upload/."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Mapping

import zstandard

from recipes_app.limits import MAX_UNPACKED_BYTES, MIB


def _member(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, pax: Mapping[str, str] | None = None) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.pax_headers = kind, size, dict(pax or {})
    return info.tobuf(tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT)


def _sparse_without_end() -> bytes:
    """Return GNU's sparse header that says that another one follows, and another."""
    member = bytearray(_member("debian/x", tarfile.GNUTYPE_SPARSE, 512))
    member[482], member[483:495] = 1, b"%011o\0" % 512
    member[148:156] = b" " * 8
    member[148:156] = b"%06o\0 " % sum(member)
    # Each further header has its mark at byte 504.
    return bytes(member) + (bytes(504) + b"\1" + bytes(7)) * 2_000


def _zeros(pack: Callable[[bytes], bytes]) -> bytes:
    return pack(_member("debian/x", size=MAX_UNPACKED_BYTES - MIB) + bytes(MAX_UNPACKED_BYTES))


def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 1)


def archives() -> dict[str, tuple[str, bytes]]:
    """Return name and content of each archive, by what it is."""
    pax = {"size": "9" * 17}
    sparse = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9" * 17, "GNU.sparse.name": "debian/x"}
    return {
        "pax-size": ("debian.tar.gz", _packed(_member("debian/x", pax=pax))),
        "pax-negative-size": ("debian.tar.gz", _packed(_member("debian/x", pax={"size": "-512"}))),
        "pax-sparse": ("debian.tar.gz", _packed(_member("debian/x", pax=sparse) + b"99999999\n" + bytes(503))),
        "sparse-without-end": ("debian.tar.gz", _packed(_sparse_without_end())),
        "long-names": ("debian.tar.gz", _packed((_member("x", tarfile.GNUTYPE_LONGNAME, 512) + bytes(512)) * 20_000)),
        "gzip-bomb": ("debian.tar.gz", _zeros(_packed)),
        "xz-bomb": ("debian.tar.xz", _zeros(lambda content: lzma.compress(content, preset=1))),
        "zstd-bomb": ("debian.tar.zst", _zeros(zstandard.ZstdCompressor().compress)),
        "empty-gzip-members": ("debian.tar.gz", gzip.compress(b"", 1) * 200_000),
        "size-in-binary": ("debian.tar.gz", _packed(_large_size())),
    }


def _large_size() -> bytes:
    """Return a header whose size is in base 256, as GNU tar writes what no octal number holds."""
    member = bytearray(_member("debian/x"))
    member[124:136] = b"\x80" + (1 << 80).to_bytes(11, "big")
    member[148:156] = b" " * 8
    member[148:156] = b"%06o\0 " % sum(member)
    return bytes(member)


def form_body(name: str, content: bytes, token: str) -> tuple[bytes, str]:
    """Return the body and the content type of the upload's form with one file."""
    boundary = "boundary-of-the-form"
    body = io.BytesIO()
    body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode())
    disposition = f'Content-Disposition: form-data; name="packaging"; filename="{name}"'
    body.write(f"--{boundary}\r\n{disposition}\r\nContent-Type: application/octet-stream\r\n\r\n".encode())
    body.write(content + f"\r\n--{boundary}--\r\n".encode())
    return body.getvalue(), f"multipart/form-data; boundary={boundary}"
