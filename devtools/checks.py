"""`./dev test`, `./dev coverage` and `./dev check`: the tests, what is checked beside them, and the stages on a recipe."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .bootstrap import ROOT, say

# CI and developers have two cores; more workers wait for each other's servers.
WORKERS = ("-n", "2", "--dist", "loadgroup")
COVERAGE = ("--cov", "--cov-report=term")
QUICK = "--quick"
# What starts no server, no build and no namespace.
QUICK_MARKERS = ("-m", "not server and not namespaces and not examples")
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
    """Run all tests with the checks beside them. Returns an exit status, 1 where the tests pass and a check fails.

    `--quick` leaves out the tests that start servers. With other arguments, run pytest alone with these.
    """
    markers = QUICK_MARKERS if QUICK in arguments else ()
    rest = [word for word in arguments if word != QUICK]
    if rest:
        return _pytest(*markers, *rest)
    return beside([sys.executable, "-m", "devtools", "check"], [sys.executable, "-m", "pytest", *WORKERS, *markers])


def coverage(arguments: list[str]) -> int:
    """Run the tests under coverage and print what no test has run; arguments go to pytest. Returns its exit status."""
    return _pytest(*COVERAGE, *(arguments or WORKERS))


def _pytest(*words: str) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=check_environment(), check=False).returncode


def beside(checks: Sequence[str], tests: Sequence[str]) -> int:
    """Run both commands at once, `tests` on the terminal, and print what `checks` said where it failed: pytest's closing line
    stays the last one otherwise.

    Returns the status of `tests`, or that of `checks` where the tests pass.
    """
    environment = check_environment()
    with tempfile.TemporaryFile() as output:
        aside = subprocess.Popen(
            checks, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            status = subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode
            checked = aside.wait()
        finally:
            aside.terminate()
        if checked:
            output.seek(0)
            print(output.read().decode(errors="replace"), flush=True)
            say("a check has failed; above is what ./dev check says")
    return status or checked


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
