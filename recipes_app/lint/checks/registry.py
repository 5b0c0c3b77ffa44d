"""The table of all checks, and the door: a tree of files in, findings out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from recipes_app.formats.findings import Finding, Severity
from recipes_app.formats.tree import Tree

from .base import Check, CheckContext
from .recipe import CheckedRecipe
from .rules import (
    apt,
    archive_use,
    changelog,
    control,
    files,
    hidden,
    licences,
    manifest,
    manifest_use,
    models,
    network,
    obfuscation,
    packing,
    patches,
    system,
    system_state,
    top_level,
)

_MODULES = (
    *(manifest, manifest_use, control, licences, changelog, patches, models, hidden, files),
    *(network, obfuscation, system, system_state, apt, archive_use, packing, top_level),
)
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def _collected() -> dict[str, Check]:
    """Return the checks of every module by id, in the order of the ids."""
    found = [value for module in _MODULES for value in vars(module).values() if isinstance(value, Check)]
    return {check.about.id: check for check in sorted(found, key=lambda check: check.about.id)}


def _version() -> str:
    """Return a name for the rules as they stand: it changes with every change of them, so that nobody can forget to.

    The rules are this folder with its tables, and what is asked of shellcheck.
    """
    digest = hashlib.sha256()
    here = Path(__file__).parent
    for path in (*sorted(here.rglob("*.py")), *sorted(here.rglob("*.txt")), here.parent / "source" / "shellcheck.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


CHECKS: Mapping[str, Check] = _collected()
CHECKS_VERSION = _version()


def run_checks(tree: Tree, context: CheckContext) -> list[Finding]:
    """Return what all checks find in a recipe's `tree`: errors first, then by file and line.

    At most MAX_FINDINGS_PER_CHECK of each check. Never raises for any content of `tree`.
    """
    recipe = CheckedRecipe(tree, context)
    found = [finding for check in CHECKS.values() for finding in check.run(recipe)]
    return sorted(found, key=lambda each: (_ORDER[each.severity], each.path, each.line or 0, each.id, each.message))
