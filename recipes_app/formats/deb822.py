"""Paragraphs and fields of deb822 text (Debian Policy 5.1, deb822(5)) with the line of every value.

Why not python-debian here: its quick reader (`Deb822`) passes over lines that it cannot read and keeps no positions; the
one that keeps them (`_deb822_repro`) needs 30 ms to import and 130 ms for a copyright file of 100 KB, and the push hook has
100 ms for everything. The tests hold this reader against python-debian's on valid and on generated text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .findings import Severity
from .report import Report, quoted

# Debian Policy 5.1: printable US-ASCII except colon, not starting with `#` or `-`.
_FIELD_NAME = re.compile(r"[!\"$-,./0-9;-~][!-9;-~]*")
# What dpkg takes for blank. `str.strip()` alone would also take no-break spaces and the like.
BLANKS = " \t\r\n\v\f"


class ValueLine(NamedTuple):
    """One line of a value: its number in the file, and its text (for a continuation line with its leading blanks)."""

    line: int
    text: str


class Field(NamedTuple):
    """A field: its name as written, and the lines of its value; comments between them are left out."""

    name: str
    rows: tuple[ValueLine, ...]

    @property
    def line(self) -> int:
        """The line of the field's name."""
        return self.rows[0].line

    @property
    def value(self) -> str:
        """The whole value: lines joined by line feeds, outer blanks removed."""
        return "\n".join(row.text for row in self.rows).strip(BLANKS)

    @property
    def words(self) -> tuple[str, ...]:
        """The value's words, separated by any blanks."""
        return tuple(self.value.split())


class Paragraph:
    """The fields of one paragraph, found by name without regard to case, in the order of the file."""

    def __init__(self) -> None:
        self.fields: dict[str, Field] = {}

    @property
    def line(self) -> int:
        """The line that the paragraph starts at."""
        return next(iter(self.fields.values())).line

    def get(self, name: str) -> Field | None:
        """Return the field `name`, or None."""
        return self.fields.get(name.lower())

    def value(self, name: str) -> str:
        """Return the value of the field `name`, empty where the paragraph has none."""
        field = self.get(name)
        return field.value if field else ""

    def line_of(self, name: str) -> int:
        """Return the line of the field `name`, or of the paragraph where it has none."""
        field = self.get(name)
        return field.line if field else self.line


class _Reader:
    """The state of reading: the finished paragraphs, the one at hand, and the rows of the field at hand."""

    def __init__(self, report: Report, severity: Severity) -> None:
        self.paragraphs: list[Paragraph] = []
        self._report = report
        self._severity = severity
        self._paragraph = Paragraph()
        self._name = ""
        self._rows: list[ValueLine] = []

    def read(self, number: int, line: str) -> None:
        """Take in one line, without its end."""
        if not line.strip(BLANKS):
            self.end_paragraph()
        elif line.startswith("#"):
            return
        elif line[0] in " \t":
            self._continue(ValueLine(number, line.rstrip(BLANKS)))
        else:
            self._start(number, line)

    def end_paragraph(self) -> None:
        """Close the paragraph at hand, if it has a field."""
        self._end_field()
        if self._paragraph.fields:
            self.paragraphs.append(self._paragraph)
            self._paragraph = Paragraph()

    def _continue(self, row: ValueLine) -> None:
        if self._rows:
            self._rows.append(row)
        else:
            self._complain(
                "deb822-continuation",
                row.line,
                f"continuation line {quoted(row.text)} was found where a field was expected",
                'start the line with "Name: " or join it to the field above, without a blank line between',
            )

    def _start(self, number: int, line: str) -> None:
        self._end_field()
        name, colon, value = line.partition(":")
        name = name.rstrip(BLANKS)
        if not colon or not _FIELD_NAME.fullmatch(name):
            self._complain(
                "deb822-line",
                number,
                f'{quoted(line)} was found, expected "Field-Name: value"',
                "a continued value starts with a blank, a comment with #",
            )
            return
        self._name = name
        self._rows = [ValueLine(number, value.strip(BLANKS))]

    def _end_field(self) -> None:
        if not self._rows:
            return
        known = self._paragraph.fields.setdefault(self._name.lower(), Field(self._name, tuple(self._rows)))
        line = self._rows[0].line
        if known.line != line:
            self._complain(
                "deb822-duplicate-field",
                line,
                f"field {self._name} was found a second time, the first stands in line {known.line}",
                "join the two into one field",
            )
        self._name, self._rows = "", []

    def _complain(self, identifier: str, line: int, message: str, remedy: str) -> None:
        self._report.add(self._severity, identifier, line, message, remedy)


def read_paragraphs(text: str, report: Report, severity: Severity = Severity.ERROR) -> list[Paragraph]:
    """Return the paragraphs of `text`; a paragraph has at least one field.

    What dpkg refuses (a line that is neither field, continuation nor comment; a field twice) becomes a finding of
    `severity`, and reading goes on behind it, so that one run names every fault.
    """
    reader = _Reader(report, severity)
    # Not splitlines(): that also splits at form feeds and Unicode separators, which are ordinary characters to dpkg.
    for number, line in enumerate(text.split("\n"), start=1):
        reader.read(number, line)
    reader.end_paragraph()
    return reader.paragraphs
