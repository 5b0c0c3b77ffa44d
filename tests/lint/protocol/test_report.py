from __future__ import annotations

import json
from typing import Any

import pytest

from recipes_app.lint.protocol.report import MAX_HINTS, Hint, HintSeverity, LintReport, Outcome, ReportError, in_order, verdict

REPORT = LintReport(
    state=Outcome.FAILED,
    tool_version="2.116.3",
    profile="debian/main",
    duration_ms=12,
    hints=(Hint(HintSeverity.ERROR, "some-tag", "src:hello", context="a", path="debian/control", line=3),),
    log="said",
)


def wire(**changes: Any) -> dict[str, Any]:
    """The report as it comes out of the broker, with members changed."""
    result: dict[str, Any] = json.loads(json.dumps(REPORT.to_json()))
    return {**result, **changes}


def wire_hint(**changes: Any) -> dict[str, Any]:
    return wire(hints=[{**wire()["hints"][0], **changes}])


def test_a_report_survives_the_journey() -> None:
    assert LintReport.from_json(wire()) == REPORT


@pytest.mark.parametrize(
    "data",
    [
        None, [], "report", {}, wire(version=1), wire(version="1"), wire(state="fine"), wire(state=None), wire(extra=1),
        wire(hints={}), wire(hints=[1]), wire(duration_ms=-1), wire(duration_ms=True), wire(duration_ms=10**20),
        wire(log=["x"]), wire(hints=wire()["hints"] * (MAX_HINTS + 1)), wire_hint(severity="worst"), wire_hint(tag="a b"),
        wire_hint(tag=""), wire_hint(line="3"), wire_hint(line=-3), wire_hint(overridden=1), wire_hint(more=1),
    ],
)  # fmt: skip
def test_anything_else_is_refused(data: object) -> None:
    with pytest.raises(ReportError):
        LintReport.from_json(data)


def test_texts_of_a_report_are_cleaned_and_bounded() -> None:
    hint = LintReport.from_json(wire_hint(context="\x00\x1b\u202e\ud800" + "x" * 10_000)).hints[0]
    assert hint.context.startswith("\ufffd" * 4 + "x")
    assert len(hint.context) == 4096


@pytest.mark.parametrize(
    ("hint", "outcome"),
    [
        (Hint(HintSeverity.ERROR, "t", "p"), Outcome.FAILED),
        (Hint(HintSeverity.WARNING, "t", "p"), Outcome.PASSED),
        (Hint(HintSeverity.ERROR, "t", "p", overridden=True), Outcome.PASSED),
        (Hint(HintSeverity.ERROR, "t", "p", experimental=True), Outcome.PASSED),
        (Hint(HintSeverity.ERROR, "t", "p", reason="only the archive cares"), Outcome.PASSED),
    ],
)
def test_only_an_error_that_counts_fails_a_recipe(hint: Hint, outcome: Outcome) -> None:
    assert verdict((hint,)) is outcome


def test_hints_stand_in_order_of_severity_overridden_ones_last() -> None:
    names = [("info", False), ("error", True), ("pedantic", False), ("error", False), ("warning", False)]
    hints = [Hint(HintSeverity(name), "t", "p", overridden=overridden) for name, overridden in names]
    ordered = [(str(hint.severity), hint.overridden) for hint in in_order(hints)]
    assert ordered == [("error", False), ("warning", False), ("info", False), ("pedantic", False), ("error", True)]
