"""The push hook as a process: it ends in its time, whatever was pushed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.factories import commit_tree, recipe_tree

ROOT = Path(__file__).resolve().parent.parent.parent
# The rules' own loop over a file, as a hostile file would find it: no call that looks at a clock.
HOOK = """
import re, sys
from recipes_app.repos import pre_receive
pre_receive.{limit} = 0.5
pre_receive.parse_recipe = lambda tree, expected_name: {work}
sys.exit(pre_receive.main())
"""
WORK = {
    "a regular expression": "re.fullmatch('(a|aa)+b', 'a' * 200)",
    "a loop that catches what it can": "[0 for _ in iter(lambda: any(0 for each in range(1000)), 1)]",
}


@pytest.mark.parametrize("limit", ["HOOK_CPU_SECONDS", "HOOK_WALL_SECONDS"])
@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_a_push_that_takes_too_long_is_refused_with_what_to_do(tmp_path, limit, work):
    commit = commit_tree(recipe_tree("hello-dur", "1.0-1"), tmp_path / "work")
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", bare], check=True)
    subprocess.run(["git", "fetch", "-q", tmp_path / "work", "HEAD"], cwd=bare, check=True)
    start = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", HOOK.format(limit=limit, work=work)],
        input=f"{'0' * 40} {commit} refs/heads/main\n",
        env={**os.environ, "GIT_DIR": str(bare), "PORTAL_RECIPE_NAME": "hello-dur", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 1
    first, last = result.stderr.splitlines()
    assert first.startswith("error: it was not checked within ")
    assert "(make the files smaller or simpler, push fewer commits at once, or try again when the portal is less busy)" in first
    assert last == "The push was refused and nothing of it was stored."
    assert time.monotonic() - start < 30
