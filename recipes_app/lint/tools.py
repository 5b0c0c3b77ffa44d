"""Which versions of the tools a runner has: what it tells the portal when it starts. No Django here."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from . import recipe_checks
from .protocol import profile
from .protocol.report import clean_text
from .protocol.stages import Stage
from .sandbox.levels import SandboxUnavailable
from .sandbox.sandbox import run_sandboxed
from .source import lintian

logger = logging.getLogger(__name__)

_COLUMNS = {"tool": 40, "tool_version": 40, "profile": 80}


class ToolError(Exception):
    """What a runner told of a tool cannot be read; the text says why."""


@dataclass(frozen=True)
class Tool:
    """The tool of a stage, in the words that its reports have: a report's key holds version and profile."""

    stage: Stage
    tool: str
    tool_version: str
    profile: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types: what the broker carries."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the tool that `to_json` wrote, every text cleaned and bounded. Raises ToolError for anything else."""
        if not isinstance(data, dict) or data.keys() != {each.name for each in fields(cls)}:
            raise ToolError("a tool has other members than this portal knows")
        if not all(isinstance(value, str) for value in data.values()) or data["stage"] not in set(Stage):
            raise ToolError("a tool's members are no texts, or its stage is none")
        if not data["tool_version"]:
            raise ToolError("a tool has no version")
        return cls(Stage(data["stage"]), **{name: clean_text(data[name], limit) for name, limit in _COLUMNS.items()})


def installed_tools() -> tuple[Tool, ...]:
    """Return the tools of this machine; one whose version cannot be had is left out, with a line in the log."""
    tools = [Tool(Stage.RECIPE_CHECKS, recipe_checks.TOOL, recipe_checks.tool_version())]
    try:
        result = run_sandboxed(lintian.version_command())
    except SandboxUnavailable as error:
        logger.warning("lintian's version is not known: %s", error)
        return tuple(tools)
    version = result.stdout.decode("utf-8", "replace").strip()
    if result.exit_status != 0 or result.limit_hit or not version:
        logger.warning("lintian's version is not known: it ended with status %s", result.exit_status)
    else:
        tools.append(Tool(Stage.SOURCE_LINT, lintian.TOOL, version, profile.NAME))
    return tuple(tools)
