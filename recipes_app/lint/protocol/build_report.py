"""What a trial build says besides hints: its steps, each with state, seconds and one line, and what its packages result in.

Part of `report`, which travels from the runner to the portal: `from_json` takes exactly this shape. No Django here.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

_MAX_LINE = 500
MAX_DETAILS = 40
# A day in milliseconds: no step takes longer.
_MAX_DURATION = 24 * 3_600 * 1_000


class StepName(StrEnum):
    """What a trial build does, in this order."""

    FETCH = "fetch"
    DEPENDENCIES = "dependencies"
    BUILD = "build"
    LINT = "lint"
    INSTALL = "install"
    TESTS = "tests"
    REBUILD = "rebuild"


class StepState(StrEnum):
    """`passed` and `failed` are verdicts, `error`: none could be reached, `skipped`: it was not done, and the line says why."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Step:
    """One step of a trial build. `line` is what is to be said of it in a line, `details` what stands behind it."""

    name: StepName
    state: StepState
    duration_ms: int = 0
    line: str = ""
    details: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: object, clean: Callable[[str, int], str]) -> Self:
        """Return the step that was written, texts through `clean`. Raises ValueError for anything else."""
        if not isinstance(data, Mapping) or data.keys() != set(cls.__dataclass_fields__):
            raise ValueError("a step does not have the expected members")
        line, details, took = data["line"], data["details"], data["duration_ms"]
        if not isinstance(line, str) or not isinstance(details, (list, tuple)) or len(details) > MAX_DETAILS:
            raise ValueError("a step's line or details are of the wrong kind")
        if not isinstance(took, int) or isinstance(took, bool) or not 0 <= took <= _MAX_DURATION:
            raise ValueError(f"a step's duration is {took!r}")
        if not all(isinstance(each, str) for each in details):
            raise ValueError("a step's details are no texts")
        words = tuple(clean(each, _MAX_LINE) for each in details)
        return cls(StepName(data["name"]), StepState(data["state"]), took, clean(line, _MAX_LINE), words)


class Steps:
    """The steps of a build that goes on, in the order in which they ended."""

    def __init__(self) -> None:
        self._done: dict[StepName, Step] = {}

    @property
    def done(self) -> tuple[Step, ...]:
        """Return the steps that have ended, in the order of StepName."""
        return tuple(self._done[name] for name in StepName if name in self._done)

    def note(self, name: StepName, state: StepState, line: str = "", details: tuple[str, ...] = (), took: float = 0) -> None:
        """Say how a step ended; what was said of it before is replaced, but its seconds are kept."""
        duration = round(took * 1000) or (self._done[name].duration_ms if name in self._done else 0)
        short = tuple(_short(each) for each in details[:MAX_DETAILS])
        self._done[name] = Step(name, state, min(duration, _MAX_DURATION), _short(line), short)

    @contextlib.contextmanager
    def timed(self, name: StepName) -> Iterator[None]:
        """Take the time of a step that passes where nothing is raised or noted inside; one that raises has failed."""
        started = time.monotonic()
        self._done.pop(name, None)
        try:
            yield
        except Exception as error:
            state = StepState.FAILED if getattr(error, "is_the_recipes_fault", False) else StepState.ERROR
            self._close(name, started, state, str(error))
            raise
        self._close(name, started, StepState.PASSED)

    def _close(self, name: StepName, started: float, state: StepState, line: str = "") -> None:
        """Say how a step ended; what was noted inside says it better."""
        noted = self._done.get(name) or Step(name, state, line=line)
        self.note(name, noted.state, noted.line, noted.details, time.monotonic() - started)


def _short(text: str) -> str:
    return text if len(text) <= _MAX_LINE else text[: _MAX_LINE - 1] + "…"


def steps_from_json(data: object, clean: Callable[[str, int], str]) -> tuple[Step, ...]:
    """Return the steps of a report. Raises ValueError for any other shape."""
    if not isinstance(data, (list, tuple)) or len(data) > len(StepName):
        raise ValueError("the steps are no list of them")
    return tuple(Step.from_json(each, clean) for each in data)


def steps_to_json(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Return plain JSON types: what the database keeps."""
    return [
        {"name": str(each.name), "state": str(each.state), "duration_ms": each.duration_ms, "line": each.line,
         "details": list(each.details)}
        for each in steps
    ]  # fmt: skip
