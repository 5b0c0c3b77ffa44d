"""Collecting findings about one file, with a ceiling, and putting hostile text into messages safely."""

from __future__ import annotations

from .bounds import MAX_FINDINGS_PER_FILE, MAX_QUOTED_LENGTH
from .findings import Finding, Severity


def quoted(value: str) -> str:
    """Return `value` in quotation marks, shortened, with every control, bidirectional and invisible character escaped.

    Messages end in terminals (`remote: error: …`): what a recipe says must not be able to move a cursor there.
    """
    shown = value if len(value) <= MAX_QUOTED_LENGTH else value[:MAX_QUOTED_LENGTH] + "…"
    return '"' + "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in shown) + '"'


class Report:
    """The findings about one file. Past `MAX_FINDINGS_PER_FILE` they are counted and no longer kept."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._findings: list[Finding] = []
        self._left_out: dict[Severity, int] = {}

    @property
    def full(self) -> bool:
        """Whether further findings are only counted, so that costly messages need not be made."""
        return len(self._findings) >= MAX_FINDINGS_PER_FILE

    def add(self, severity: Severity, identifier: str, line: int | None, message: str, remedy: str = "") -> None:
        """Record a finding about `line` of the file."""
        if self.full:
            self._left_out[severity] = self._left_out.get(severity, 0) + 1
        else:
            self._findings.append(Finding(severity, self.path, line, identifier, message, remedy))

    def error(self, identifier: str, line: int | None, message: str, remedy: str = "") -> None:
        """Record what makes the recipe unusable or breaks a rule of the format."""
        self.add(Severity.ERROR, identifier, line, message, remedy)

    def warning(self, identifier: str, line: int | None, message: str, remedy: str = "") -> None:
        """Record what should be put right, and refuses nothing."""
        self.add(Severity.WARNING, identifier, line, message, remedy)

    def info(self, identifier: str, line: int | None, message: str, remedy: str = "") -> None:
        """Record what a reader may want to know."""
        self.add(Severity.INFO, identifier, line, message, remedy)

    def findings(self) -> list[Finding]:
        """Return what was recorded, and for each severity one finding that counts what was left out."""
        rest = [
            Finding(severity, self.path, None, "more-findings", f"{count} more of severity {severity}", "mend those above first")
            for severity, count in sorted(self._left_out.items())
        ]
        return self._findings + rest
