"""The newest entry of debian/changelog (Debian Policy 4.4, deb-changelog(5)), read by python-debian with line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NamedTuple

from debian.changelog import ChangeBlock, Changelog, topline
from debian.debian_support import Version

from .bounds import MAX_CHANGELOG_HEADING
from .findings import Severity
from .metadata import ChangelogEntry, Person
from .names import check_package_name, read_person, version_fault
from .report import Report, quoted
from .text import decode

PATH = "debian/changelog"


class Newest(NamedTuple):
    """The newest entry, with the source package that its heading names and the line of the heading."""

    source: str
    line: int
    entry: ChangelogEntry


class _NewestEntry(Changelog):
    """python-debian's reader, fed with the first entry only; complaints are kept with their line and not logged."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.complaints: list[tuple[int, str]] = []
        self.heading_line = 0
        self._line = 0
        self.parse_changelog(self._first_entry(lines), strict=False, allow_empty_author=True)

    def _first_entry(self, lines: list[str]) -> Iterator[str]:
        """Yield the lines up to the first trailer, or up to a second heading where the trailer is missing."""
        for number, line in enumerate(lines, start=1):
            if self._blocks or (self.heading_line and topline.match(line)):
                return
            self._line = number
            if len(line) > MAX_CHANGELOG_HEADING and not line.startswith("  "):
                self.complaints.append((number, f"A heading or trailer of {len(line)} characters: {line}"))
                continue
            if not self.heading_line and topline.match(line):
                self.heading_line = number
            yield line

    def _parse_error(self, message: str, strict: bool) -> None:  # type: ignore[override]  # static there: it keeps nothing
        self.complaints.append((self._line, message))


def parse_changelog(data: bytes, report: Report) -> Newest | None:
    """Return the newest entry of the changelog `data`, or None with an error where it has none that can be used.

    What dpkg-parsechangelog only warns of (a bad trailer, text out of place) is a warning here too.
    """
    text = decode(data, report)
    if text is None:
        return None
    reader = _NewestEntry([line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")])
    _report_complaints(reader, report)
    if not reader.heading_line:
        report.error(
            "changelog-heading",
            1,
            "no entry was found, expected a first line such as: name (1.0-1) unstable; urgency=medium",
            "write an entry with dch",
        )
        return None
    return _checked(reader[0], reader.heading_line, report)


class PastEntry(NamedTuple):
    """An older entry, as its writer wrote it: nothing but its version was checked."""

    version: str
    author: str
    date: str
    changes: str


class _PastEntries(Changelog):
    """python-debian's reader, which goes over what is no entry: the page that shows old entries is no judge of them."""

    def _parse_error(self, message: str, strict: bool) -> None:  # type: ignore[override]  # static there: it logs
        """Keep nothing."""


_LAST_NUMBER = re.compile(r"([0-9]+)([^0-9]*)$")


def with_entry(data: bytes, words: str, author: str, at: datetime) -> bytes | None:
    """Return the changelog `data` with one entry more on top, as `dch -i` does: the last number of the version is one higher.

    `author` is a name and an address. None where the newest entry cannot be read.
    """
    newest = parse_changelog(data, Report(PATH))
    if newest is None:
        return None
    version = _LAST_NUMBER.sub(lambda found: f"{int(found[1]) + 1}{found[2]}", newest.entry.version, count=1)
    if version == newest.entry.version:
        version += "1"
    suites = " ".join(newest.entry.distributions) or "unstable"
    lines = "\n    ".join(line.strip() for line in words.split("\n") if line.strip())
    entry = f"{newest.source} ({version}) {suites}; urgency=medium\n\n  * {lines}\n\n -- {author}  {format_datetime(at)}\n\n"
    return entry.encode() + data


def entries_since(data: bytes, version: str, limit: int) -> list[PastEntry]:
    """Return at most `limit` entries of the changelog `data` that are newer than `version`, newest first; none if unreadable.

    Reading stops at the first entry that is not newer, as dpkg-parsechangelog --since does.
    """
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    short = (line for line in lines if len(line) <= MAX_CHANGELOG_HEADING or line.startswith("  "))
    reader = _PastEntries(short, max_blocks=limit, strict=False, allow_empty_author=True)
    found = []
    for block in reader:
        text = block._raw_version or ""
        if version_fault(text) or Version(text) <= Version(version):
            break
        changes = "\n".join(change.rstrip() for change in block.changes()).strip("\n")
        found.append(PastEntry(text, block.author or "", block.date or "", changes))
    return found


def _report_complaints(reader: _NewestEntry, report: Report) -> None:
    """Record what python-debian complained of. dpkg stops at text before the first heading, and warns of the rest."""
    for line, message in reader.complaints:
        what, colon, value = message.partition(": ")
        shown = f"{what}: {quoted(' '.join(value.split()))}" if colon else what
        severity = Severity.ERROR if line < reader.heading_line else Severity.WARNING
        report.add(severity, "changelog-syntax", line, shown, "write it as deb-changelog(5) says; dch does so")


def _checked(block: ChangeBlock, line: int, report: Report) -> Newest | None:
    """Return the entry in `block`, whose heading stands in `line`, or None with an error for a bad name or version."""
    source, version = block.package or "", block._raw_version or ""
    sound = check_package_name(source, "name in the heading", line, report)
    if fault := version_fault(version):
        remedy = "give a version such as 1.2-1 (Debian Policy 5.6.12)"
        report.error("bad-version", line, f"version {quoted(version)} was found, but {fault}", remedy)
        sound = False
    if not sound:
        return None
    if block.author is None:
        report.warning("changelog-trailer", line, "the entry has no signature line", "end it with dch --release")
    entry = ChangelogEntry(
        version=version,
        distributions=tuple((block.distributions or "").split()),
        urgency=block.urgency.lower(),
        author=read_person(block.author) if block.author else Person("", ""),
        date=_iso_date(block.date, line, report),
        changes="\n".join(change.rstrip() for change in block.changes()).strip("\n"),
    )
    return Newest(source, line, entry)


def _iso_date(text: str | None, line: int, report: Report) -> str | None:
    """Return an RFC 5322 date as ISO 8601 with offset, or None where there is none or it names no day."""
    if not text:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        remedy = "write the date as `date -R` does"
        report.warning("changelog-date", line, f"the entry's date {quoted(text)} names no point in time", remedy)
        return None
    # The offset -0000 (RFC 5322: no zone known) comes back without a zone.
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).isoformat()
