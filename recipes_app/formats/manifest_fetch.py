"""The Fetch paragraphs of debian/dur: the files that a build needs, each pinned."""

from __future__ import annotations

import hashlib
import re

from .addresses import fetch_address_fault, is_https, is_pinned_git
from .bounds import MAX_FETCH_SIZE, MAX_FILENAME_LENGTH
from .deb822 import Paragraph
from .licences import read_licence, worst_class
from .manifest_fields import FETCH, choice
from .metadata import Fetch
from .report import Report, quoted
from .tree import Tree
from .vocabulary import AcceptanceKind, LicenceClass

_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_@-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"[0-9]{1,15}")


def read_fetch(paragraph: Paragraph, tree: Tree, report: Report) -> Fetch | None:
    """Return the file that a Fetch paragraph pins, or None with an error where it has no usable name.

    `tree` holds the licence texts that it may point at. Every other fault is an error, and the value then stays at its default.
    """
    filename = paragraph.value("Fetch")
    if not _FILENAME.fullmatch(filename) or len(filename) > MAX_FILENAME_LENGTH:
        message = (
            f"Fetch: {quoted(filename)} was found, expected a file name of letters, digits and . + ~ _ @ -, without a folder"
        )
        report.error("manifest-filename", paragraph.line_of("Fetch"), message, "name the file as it is to be stored")
        return None
    url = _url(paragraph, report)
    licence = paragraph.value("License")
    return Fetch(
        filename=filename,
        url=url,
        line=paragraph.line_of("Fetch"),
        sha256=_checksum(paragraph, url, report),
        size=_size(paragraph, url, report),
        role=choice(paragraph, "Role", FETCH, "orig"),
        wrap=_wrap(paragraph, report),
        architectures=tuple(paragraph.value("Arch").replace(",", " ").split()),
        licence=read_licence(licence).spdx if licence else "",
        licence_class=licence_class(paragraph, "License", report),
        licence_url=_licence_url(paragraph, report),
        licence_sha256=_sha256(paragraph, "License-SHA256", report),
        licence_file=_licence_file(paragraph, tree, report),
        acceptance=_acceptance(paragraph, report),
    )


def licence_class(paragraph: Paragraph, name: str, report: Report) -> str:
    """Return the class of the licence in field `name` and of License-Class together.

    What is known of a licence counts; License-Class counts where nothing is known. Where both speak and differ, that is a
    warning, and the worse one is taken.
    """
    declared = paragraph.value("License-Class")
    licence = paragraph.value(name)
    known = read_licence(licence).licence_class if licence else LicenceClass.UNKNOWN
    if declared not in tuple(LicenceClass) or declared == LicenceClass.UNKNOWN:
        return known
    if known in {LicenceClass.UNKNOWN, declared}:
        return declared
    message = f"License-Class: {declared} was found, but {quoted(licence)} is known as {known}"
    report.warning(
        "manifest-licence-class", paragraph.line_of("License-Class"), message, "correct one of the two; the worse one counts"
    )
    return worst_class((declared, known))


def _url(paragraph: Paragraph, report: Report) -> str:
    """Return the address where it is one that a client may fetch from; an absent one was reported with the fields."""
    url = paragraph.value("URL")
    fault = fetch_address_fault(url) if url else ""
    if fault:
        report.error("manifest-url", paragraph.line_of("URL"), f"URL: {fault}", "give an address that pins one file")
    return "" if fault else url


def _sha256(paragraph: Paragraph, name: str, report: Report) -> str:
    value = paragraph.value(name)
    if not value or _SHA256.fullmatch(value):
        return value
    message = f"{name}: {quoted(value)} was found, expected 64 hexadecimal digits in lower case"
    report.error("manifest-sha256", paragraph.line_of(name), message, "copy the first word that sha256sum prints")
    return ""


def _checksum(paragraph: Paragraph, url: str, report: Report) -> str:
    """Return SHA256; a file without it could change behind the user's back, a git source has its commit."""
    if not paragraph.value("SHA256") and not is_pinned_git(url):
        _report_unpinned(paragraph, "SHA256", "run sha256sum on the file", report)
    return _sha256(paragraph, "SHA256", report)


def _size(paragraph: Paragraph, url: str, report: Report) -> int | None:
    """Return Size in bytes, or None where it is missing or no number."""
    value = paragraph.value("Size")
    if not value:
        if not is_pinned_git(url):
            _report_unpinned(paragraph, "Size", "run stat -c %s on the file", report)
        return None
    if _DIGITS.fullmatch(value) and 0 < int(value) <= MAX_FETCH_SIZE:
        return int(value)
    message = f"Size: {quoted(value)} was found, expected a number of bytes from 1 to {MAX_FETCH_SIZE}"
    report.error("manifest-size", paragraph.line_of("Size"), message, "write digits only, as stat -c %s prints them")
    return None


def _report_unpinned(paragraph: Paragraph, name: str, how: str, report: Report) -> None:
    message = f"the Fetch has no {name}, so that nothing pins the file"
    report.error("manifest-unpinned", paragraph.line, message, f"{how} and add {name}; a git source is pinned by #commit=")


def _wrap(paragraph: Paragraph, report: Report) -> str:
    """Return Wrap, the path that a bare file gets inside a component tarball, where it stays inside."""
    path = paragraph.value("Wrap")
    inside = not path.startswith("/") and all(part not in {"", ".", ".."} for part in path.rstrip("/").split("/"))
    if not path or (inside and path.isprintable()):
        return path
    message = f"Wrap: {quoted(path)} was found, expected a relative path without . and .."
    report.error("manifest-wrap", paragraph.line_of("Wrap"), message, "name the place inside the component tarball")
    return ""


def _licence_url(paragraph: Paragraph, report: Report) -> str:
    url = paragraph.value("License-URL")
    if not url or is_https(url):
        return url
    message = f"License-URL: {quoted(url)} was found, expected an https address"
    report.error("manifest-url", paragraph.line_of("License-URL"), message, "point at the licence's text itself")
    return ""


def _licence_file(paragraph: Paragraph, tree: Tree, report: Report) -> str:
    """Return License-File, a text of the recipe that has the checksum License-SHA256."""
    path, line = paragraph.value("License-File"), paragraph.line_of("License-File")
    if not path:
        return ""
    if not path.startswith("debian/licences/") or path not in tree:
        message = f"License-File: {quoted(path)} was found, expected a file of this recipe below debian/licences/"
        report.error("manifest-licence-file", line, message, "add the licence's text, or correct the path")
        return ""
    found = hashlib.sha256(tree[path]).hexdigest()
    if found == paragraph.value("License-SHA256"):
        return path
    message = f"License-File: {path} has the SHA-256 {found}, which License-SHA256 does not name"
    report.error("manifest-licence-file", line, message, "write that checksum, or restore the text")
    return ""


def _acceptance(paragraph: Paragraph, report: Report) -> str:
    """Return Acceptance; what is to be accepted must be a text that can be fetched and checked."""
    value = choice(paragraph, "Acceptance", FETCH, "none")
    where = "License-File" if paragraph.value("License-File") else "License-URL"
    missing = [name for name in (where, "License-SHA256") if not paragraph.value(name)]
    if value == AcceptanceKind.EXPLICIT and missing:
        message = f"Acceptance: explicit was found without {' and '.join(missing)}, so users cannot be shown what they accept"
        report.error("manifest-acceptance", paragraph.line_of("Acceptance"), message, "pin the licence's text")
    return value
