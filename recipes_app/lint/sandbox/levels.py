"""The two levels of the sandbox, and how an operator chooses: one table for runner, reports and pages. No Django here."""

from __future__ import annotations

import os
from enum import StrEnum

VARIABLE = "LINT_SANDBOX"
# The best level that this machine can keep: what `./dev run` and `./dev check` ask for.
BEST = "auto"
BUILDS_NEED_NAMESPACES = (
    "a trial build needs user namespaces, and this runner has none (its sandbox is of the level confined): run the lint workers "
    "where they are allowed, or set TRIAL_BUILD_SUITES= on the portal, so that it asks for none"
)


class SandboxUnavailable(Exception):
    """No sandbox can be made on this machine; the text says why. Nothing has been run."""


class Level(StrEnum):
    """How a run is kept apart: docs/security.md says what each promises."""

    NAMESPACES = "namespaces"
    CONFINED = "confined"


def wanted_level() -> Level | None:
    """Return the level that LINT_SANDBOX names, `namespaces` where it names none; None for the best that there is.

    Raises SandboxUnavailable for an unknown name.
    """
    named = os.environ.get(VARIABLE) or Level.NAMESPACES
    if named == BEST:
        return None
    try:
        return Level(named)
    except ValueError:
        raise SandboxUnavailable(f"{VARIABLE} is {named!r}: set it to {', '.join(Level)} or {BEST}") from None
