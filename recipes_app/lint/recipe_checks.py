"""The stage `recipe-checks`: what the portal's own checks, and shellcheck, say of a recipe, as a report like any other.

No Django here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from recipes_app.formats.findings import Finding, Severity

from .checks.archive import LISTS, ArchiveNames, ArchiveUnknown, archive_names
from .checks.base import CheckContext
from .checks.registry import CHECKS, CHECKS_VERSION, run_checks
from .protocol.report import Hint, HintSeverity, LintReport, Outcome, clean_text, in_order, verdict
from .protocol.stages import Stage
from .source.shellcheck import Shellchecked, run_shellcheck, shellcheck_version

logger = logging.getLogger(__name__)

TOOL = "recipe-checks"
_SEVERITIES = {Severity.ERROR: HintSeverity.ERROR, Severity.WARNING: HintSeverity.WARNING, Severity.INFO: HintSeverity.INFO}


class Shellcheck(Protocol):
    """What asks shellcheck: `run_shellcheck`, or a test's that breaks it."""

    def __call__(self, tree: Mapping[str, bytes], package: str) -> Shellchecked:
        """Return what shellcheck says of the scripts of `tree`, as hints on `package`."""


def check_recipe(
    tree: Mapping[str, bytes],
    source: str,
    facts: Mapping[str, Any],
    *,
    executables: Collection[str] | None = None,
    shellcheck: Shellcheck = run_shellcheck,
) -> LintReport:
    """Return the report of the recipe checks on a recipe's `tree`, the packaging of the source package `source`.

    `facts` are the assignment's: what the portal knows of the recipe (see `context_of`). Where shellcheck cannot be asked, the
    report says why and has the hints of our own checks. They are a verdict where one of them is an error, which nothing that
    shellcheck says would take back; else the state is `error`.
    """
    started = time.monotonic()
    own = list(hints_of(run_checks(tree, context_of(facts, executables)), source))
    scripts = shellcheck(tree, clean_text(f"src:{source}", 128))
    hints = in_order([*own, *scripts.hints])
    state = verdict(hints)
    return LintReport(
        Outcome.ERROR if scripts.problem and state is Outcome.PASSED else state,
        stage=Stage.RECIPE_CHECKS,
        tool=TOOL,
        # Without shellcheck it is another report than the whole one, which may still be asked for.
        tool_version=CHECKS_VERSION if scripts.problem else tool_version(),
        duration_ms=round((time.monotonic() - started) * 1000),
        hints=hints,
        log=scripts.log,
        error=scripts.problem,
    )


def tool_version() -> str:
    """Return what a report of this stage made on this machine has as its tool's version: that of the rules, and shellcheck's."""
    version = shellcheck_version()
    return f"{CHECKS_VERSION}, shellcheck {version}" if version else CHECKS_VERSION


def context_of(facts: Mapping[str, Any], executables: Collection[str] | None = None, *, lists: Path = LISTS) -> CheckContext:
    """Return what the checks compare the tree with: `facts` may name previous_version; `lists` are apt's on this machine."""
    archive = _archive(lists)
    return CheckContext(
        previous_version=str(facts.get("previous_version", "")),
        archive_binaries=archive.names,
        archive_date=archive.date,
        executables=None if executables is None else frozenset(executables),
    )


def _archive(lists: Path) -> ArchiveNames:
    """Return the archive's names; none, with a line in the log, where they cannot be read: the other checks go on."""
    try:
        return archive_names(lists)
    except ArchiveUnknown as error:
        logger.warning("the names of the archive's packages are not known: %s", error)
        return ArchiveNames()


def is_security_error(severity: str, check: str) -> bool:
    """Return whether a hint is an error of a check that looks for harm done to a user's machine."""
    known = CHECKS.get(check)
    return severity == HintSeverity.ERROR and known is not None and known.about.is_security


def hints_of(findings: Iterable[Finding], source: str) -> Iterator[Hint]:
    """Yield findings in the shape of hints, so that pages and programs read one list."""
    for finding in findings:
        words = f"{finding.message}: {finding.remedy}" if finding.remedy else finding.message
        yield Hint(
            _SEVERITIES[finding.severity],
            finding.id,
            clean_text(f"src:{source}", 128),
            context=clean_text(words),
            path=clean_text(finding.path, 1024),
            line=finding.line,
            origin=TOOL,
        )
