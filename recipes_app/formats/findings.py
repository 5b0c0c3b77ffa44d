"""What a check has to say: one finding, with place, fact and remedy. The same words on the server and in the client."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How bad a finding is. An error refuses a push; the others are shown."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a check found.

    `id` is stable kebab-case (`control-unknown-architecture`), `path` is relative to the recipe's top and may be empty,
    `line` counts from 1 or is None, `message` says what was found and what was expected, `remedy` says what to do.
    """

    severity: Severity
    path: str
    line: int | None
    id: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        place = self.path + (f":{self.line}" if self.line is not None else "")
        text = f"{place}: {self.message}" if place else self.message
        return f"{text} ({self.remedy})" if self.remedy else text

    def to_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON types, as the database and the API keep it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Finding:
        """Return the finding that `to_json` wrote."""
        return cls(**{**data, "severity": Severity(data["severity"])})
