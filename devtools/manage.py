"""`./dev manage`: the portal's management commands, in the setting and the folder of `./dev run`."""

import subprocess
import sys

from .bootstrap import ROOT


def manage(arguments: list[str]) -> int:
    """Run manage.py with `arguments` and return its exit status."""
    return subprocess.run([sys.executable, str(ROOT / "manage.py"), *arguments], check=False).returncode
