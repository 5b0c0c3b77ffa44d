"""`./dev bench adversarial`: what the recipe checks cost on scripts that are made to keep them busy.

    ./dev bench adversarial [--write]

Each kind of tests/hostile/scripts.py at 64 KiB, 256 KiB and 2 MiB (what one recipe's scripts may have), in seconds of the
processor. --write puts the table into docs/performance.md. The exit status is 1 where one takes more than GOAL_SECONDS.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from recipes_app.limits import KIB, MAX_CHECKED_SCRIPT_BYTES, MIB
from recipes_app.lint.checks.base import CheckContext
from recipes_app.lint.checks.registry import run_checks
from tests.hostile.scripts import FILES, SHELL, file_tree, shell_tree

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
GOAL_SECONDS = 2.0
_BEGIN, _END = "<!-- adversarial: begin -->", "<!-- adversarial: end -->"
_SIZES = (64 * KIB, 256 * KIB, MAX_CHECKED_SCRIPT_BYTES)


def main() -> int:
    """Measure, print, and where asked write; return the exit status."""
    parser = argparse.ArgumentParser(prog="./dev bench adversarial")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    arguments = parser.parse_args()
    heads = [f"{size // MIB} MiB" if size >= MIB else f"{size // KIB} KiB" for size in _SIZES]
    rows = [f"| input | {' | '.join(heads)} |", "|---|" + "--:|" * len(_SIZES)]
    print("\n".join(rows))
    worst = 0.0
    cases = [(name, [shell_tree(unit, size) for size in _SIZES]) for name, unit in SHELL.items()]
    # One file has a blob's size at most.
    cases += [(name, [file_tree(name, size) for size in _SIZES[:2]]) for name in FILES]
    for name, trees in cases:
        seconds = [_seconds(tree) for tree in trees]
        worst = max(worst, *seconds)
        cells = [f"{each:.2f}" for each in seconds] + [""] * (len(_SIZES) - len(seconds))
        rows.append(f"| `{name.replace('|', chr(92) + '|')}` | {' | '.join(cells)} |")
        print(rows[-1], flush=True)
    print(f"slowest: {worst:.2f} s, goal {GOAL_SECONDS} s")
    if arguments.write:
        _write(rows)
    return 1 if worst > GOAL_SECONDS else 0


def _seconds(tree: dict[str, bytes]) -> float:
    start = time.process_time()
    run_checks(tree, CheckContext())
    return time.process_time() - start


def _write(rows: list[str]) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    DOCUMENT.write_text("\n".join([before + _BEGIN, *rows, _END + after]), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
