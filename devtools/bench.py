"""`./dev bench NAME`: one measurement of benchmarks/, its table printed."""

import subprocess
import sys

from .bootstrap import ROOT

# A line each, so that two that are added side by side do not meet.
BENCHMARKS = (
    "adversarial",
    "agreement",
    "api",
    "batches",
    "checks",
    "dumps",
    "gates",
    "hostile",
    "lint",
    "pages",
    "plan",
    "push",
    "repositories",
    "siege",
    "ssh",
    "start",
)


def bench(arguments: list[str]) -> int:
    """Run the named benchmark with the rest of the arguments; return its exit status, 2 for an unknown name."""
    if not arguments or arguments[0] not in BENCHMARKS:
        print(f"usage: ./dev bench {'|'.join(BENCHMARKS)} [ARGUMENTS]", file=sys.stderr)
        return 2
    name, *rest = arguments
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *rest], cwd=ROOT, check=False).returncode
