"""`./dev bench plan`: what it takes to make the source plan of a recipe, and to render its blocks, for each of the examples."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from devtools.bootstrap import ROOT
from recipes_app.formats.build_steps import Site, blocks
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.recipe import parse_recipe
from recipes_app.formats.source_plan import source_plan

from .push import machine

GOAL_MS = 1.0
_ROUNDS = 200
_SITE = Site("https://dur.example", "https://dur.example/git/name.git")


def main() -> int:
    """Measure, print a line for each example, and return 0 where every plan is within the goal, 1 where one is not."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, median of {_ROUNDS}\n\n{'recipe':28} plan ms   plan and blocks ms"
    )
    slowest = 0.0
    for folder in sorted(each for each in (ROOT / "examples").iterdir() if each.is_dir()):
        metadata = parse_recipe(_tree(folder)).metadata
        if metadata is None:
            raise ValueError(f"{folder.name} cannot be read")
        plan = _median_ms(partial(source_plan, metadata, commit="c" * 40))
        whole = _median_ms(partial(_plan_and_blocks, metadata))
        slowest = max(slowest, plan)
        print(f"{folder.name:28} {plan:7.3f} {whole:20.3f}")
    met = slowest < GOAL_MS
    print(f"\n{'met     ' if met else 'MISSED  '}slowest plan: {slowest:.3f} ms, under {GOAL_MS:.0f}")
    return 0 if met else 1


def _plan_and_blocks(metadata: RecipeMetadata) -> object:
    return blocks(source_plan(metadata, commit="c" * 40), _SITE)


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _median_ms(act: Callable[[], object]) -> float:
    seconds = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds) * 1000


if __name__ == "__main__":
    raise SystemExit(main())
