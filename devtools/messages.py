"""`./dev messages`: the catalogues of translations brought up to what the sources say."""

import subprocess
import sys

from .bootstrap import ROOT, compile_messages, say
from .checks import check_environment

# Where nothing is to be translated: a walk through a browser's cache in var/ takes minutes.
_IGNORED = ("tests", "benchmarks", "devtools", "var", ".venv")


def messages(arguments: list[str]) -> int:
    """Gather the words of all templates and modules, compile, and print what is not translated. Returns an exit status."""
    if arguments:
        print("dev: messages takes no arguments", file=sys.stderr)
        return 2
    say("messages: reading templates and modules")
    status = subprocess.run([sys.executable, *gather()], cwd=ROOT, env=check_environment(), check=False).returncode
    if status != 0:
        return status
    compile_messages(ROOT / "locale")
    for catalogue in sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po")):
        say(f"messages: not translated in {catalogue.relative_to(ROOT)}:")
        subprocess.run(["msgattrib", "--untranslated", "--no-wrap", "--", str(catalogue)], check=True)
    return 0


def gather() -> list[str]:
    """Return the arguments to Python that write every catalogue anew, in the folder in which it is run."""
    ignored = [word for name in _IGNORED for word in ("--ignore", name)]
    return ["manage.py", "makemessages", "--all", "--no-location", "--no-wrap", "--no-obsolete", *ignored]
