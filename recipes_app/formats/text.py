"""From bytes to text: the encoding that Debian Policy 5.1 prescribes, and words said about anything else."""

from __future__ import annotations

from .findings import Severity
from .report import Report


def decode(data: bytes, report: Report, severity: Severity = Severity.ERROR) -> str | None:
    """Return `data` as text, or None and a finding of `severity` where it is not UTF-8 or holds a NUL (Debian Policy 5.1)."""
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        report.add(severity, "nul-byte", line, "a NUL byte was found, expected text", "save the file as UTF-8 text")
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        message = f"byte 0x{data[problem.start]:02X} was found, which is not valid UTF-8 here"
        report.add(severity, "not-utf-8", line, message, "convert the file to UTF-8 (Debian Policy 5.1), for example with iconv")
        return None


def first_line(data: bytes) -> str:
    """Return the first line of `data` without surrounding blanks, bytes that are no UTF-8 replaced; empty for an empty file."""
    return data.split(b"\n", 1)[0].decode("utf-8", "replace").strip()


def lines_of(text: str) -> list[str]:
    """Return the lines of `text`, which end at line feeds alone, as git, dpkg, make and sh have it.

    `str.splitlines` also ends lines at form feeds, vertical tabs and Unicode separators: who reads a file that way sees other
    lines than the program that obeys it.
    """
    return text.removesuffix("\n").split("\n") if text else []
