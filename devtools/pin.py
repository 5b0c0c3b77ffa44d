"""`./dev pin`: requirements.txt and requirements-dev.txt from what people write in the .in files."""

import subprocess
import sys

from .bootstrap import ROOT, say

PINNED = ("requirements", "requirements-dev")


def pin(arguments: list[str]) -> int:
    """Resolve anew with hashes; arguments go to uv (`--upgrade`, `--upgrade-package NAME`). Returns the first failing status."""
    for name in PINNED:
        say(f"pin: {name}.txt")
        command = [
            sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--generate-hashes", "--no-header",
            # The address of the machine's own package index is nobody else's business.
            "--no-emit-index-url", "--python-version", "3.11",
            f"{name}.in", "--output-file", f"{name}.txt", *arguments,
        ]  # fmt: skip
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        if status != 0:
            print(f"dev: {name}.txt stands as it was: uv's words above say which requirement cannot be met", file=sys.stderr)
            return status
    return 0
