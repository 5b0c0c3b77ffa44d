"""`./dev test` and `./dev check`: the tests, the house rules that are tests as well (tests/test_house.py), a recipe's stages."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .bootstrap import ROOT, say

# CI and developers have two cores; more workers wait for each other's servers.
PYTEST = ("-m", "pytest", "-n", "2", "--dist", "loadgroup", "--cov", "--cov-report=term")
# What ruff would not find by itself: it has no suffix.
SCRIPTS = ("dev",)
CHECKS = {
    "format": ("-m", "ruff", "format", "--check", "--quiet", ".", *SCRIPTS),
    "lint": ("-m", "ruff", "check", "--quiet", ".", *SCRIPTS),
    "types": ("-m", "mypy", "--no-error-summary"),
    "imports": ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"),
    "messages": ("-m", "devtools.messages"),
}


def test(arguments: list[str]) -> int:
    """Run pytest with coverage; with arguments, pytest alone with these. Returns its exit status."""
    say("test: " + ("pytest " + " ".join(arguments) if arguments else "everything, coverage printed"))
    words = ["-m", "pytest", *arguments] if arguments else PYTEST
    return subprocess.run([sys.executable, *words], cwd=ROOT, env=check_environment(), check=False).returncode


def check(arguments: list[str]) -> int:
    """Run the named checks, or all; go on after one that fails. Returns 1 if any did, 2 for an unknown name.

    With the path of a folder, lint the recipe in it instead, and return what `recipes_app.lint.local` says.
    """
    if len(arguments) == 1 and arguments[0] not in CHECKS and Path(arguments[0]).is_dir():
        command = [sys.executable, "-m", "recipes_app.lint.local", str(Path(arguments[0]).resolve())]
        return subprocess.run(command, cwd=ROOT, check=False).returncode
    unknown = [name for name in arguments if name not in CHECKS]
    if unknown:
        print(f"dev: no check and no folder {', '.join(unknown)}; there are {', '.join(CHECKS)}", file=sys.stderr)
        return 2
    failed = []
    # mypy ends without the handlers that would remove the folder which the settings for tests make.
    with tempfile.TemporaryDirectory(prefix="portal-check-") as folder:
        environment = {**check_environment(), "PORTAL_TEST_DATA": folder}
        for name in arguments or CHECKS:
            say(f"check: {name}")
            if subprocess.run([sys.executable, *CHECKS[name]], cwd=ROOT, env=environment, check=False).returncode != 0:
                failed.append(name)
    if failed:
        print(f"dev: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def check_environment() -> dict[str, str]:
    """Return the environment of checks and tests: the Django plugin of mypy has to know the settings."""
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
