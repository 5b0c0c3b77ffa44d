"""What tests of trial builds share: a recipe that builds in seconds, and what a build may leave behind."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from recipes_app.lint.build.build_room import FOLDER
from tests.factories import recipe_tree


def native(rules: str = "", build_depends: str = "", **files: str) -> dict[str, bytes]:
    """A recipe of an architecture-independent package with one file, whose rules also do `rules` while it builds."""
    tree = recipe_tree(version="1.0", **{"debian/source/format": "3.0 (native)\n", **files})
    control = tree["debian/control"].decode().replace("Architecture: any", "Architecture: all").replace("${shlibs:Depends}, ", "")
    tree["debian/control"] = control.replace("(= 13)", f"(= 13){build_depends}").encode()
    body = "".join(f"\t{line}\n" for line in rules.splitlines()) or "\ttrue\n"
    tree["debian/rules"] = f"#!/usr/bin/make -f\n%:\n\tdh $@\n\noverride_dh_auto_build:\n{body}".encode()
    return tree


def mounted() -> list[str]:
    """Processes that have a room of a build in their mount namespace: their numbers, parents and commands."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if f" {FOLDER} " in (path / "mountinfo").read_text():
                parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
                found.append(f"{path.name} of {parent}: {(path / 'cmdline').read_text()[:200]!r}")
        except OSError:
            continue
    return found


def none_mounted() -> None:
    """Wait until no process has a room of a build any more; fail, with their names, where some keep it."""
    # The kernel may take its time with the thousand processes of a bomb, on a busy machine.
    deadline = time.monotonic() + 90
    while left := mounted():
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def sleeping(marker: str) -> bool:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return f"sleep {marker}" in listed.splitlines()
