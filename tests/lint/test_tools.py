"""What a runner tells of its tools: the versions that its reports will have."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from recipes_app.lint import runner_app, tools
from recipes_app.lint.protocol import profile
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.recipe_checks import tool_version
from recipes_app.lint.sandbox.levels import SandboxUnavailable
from recipes_app.lint.source import lintian
from recipes_app.lint.tools import Tool, ToolError, installed_tools


def test_the_runner_knows_the_lintian_of_this_machine_as_its_reports_will_call_it() -> None:
    checks, source = installed_tools()
    assert checks == Tool(Stage.RECIPE_CHECKS, "recipe-checks", tool_version())
    assert (source.stage, source.tool, source.profile) == (Stage.SOURCE_LINT, "lintian", profile.NAME)
    explained = tools.run_sandboxed(["lintian-explain-tags", "--format=json", "no-manual-page"])
    assert f'"lintian_version" : "{source.tool_version}"'.encode() in explained.stdout


def test_a_lintian_that_does_not_tell_its_version_is_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lintian, "version_command", lambda: ["false"])
    with caplog.at_level(logging.WARNING):
        assert [tool.stage for tool in installed_tools()] == [Stage.RECIPE_CHECKS]

    def unavailable(_command: list[str]) -> None:
        raise SandboxUnavailable("no bubblewrap")

    monkeypatch.setattr(tools, "run_sandboxed", unavailable)
    assert [tool.stage for tool in installed_tools()] == [Stage.RECIPE_CHECKS]
    assert "it ended with status 1" in caplog.text
    assert "no bubblewrap" in caplog.text


@pytest.mark.parametrize(
    "change",
    [{"stage": "none"}, {"tool_version": ""}, {"profile": 3}, {"more": "x"}],
    ids=["stage", "version", "kind", "members"],
)
def test_another_shape_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ToolError):
        Tool.from_json({**Tool(Stage.SOURCE_LINT, "lintian", "1").to_json(), **change})


def test_texts_of_a_runner_are_bounded_and_cleaned() -> None:
    long = Tool.from_json({**Tool(Stage.SOURCE_LINT, "lintian", "1").to_json(), "tool": "x\x1b" * 100})
    assert len(long.tool) == 40
    assert "\x1b" not in long.tool


def test_a_runner_tells_its_tools_when_it_is_ready_and_starts_without_a_broker_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, Any]] = []
    monkeypatch.setattr(runner_app.app, "send_task", lambda name, arguments, **_options: told.append((name, arguments)))
    runner_app.tell_tools()
    [(name, (found,))] = told
    assert name == "lint.tools"
    assert tuple(Tool.from_json(each) for each in found) == installed_tools()

    def away(*_: object, **_options: object) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(runner_app.app, "send_task", away)
    with caplog.at_level(logging.WARNING):
        runner_app.tell_tools()
    assert "the portal could not be told" in caplog.text
