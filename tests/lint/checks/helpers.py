"""Short ways to run the checks on the example recipe with some files changed."""

from __future__ import annotations

from recipes_app.formats.findings import Finding
from recipes_app.lint.checks.base import EXAMPLE_DAY, CheckContext, Example
from recipes_app.lint.checks.examples import example_tree
from recipes_app.lint.checks.registry import run_checks

CONTEXT = CheckContext(now=EXAMPLE_DAY)


def found(files: Example, identifier: str, context: CheckContext = CONTEXT) -> list[Finding]:
    """Return what the check `identifier` finds in the base recipe with `files` laid over it."""
    return [finding for finding in run_checks(example_tree(files), context) if finding.id == identifier]


def identifiers(files: Example, context: CheckContext = CONTEXT) -> set[str]:
    """Return the ids of all that is found in the base recipe with `files` laid over it."""
    return {finding.id for finding in run_checks(example_tree(files), context)}
