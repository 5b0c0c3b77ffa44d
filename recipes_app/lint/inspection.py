"""What is said of a pushed tree before it is recorded: parsed, checked, and compared with the revision that it would follow.

One function, to be run in a process with an end (`recipes_app.deadline`): the tree is whatever somebody pushed. No Django here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..formats.effects import Change, Side, changes_of, is_plain_bump
from ..formats.recipe import ParsedRecipe, parse_recipe
from .checks.registry import run_checks
from .protocol.report import Hint
from .recipe_checks import context_of, hints_of


@dataclass(frozen=True)
class Comparison:
    """How a tree differs from a published one before it, or from nothing.

    `is_same`: there is one before, and every file is as it was. `hints` are what the recipe checks find in the tree, beside its
    predecessor, and `known` what they find in the predecessor already.
    """

    changes: tuple[Change, ...]
    is_bump: bool
    is_same: bool
    hints: tuple[Hint, ...] = ()
    known: tuple[Hint, ...] = ()


@dataclass(frozen=True)
class Inspected:
    """What a tree says, and how it differs from others, by their commits; none where its parser refuses it or time was short."""

    parsed: ParsedRecipe
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)


def inspect_tree(tree: Mapping[str, bytes], olds: Mapping[str, Side | None], with_checks: bool) -> Inspected:
    """Return what `tree` says, and how it differs from each of `olds`, by their commits: those that it may follow.

    `with_checks` is false where no gate asks for findings: there are none then.
    """
    parsed = parse_recipe(tree)
    if parsed.metadata is None:
        return Inspected(parsed)
    new = Side(tree, parsed.metadata)
    return Inspected(parsed, {commit: _compare(old, new, with_checks) for commit, old in olds.items()})


def _compare(old: Side | None, new: Side, with_checks: bool) -> Comparison:
    hints = _hints(new, old.metadata.version if old else "") if with_checks else ()
    # What the published one has already is asked only where something was found.
    known = _hints(old, "") if old is not None and hints else ()
    is_same = old is not None and dict(old.tree) == dict(new.tree)
    return Comparison(changes_of(old, new), is_plain_bump(old, new), is_same, hints, known)


def parse_tree(tree: Mapping[str, bytes]) -> Inspected:
    """Return what `tree` says and no more: for one whose checks took too long."""
    return Inspected(parse_recipe(tree))


def _hints(side: Side, previous_version: str) -> tuple[Hint, ...]:
    found = run_checks(side.tree, context_of({"previous_version": previous_version}))
    return tuple(hints_of(found, side.metadata.source))
