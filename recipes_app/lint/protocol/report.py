"""What a runner says about a revision: the versioned report that travels from the runner to the portal.

The runner handles hostile input and may stand on another machine, so the portal believes nothing: `from_json` takes exactly
this shape and bounds every text. No Django here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Protocol, Self, TypeVar

from recipes_app.formats.confirmation import ConfirmationError, Confirmations
from recipes_app.formats.package_effects import Effects, EffectsError
from recipes_app.limits import LINT_LOG_BYTES

from ..sandbox.levels import Level
from .build_report import Step, steps_from_json
from .stages import Mode, Stage

REPORT_VERSION = 4
# A report of thousands of hints helps nobody; the log says how many were left out.
MAX_HINTS = 5_000
_MAX_TAG = 120
_MAX_PACKAGE = 128
_MAX_PATH = 1_024
_MAX_REASON = 300
_MAX_TEXT = 4_096
_MAX_LINE = 2**31 - 1
_TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9+./_-]*")
# Control characters (ANSI sequences among them) but tab and newline, and what no database column and no page takes.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_Typed = TypeVar("_Typed")


class ReportError(Exception):
    """A report that does not have the shape of a report; the text says where."""


class Outcome(StrEnum):
    """`passed` and `failed` are verdicts over the recipe; `error` means that none could be reached."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"


