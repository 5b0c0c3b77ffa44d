"""Gates over findings: which of what lint finds makes a revision wait for a reviewer, by settings.LINT_GATES.

A rule names findings and says whether they hold a revision (`enforce`) or are written down only (`observe`). The recipe checks
are pure and quick, so they are asked while the push is published: a revision that they hold was never current. What only a
runner can know (lintian's tags, shellcheck) comes with the report, seconds after users could get the revision: `report_gates`
holds it then where a rule is enforced, and says so to the pusher, in the queue and in the public log. Re-lints hold nothing: a
new lintian's opinion is no reason to take a thousand recipes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from recipes_app.limits import MAX_REASONS
from recipes_app.lint.checks.base import Family
from recipes_app.lint.checks.registry import CHECKS
from recipes_app.lint.protocol.report import HintSeverity

from .gate_table import Mode
from .gates import Examination, Pushed

ENFORCE, OBSERVE, OFF = Mode.ENFORCE.value, Mode.OBSERVE.value, Mode.OFF.value
_MODES = (ENFORCE, OBSERVE, OFF)
GATE = "security-findings"
_SECURITY = "security"


class Finding(Protocol):
    """What a rule looks at, whoever found it."""

    @property
    def severity(self) -> str: ...  # noqa: D102
    @property
    def tag(self) -> str: ...  # noqa: D102
    @property
    def path(self) -> str: ...  # noqa: D102
    @property
    def line(self) -> int | None: ...  # noqa: D102
    @property
    def context(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Rule:
    """Findings that a rule is about: an id or tag, a family of checks, or every check that looks for harm; from `severity` up."""

    what: str
    severity: HintSeverity
    mode: str

    def covers(self, finding: Finding) -> bool:
        """Return whether the rule is about `finding`."""
        if HintSeverity(finding.severity).rank > self.severity.rank:
            return False
        if finding.tag == self.what:
            return True
        check = CHECKS.get(finding.tag)
        if check is None:
            return False
        return check.about.is_security if self.what == _SECURITY else check.about.family == self.what


def rules(table: Mapping[str, str] | None = None) -> list[Rule]:
    """Return the rules of settings.LINT_GATES that are not off. A key is `security`, a family, an id or a tag, with `@severity`.

    Raises ImproperlyConfigured for a mode or a severity that is none.
    """
    found = []
    for key, mode in (settings.LINT_GATES if table is None else table).items():
        what, _, severity = key.partition("@")
        if mode not in _MODES or (severity and severity not in set(HintSeverity)):
            raise ImproperlyConfigured(
                f"LINT_GATES: {key}={mode} is no gate: WHAT@SEVERITY={'|'.join(_MODES)} was expected, and the severity is one of "
                f"{', '.join(HintSeverity)}"
            )
        if mode != OFF:
            found.append(Rule(what, HintSeverity(severity or HintSeverity.INFO), mode))
    return found


def asks_for_checks() -> bool:
    """Return whether a rule is about a recipe check, so that a pushed tree has to be checked before it is published."""
    return bool(_about_checks())


def of_pushed(pushed: Pushed) -> Examination:
    """Return what the rules say of the findings of a push. What the published revision has already holds nothing again."""
    if pushed.comparison is None:
        return Examination()
    return judge(pushed.comparison.hints, _about_checks(), known=pushed.comparison.known)


def _about_checks() -> list[Rule]:
    return [rule for rule in rules() if rule.what == _SECURITY or rule.what in set(Family) or rule.what in CHECKS]


def judge(findings: Iterable[Finding], asked: Iterable[Rule], *, known: Iterable[Finding] = ()) -> Examination:
    """Return the reasons that `asked` take from `findings`, but for those that are `known`, wherever in its file each stands.

    What one rule enforces and another observes, holds.
    """
    asked = list(asked)
    passed_over = {(each.tag, each.path, each.context) for each in known}
    held: dict[str, None] = {}
    observed: dict[str, None] = {}
    for finding in findings:
        modes = {rule.mode for rule in asked if rule.covers(finding)}
        if modes and (finding.tag, finding.path, finding.context) not in passed_over:
            (held if ENFORCE in modes else observed)[_sentence(finding)] = None
    return Examination(_first(held), _first(observed), gates=(GATE,) if held else ())


def _sentence(finding: Finding) -> str:
    place = finding.path + (f":{finding.line}" if finding.line else "")
    return f"{place}: {finding.tag}: {finding.context}" if place else f"{finding.tag}: {finding.context}"


def _first(reasons: dict[str, None]) -> tuple[str, ...]:
    every = tuple(reasons)
    more = (f"and {len(every) - MAX_REASONS} more of this kind: see the lint report",) if len(every) > MAX_REASONS else ()
    return every[:MAX_REASONS] + more
