"""What the portal asks of a runner: one stage of one revision, versioned as the report is. No Django here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from .stages import Mode, Stage

ASSIGNMENT_VERSION = 3


class AssignmentError(Exception):
    """A message that this runner cannot read; the text says why and what to do."""


@dataclass(frozen=True)
class Need:
    """Another recipe that a trial build builds before."""

    recipe: str
    clone_url: str
    commit: str


@dataclass(frozen=True)
class Assignment:
    """One job: what to fetch, what to do with it. `facts` is what the portal knows of the recipe and checks compare with.

    `needs` are the published recipes whose packages it is built or installed with, in the order in which they are built.
    `fetch_pass` is sent as a bearer token when the recipe itself is fetched, since the revision may be held.
    """

    job: int
    stage: Stage
    clone_url: str
    commit: str
    recipe: str
    mode: Mode = Mode.RECIPE_ONLY
    suite: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    fetch_pass: str = ""
    version: int = ASSIGNMENT_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types: what the broker carries."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the assignment that `to_json` wrote. Raises AssignmentError for one of another version or shape."""
        if data.get("version") != ASSIGNMENT_VERSION:
            raise AssignmentError(
                f"the portal sent an assignment of version {data.get('version')}; this runner reads {ASSIGNMENT_VERSION}: "
                "run the same release on portal and runners"
            )
        if data.keys() != {each.name for each in fields(cls)}:
            raise AssignmentError("the portal sent an assignment with other members than this runner knows")
        try:
            needs = tuple(Need(**each) for each in data["needs"])
            return cls(**{**data, "stage": Stage(data["stage"]), "mode": Mode(data["mode"]), "needs": needs})
        except (ValueError, TypeError) as error:
            raise AssignmentError(f"the portal asks for what this runner does not know: {error}") from error