class HintSeverity(StrEnum):
    """lintian's visibilities, the worst first: the one table from which order and verdict are taken (lintian(1))."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    PEDANTIC = "pedantic"
    CLASSIFICATION = "classification"

    @property
    def rank(self) -> int:
        """The place in the order, 0 for the worst."""
        return list(type(self)).index(self)


@dataclass(frozen=True)
class Hint:
    """One hint. `package` is `src:NAME` for a source package and `NAME` for a binary package, as Debian's bug tracker writes it.

    `path` and `line` are the pointer, empty and None where the tool gave none. An overridden hint keeps its place and does not
    count; `justification` is what the override's comment says. `reason` says why the profile does not count the tag, and is
    empty where it counts (see `profile`).
    """

    severity: HintSeverity
    tag: str
    package: str
    context: str = ""
    path: str = ""
    line: int | None = None
    origin: str = "lintian"
    experimental: bool = False
    overridden: bool = False
    justification: str = ""
    reason: str = ""


class Countable(Protocol):
    """What `counts` looks at: a hint of a report, or a row of the database."""

    @property
    def severity(self) -> str: ...  # noqa: D102
    @property
    def experimental(self) -> bool: ...  # noqa: D102
    @property
    def overridden(self) -> bool: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


def counts(hint: Countable) -> bool:
    """Whether a verdict may be taken from `hint`.

    What is overridden or only concerns the archive does not count, nor does an experimental hint, which lintian itself marks
    as unsure, nor a classification, which is a fact and no fault. `services.lint.reading.COUNTING` says it to the database.
    """
    return not (hint.overridden or hint.experimental or hint.reason or hint.severity == HintSeverity.CLASSIFICATION)


@dataclass(frozen=True)
class LintReport:
    """The whole report of one stage. `mode` says how much of the source the tool saw (recipe-only: no upstream source at hand).

    `suite` is the Debian suite for which it was built, and empty where that does not matter. `sandbox` is the level of the
    runner's sandbox, and empty where it had none.
    `log` is the end of what the tools printed besides; `error` says why there is no verdict, or
    what of it is missing where what was found is enough for `failed`; else it is empty.
    `steps` and `effects` are a trial build's: how each of its steps ended, and what its packages result in.
    `confirmations` are a source lint's that fetched the files: who else says that they are upstream's; None where nobody was
    asked.
    """

    state: Outcome
    stage: str = Stage.SOURCE_LINT
    tool: str = "lintian"
    tool_version: str = ""
    profile: str = ""
    mode: str = Mode.RECIPE_ONLY
    suite: str = ""
    duration_ms: int = 0
    hints: tuple[Hint, ...] = ()
    log: str = ""
    error: str = ""
    steps: tuple[Step, ...] = ()
    effects: Effects | None = None
    confirmations: Confirmations | None = None
    sandbox: str = ""
    version: int = REPORT_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types: what the broker carries."""
        return {**asdict(self), "confirmations": self.confirmations.to_json() if self.confirmations else None}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the report that `to_json` wrote, every text cleaned and bounded. Raises ReportError for anything else."""
        members = _members(data, cls, "the report")
        version = _typed(members, "version", int)
        if version != REPORT_VERSION:
            raise ReportError(f"the report has version {version}; this portal reads version {REPORT_VERSION}: update the runner")
        hints = _typed(members, "hints", list, tuple)
        if len(hints) > MAX_HINTS:
            raise ReportError(f"the report has {len(hints)} hints; at most {MAX_HINTS} are taken")
        return cls(
            state=_choice(Outcome, members, "state"),
            stage=_choice(Stage, members, "stage"),
            tool=_text(members, "tool", 40),
            tool_version=_text(members, "tool_version", 40),
            profile=_text(members, "profile", 80),
            mode=_choice(Mode, members, "mode"),
            suite=_text(members, "suite", 40),
            duration_ms=_number(members, "duration_ms"),
            hints=tuple(_hint(each) for each in hints),
            log=_text(members, "log", LINT_LOG_BYTES),
            error=_text(members, "error", _MAX_TEXT),
            steps=_steps(members["steps"]),
            effects=_effects(members["effects"]),
            confirmations=_confirmations(members["confirmations"]),
            sandbox=_choice(Level, members, "sandbox") if members["sandbox"] != "" else "",
        )


def verdict(hints: tuple[Hint, ...]) -> Outcome:
    """Return `failed` where a hint of severity error counts, else `passed`."""
    errors = any(counts(hint) and hint.severity is HintSeverity.ERROR for hint in hints)
    return Outcome.FAILED if errors else Outcome.PASSED


def in_order(hints: list[Hint]) -> tuple[Hint, ...]:
    """Return `hints` as a report lists them: what counts first, the worst first, then by tag and place; at most MAX_HINTS."""
    ordered = sorted(
        hints,
        key=lambda hint: (
            hint.overridden, bool(hint.reason), hint.severity.rank, hint.tag, hint.path, hint.line or 0, hint.context
        ),
    )  # fmt: skip
    return tuple(ordered[:MAX_HINTS])


def clean_text(text: str, limit: int = _MAX_TEXT) -> str:
    """Return `text` with every control character, direction mark and lone surrogate replaced, and cut to `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _steps(data: object) -> tuple[Step, ...]:
    try:
        return steps_from_json(data, clean_text)
    except ValueError as error:
        raise ReportError(str(error)) from error


def _effects(data: object) -> Effects | None:
    if data is None:
        return None
    try:
        found = Effects.from_json(data)
    except EffectsError as error:
        raise ReportError(str(error)) from error
    packages = (replace(each, name=clean_text(each.name), version=clean_text(each.version)) for each in found.packages)
    effects = (
        replace(each, package=clean_text(each.package), what=clean_text(each.what), value=clean_text(each.value))
        for each in found.effects
    )
    return replace(found, packages=tuple(packages), effects=tuple(effects))


def _confirmations(data: object) -> Confirmations | None:
    if data is None:
        return None
    try:
        found = Confirmations.from_json(data)
    except ConfirmationError as error:
        raise ReportError(str(error)) from error
    return Confirmations(
        tuple(replace(each, filename=clean_text(each.filename), said=clean_text(each.said)) for each in found.entries)
    )


def _hint(data: object) -> Hint:
    members = _members(data, Hint, "a hint")
    tag = _text(members, "tag", _MAX_TAG)
    if not _TAG.fullmatch(tag):
        raise ReportError(f"a hint has the tag {tag!r}")
    return Hint(
        severity=_choice(HintSeverity, members, "severity"),
        tag=tag,
        package=_text(members, "package", _MAX_PACKAGE),
        context=_text(members, "context", _MAX_TEXT),
        path=_text(members, "path", _MAX_PATH),
        line=None if members["line"] is None else _number(members, "line"),
        origin=_text(members, "origin", 20),
        experimental=_typed(members, "experimental", bool),
        overridden=_typed(members, "overridden", bool),
        justification=_text(members, "justification", _MAX_TEXT),
        reason=_text(members, "reason", _MAX_REASON),
    )


def _members(data: object, kind: type[Hint] | type[LintReport], what: str) -> Mapping[str, object]:
    """Return `data` as a mapping that has exactly the fields of `kind`."""
    if not isinstance(data, dict):
        raise ReportError(f"{what} is no object")
    expected = {each.name for each in fields(kind)}
    if data.keys() != expected:
        odd = ", ".join(sorted(map(str, data.keys() ^ expected)))
        raise ReportError(f"{what} does not have the expected members; they differ in {odd}")
    return data


def _typed(members: Mapping[str, object], name: str, *kinds: type[_Typed]) -> _Typed:
    value = members[name]
    # True is an int to Python and no number to JSON.
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise ReportError(f"{name} is of the wrong kind: {type(value).__name__}")
    return value


def _text(members: Mapping[str, object], name: str, limit: int) -> str:
    return clean_text(_typed(members, name, str), limit)


def _number(members: Mapping[str, object], name: str) -> int:
    value = _typed(members, name, int)
    if not 0 <= value <= _MAX_LINE:
        raise ReportError(f"{name} is {value}; a number from 0 to {_MAX_LINE} was expected")
    return value


_Choice = TypeVar("_Choice", bound=StrEnum)


def _choice(kind: type[_Choice], members: Mapping[str, object], name: str) -> _Choice:
    value = _typed(members, name, str)
    try:
        return kind(value)
    except ValueError as error:
        raise ReportError(f"{name} is {value!r}, one of {', '.join(kind)} was expected") from error
