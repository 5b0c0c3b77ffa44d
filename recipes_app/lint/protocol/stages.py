"""The stages of validation and their order: one table for portal, runner, `./dev check PATH` and pages. No Django here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Stage(StrEnum):
    """What is done with a revision, in this order."""

    RECIPE_CHECKS = "recipe-checks"
    SOURCE_LINT = "source-lint"
    TRIAL_BUILD = "trial-build"

    @property
    def rank(self) -> int:
        """The place in the order, from 0."""
        return list(type(self)).index(self)


class Mode(StrEnum):
    """How much of the source the tool sees: the packaging alone, every Fetch too, or what was built of both."""

    RECIPE_ONLY = "recipe-only"
    FULL = "full"
    BUILT = "built"


# A stage begins when these have ended, with whatever verdict: a failed check must not hide what lintian says.
AFTER: Mapping[Stage, frozenset[Stage]] = {
    Stage.RECIPE_CHECKS: frozenset(),
    Stage.SOURCE_LINT: frozenset({Stage.RECIPE_CHECKS}),
    Stage.TRIAL_BUILD: frozenset({Stage.RECIPE_CHECKS, Stage.SOURCE_LINT}),
}
