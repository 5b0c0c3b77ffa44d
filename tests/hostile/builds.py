"""Cases that are hostile when they are built: what debian/rules may do in a trial build."""

from __future__ import annotations

from dataclasses import dataclass, replace

from recipes_app.limits import MIB
from recipes_app.lint.build.trial_build import LIMITS, Checkout, trial_build
from recipes_app.lint.protocol.report import LintReport, Outcome
from recipes_app.lint.source.check import Identity
from tests.factories import recipe_tree

from .case import NAME, Says

# So that a test is short: a trial build has half an hour.
_HURRIED = replace(LIMITS, wall_seconds=12, processes=64, memory_bytes=512 * MIB)
_STOPPED = "trial-build-stopped the build was stopped: "


@dataclass(frozen=True)
class BuildCase:
    """One row of the table: what debian/rules does, and what the trial build says."""

    name: str
    what: str
    rules: str
    says: Says
    slow: bool = False

    def run(self) -> LintReport:
        """Build it."""
        return trial_build(
            Checkout(_native(self.rules), Identity(NAME, "1.0", [NAME])), files={}, suite="bookworm", limits=_HURRIED
        )


def _native(rules: str) -> dict[str, bytes]:
    tree = recipe_tree(NAME, "1.0", **{"debian/source/format": "3.0 (native)\n"})
    tree["debian/rules"] = f"#!/usr/bin/make -f\n%:\n\tdh $@\n\noverride_dh_auto_build:\n\t{rules}\n".encode()
    return tree


CASES = (
    BuildCase("build-loop", "rules that never end", "while :; do :; done", Says(Outcome.FAILED, f"{_STOPPED}it took too long")),
    BuildCase("build-forks", "a fork bomb in rules", "perl -e 'while (1) { fork() }'", Says(Outcome.FAILED, _STOPPED)),
    BuildCase("build-flood", "rules that print without end", "yes",
              Says(Outcome.FAILED, f"{_STOPPED}it printed too much"), slow=True),
    BuildCase("build-memory", "rules that fill the memory", "perl -e '$$x = \"x\" x 2e9; sleep 9'",
              Says(Outcome.FAILED, f"{_STOPPED}it used too much memory"), slow=True),
)  # fmt: skip
