"""`./dev messages`: the catalogues of translations, brought up to what the sources say. Run as a program, whether they are."""

import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .bootstrap import ROOT, compile_messages, say
from .checks import check_environment

# Where words to be translated stand, and what gathers them.
_SOURCES = ("api", "locale", "manage.py", "portal", "recipes_app", "templates")
_CATALOGUES = "locale/*/LC_MESSAGES/*.po"
# Nothing in them is shown on a page, and a walk through a browser's cache in var/ takes minutes.
_IGNORED = ("tests", "benchmarks", "devtools", "var", ".venv")
_MOST_LINES = 60


def messages(arguments: list[str]) -> int:
    """Gather the words of all templates and modules, compile, and print what is not translated. Returns an exit status."""
    if arguments:
        print("dev: messages takes no arguments", file=sys.stderr)
        return 2
    say("messages: reading templates and modules")
    _gather(ROOT)
    compile_messages(ROOT / "locale")
    for catalogue in sorted(ROOT.glob(_CATALOGUES)):
        say(f"messages: to be translated in {catalogue.relative_to(ROOT)}:")
        print(untranslated(catalogue))
    return 0


def untranslated(catalogue: Path) -> str:
    """Return the entries of `catalogue` that are not translated, or were marked as doubtful; empty where there are none."""
    found = ""
    for kind in ("--untranslated", "--only-fuzzy"):
        command = ["msgattrib", kind, "--no-obsolete", "--no-wrap", "--", str(catalogue)]
        found += subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return found


def faults(root: Path) -> Iterator[str]:
    """Yield what is wrong with the catalogues below `root`: not what the sources say, not translated, a broken placeholder."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for source in _SOURCES:
            if (root / source).is_dir():
                shutil.copytree(root / source, copy / source, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
            else:
                shutil.copy(root / source, copy / source)
        _gather(copy)
        for catalogue in sorted(root.glob(_CATALOGUES)):
            name = catalogue.relative_to(root)
            old, new = (path.read_text(encoding="utf-8").splitlines() for path in (catalogue, copy / name))
            changes = list(difflib.unified_diff(old, new, "in the checkout", "in the sources", lineterm="", n=0))
            if changes:
                yield "\n".join(
                    [f"{name} is not what the sources say: run ./dev messages, and translate", *changes[:_MOST_LINES]]
                )
            if missing := untranslated(catalogue):
                yield f"{name} is not complete:\n{missing}"
            compiling = ["msgfmt", "--check", "--output-file", os.devnull, "--", str(catalogue)]
            made = subprocess.run(compiling, capture_output=True, text=True, check=False)
            if made.returncode != 0:
                yield made.stderr


def _gather(root: Path) -> None:
    """Write every catalogue below `root` anew from the sources there."""
    ignored = [word for name in _IGNORED for word in ("--ignore", name)]
    options = ["--all", "--no-location", "--no-wrap", "--no-obsolete", "--verbosity", "0", *ignored]
    subprocess.run([sys.executable, "manage.py", "makemessages", *options], cwd=root, env=check_environment(), check=True)


if __name__ == "__main__":
    found = list(faults(ROOT))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)
