"""Which level of the lint sandbox this machine can keep, and which tests need user namespaces: the end says what did not run.

A container or a chroot has neither namespaces nor mounts. CI has both and runs every test.
"""

from __future__ import annotations

import os

import pytest

from recipes_app.lint.sandbox import confined, levels, sandbox
from recipes_app.lint.sandbox.levels import Level

MARKER = "namespaces"
_REASON = "needs user namespaces"
NAMESPACES = pytest.param(Level.NAMESPACES, marks=pytest.mark.namespaces)


def pytest_configure() -> None:
    """Let tests run at the best level that there is, unless the environment names one."""
    os.environ.setdefault(levels.VARIABLE, levels.BEST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot do: tests with the marker, and those for which a base of trial builds is made."""
    for item in items:
        if "bases_folder" in getattr(item, "fixturenames", ()):
            item.add_marker(MARKER)
    marked = [item for item in items if item.get_closest_marker(MARKER)]
    if marked and sandbox.why_no_namespaces():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason=_REASON))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what did not run for want of namespaces, and why, instead of a line for each file."""
    skipped = terminalreporter.stats.get("skipped", [])
    ours = [report for report in skipped if isinstance(report.longrepr, tuple) and _REASON in report.longrepr[2]]
    if ours:
        terminalreporter.stats["skipped"] = [report for report in skipped if report not in ours]
        why = sandbox.why_no_namespaces() or "they are refused to the workers of this run"
        terminalreporter.write_line(f"{len(ours)} tests with the marker `{MARKER}` did not run: {why}")


@pytest.fixture(params=[NAMESPACES, Level.CONFINED])
def level(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Level:
    """Each level of the sandbox, one after the other."""
    chosen: Level = request.param
    if chosen is Level.CONFINED and (reason := confined.why_not_confined()):
        pytest.skip(reason)
    monkeypatch.setenv(levels.VARIABLE, chosen)
    return chosen
