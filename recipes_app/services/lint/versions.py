"""The versions of the stages' tools that runners have told, and which of them is the one that the catalogue should have.

A runner is not trusted: what it tells can start a re-lint, which costs time at the end of the queue and nothing else.
"""

from __future__ import annotations

import logging

from debian.debian_support import Version

from recipes_app.lint.checks.registry import CHECKS_VERSION
from recipes_app.lint.protocol import profile
from recipes_app.lint.protocol.stages import Stage
from recipes_app.lint.tools import Tool, ToolError
from recipes_app.models import LintTool

logger = logging.getLogger(__name__)
# What recipe checks of this release call themselves, before shellcheck's version: `lint.recipe_checks.tool_version`.
_OUR_CHECKS = f"{CHECKS_VERSION}, shellcheck "
# A runner has a tool for each stage; what tells of more is no runner of ours.
_MAX_TOLD = 20


def note(stage: str, tool: str, tool_version: str, profile_name: str) -> None:
    """Keep that a runner has this tool. One query where it is known, which it nearly always is."""
    known = LintTool.objects.filter(stage=stage, tool_version=tool_version, profile=profile_name)
    if tool_version and not known.exists():
        row = LintTool(stage=stage, tool=tool, tool_version=tool_version, profile=profile_name)
        # Two reports of a new version may come at once: the key lets one of them in.
        LintTool.objects.bulk_create([row], ignore_conflicts=True)


def told(tools: object) -> int:
    """Keep what a runner told when it started; return how many tools that were. What has another shape is left out and logged."""
    if not isinstance(tools, list):
        logger.error("a runner told its tools in an unknown shape: %.200r", tools)
        return 0
    kept = 0
    for each in tools[:_MAX_TOLD]:
        try:
            tool = Tool.from_json(each)
        except ToolError as error:
            logger.error("a runner told of a tool what cannot be read: %s", error)  # noqa: TRY400 - the text says all
            continue
        note(tool.stage, tool.tool, tool.tool_version, tool.profile)
        kept += 1
    return kept


def newest(stage: Stage) -> LintTool | None:
    """Return the tool that the catalogue should have been looked at by, or None where no runner has told one yet. One query.

    It has the rules of this release (its checks, its profile for lintian), and is whole: recipe checks without shellcheck are
    not. Of several versions it is the highest, so that a runner that lags behind takes nothing back.
    """
    tools = LintTool.objects.filter(stage=stage)
    ours = {"tool_version__startswith": _OUR_CHECKS} if stage is Stage.RECIPE_CHECKS else {"profile": profile.NAME}
    return max(tools.filter(**ours), key=lambda tool: (_rank(tool.tool_version), tool.pk), default=None)


def _rank(version: str) -> Version:
    """Return what compares `version` as dpkg does; what is no version of Debian's ranks below all."""
    try:
        return Version(version.removeprefix(_OUR_CHECKS))
    except ValueError:
        return Version("0~~")
