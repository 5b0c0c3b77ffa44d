"""The body of a git request, read as a stream from the raw WSGI input: with a length, chunked, gzipped or not.

Django's own stream ends at Content-Length, which a chunked request does not have; so this reads what the server gives.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from ..limits import KIB, MAX_DRAINED_BYTES

_CHUNK = 64 * KIB
_GZIP = 16 + zlib.MAX_WBITS


class BodyRefused(Exception):
    """A body that is not taken; `status` is the HTTP status that says so."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class RequestBody:
    """The body in pieces, gzip undone. After `limit` bytes it ends early: git then refuses what is incomplete.

    Raises BodyRefused at once for an encoding that is not known. Errors of the connection come out of the iteration.
    """

    def __init__(self, environ: dict[str, Any], limit: int) -> None:
        encoding = environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
        if encoding not in ("identity", "gzip", "x-gzip"):
            raise BodyRefused(415, f"Content-Encoding {encoding[:40]!r} is not known; send gzip or none")
        self._limit = limit
        self._raw = _raw_pieces(environ)
        self._pieces = self._raw if encoding == "identity" else _gunzip(self._raw)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces, up to the limit."""
        remaining = self._limit
        for piece in self._pieces:
            remaining -= len(piece)
            if remaining < 0:
                return
            yield piece

    def drain(self) -> None:
        """Read the rest of the body, up to MAX_DRAINED_BYTES, and throw it away."""
        drained = 0
        for piece in self._raw:
            drained += len(piece)
            if drained > MAX_DRAINED_BYTES:
                return


def _raw_pieces(environ: dict[str, Any]) -> Iterator[bytes]:
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or ""
    # Without a length only a server that ends the stream itself (PEP 3333's extension) can be read to the end.
    remaining = int(length) if length.isdigit() else None
    if remaining is None and not environ.get("wsgi.input_terminated"):
        return
    while remaining is None or remaining > 0:
        piece = stream.read(_CHUNK if remaining is None else min(_CHUNK, remaining))
        if not piece:
            return
        if remaining is not None:
            remaining -= len(piece)
        yield piece


def _gunzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what the gzip stream holds, never more than a piece at once: a bomb unfolds no faster than it is counted."""
    inflater = zlib.decompressobj(_GZIP)
    for piece in pieces:
        pending = piece
        while pending and not inflater.eof:
            yield inflater.decompress(pending, _CHUNK)
            pending = inflater.unconsumed_tail
    yield inflater.flush()
