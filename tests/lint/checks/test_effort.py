"""Reading scripts takes a bounded number of steps, which grows no faster than their length."""

from __future__ import annotations

import pytest

from recipes_app.limits import KIB, MAX_SHELL_COMMANDS, MAX_SHELL_STEPS, MIB
from recipes_app.lint.checks.base import CheckContext
from recipes_app.lint.checks.recipe import CheckedRecipe
from recipes_app.lint.checks.registry import run_checks
from recipes_app.lint.checks.scripting.shell import read_commands
from recipes_app.lint.checks.scripting.shell_values import Effort, Scope
from recipes_app.lint.checks.scripts import scripts_of
from tests.factories import recipe_tree
from tests.hostile.scripts import SHELL, in_lines, shell_tree

_PLENTY = 10**9


def spent(unit: bytes, size: int) -> int:
    """Return how many steps and commands a script of this size takes, were there no limit."""
    effort = Effort(_PLENTY, _PLENTY)
    read_commands(in_lines(unit, size).decode(), 1, Scope(effort=effort))
    return 2 * _PLENTY - effort.steps - effort.commands


@pytest.mark.parametrize("what", SHELL)
def test_steps_grow_with_the_length_and_no_faster(what):
    short, long = (spent(SHELL[what], size * KIB) for size in (8, 32))
    assert long <= 5 * short + 1_000


@pytest.mark.parametrize("what", ["pipes", "brackets", "backticks", "variables"])
def test_what_is_too_much_is_not_read_and_is_told(what):
    tree = recipe_tree() | shell_tree(SHELL[what], 2 * MIB)
    recipe = CheckedRecipe(tree, CheckContext())
    scripts = scripts_of(recipe)
    assert any(script.gave_up for script in scripts)
    assert sum(len(script.commands) for script in scripts) <= MAX_SHELL_COMMANDS + 1_000
    assert "DUR726" in {finding.id for finding in run_checks(tree, CheckContext())}


def test_an_ordinary_large_script_is_read_whole():
    """Debian's maintainer scripts have a thousand steps and fifty commands in each KiB."""
    script = b"#!/bin/sh\nset -e\n" + b"".join(
        b'if [ "$1" = configure ]; then\n    update-alternatives --install /usr/bin/x x /usr/lib/x%d 10\nfi\n' % number
        for number in range(2_000)
    )
    recipe = CheckedRecipe(recipe_tree(**{"debian/postinst": script}), CheckContext())
    assert not any(each.gave_up for each in scripts_of(recipe))
    assert len(script) > 180 * KIB


def test_all_scripts_of_a_recipe_share_what_may_be_spent():
    effort = Effort()
    for _ in range(3):
        read_commands("a;" * MAX_SHELL_COMMANDS, 1, Scope(effort=effort))
    assert effort.is_spent
    assert effort.commands >= -3
    assert effort.steps > MAX_SHELL_STEPS - 5 * MAX_SHELL_COMMANDS
