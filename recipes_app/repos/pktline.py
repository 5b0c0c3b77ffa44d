"""git's pkt-line framing and its side bands: reading what git answers, and adding lines that the user's git shows.

GitPython does not know the format: it speaks to git alone, never to a client.
Format: Documentation/gitprotocol-common; side bands: gitprotocol-pack, "Side-band".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

FLUSH = b"0000"
BAND_DATA = 1
BAND_PROGRESS = 2
_MAX_PACKET = 65_520
_LENGTH_BYTES = 4


class FramingError(Exception):
    """A stream that is no sequence of pkt-lines."""


def packet(payload: bytes) -> bytes:
    """Return one pkt-line. Raises ValueError where the payload is too long for one."""
    if len(payload) + _LENGTH_BYTES > _MAX_PACKET:
        raise ValueError(f"a pkt-line holds at most {_MAX_PACKET - _LENGTH_BYTES} bytes")
    return b"%04x%s" % (len(payload) + _LENGTH_BYTES, payload)


def progress(line: str) -> bytes:
    """Return the side-band packet that the user's git shows as `remote: LINE`."""
    return packet(bytes([BAND_PROGRESS]) + line.encode("utf-8", "replace")[: _MAX_PACKET // 2] + b"\n")


def read_packets(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Yield the payload of each pkt-line of `stream`, None for a flush, to the end. Raises FramingError."""
    while header := stream.read(_LENGTH_BYTES):
        try:
            length = int(header, 16)
        except ValueError as error:
            raise FramingError(f"no pkt-line length: {header!r}") from error
        if length == 0:
            yield None
            continue
        payload = stream.read(length - _LENGTH_BYTES) if _LENGTH_BYTES <= length <= _MAX_PACKET else b""
        if len(payload) != length - _LENGTH_BYTES:
            raise FramingError(f"a pkt-line of {length} bytes ends early")
        yield payload


def accepted_references(report: bytes) -> list[str]:
    """Return the references that a `report-status` says were updated (lines `ok REFERENCE`)."""
    lines = [line for line in _report_lines(report) if line.startswith(b"ok ")]
    return [line[3:].decode("utf-8", "replace").rstrip("\n") for line in lines]


def refuse_report(report: bytes, reason: str) -> bytes:
    """Return the `report-status` with every accepted reference turned into a refusal for `reason`."""
    result = b""
    for line in _report_lines(report):
        if line.startswith(b"ok "):
            line = b"ng %s %s\n" % (line[3:].rstrip(b"\n"), reason.encode("utf-8"))  # noqa: PLW2901 - the line as it goes on
        result += packet(line)
    return result + FLUSH


def _report_lines(report: bytes) -> Iterator[bytes]:
    position = 0
    while position + _LENGTH_BYTES <= len(report):
        length = int(report[position : position + _LENGTH_BYTES], 16)
        if length == 0:
            return
        yield report[position + _LENGTH_BYTES : position + length]
        position += length
