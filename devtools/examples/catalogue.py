"""The examples as their recipes describe them: releases, variants, benchmarks; which take long, and which are not to be built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recipes_app.formats.recipe import parse_recipe

from ..bootstrap import ROOT

EXAMPLES = ROOT / "examples"
CHECKS = ROOT / "tests" / "examples" / "checks"
# Only `--large` builds these; without it, a source package is made of those that are small so far.
LARGE = {
    "ffmpeg-cuda": "its build takes an hour and gigabytes of contrib and non-free",
    "nvidia-cudnn-cu12": "it downloads more than 500 MB",
}
SOURCE_PACKAGE_ONLY = ("ffmpeg-cuda",)
NOT_MEANT = {"lint-parade": "it shows what checks find, and is not meant to be built"}


@dataclass(frozen=True)
class Example:
    """An example. `benchmarks` has the path of the hook for each variant that has one, the default variant first."""

    name: str
    suites: tuple[str, ...]
    benchmarks: dict[str, str]
    check: Path | None

    def why_not(self, release: str, *, large: bool) -> str:
        """Return why this example is not built on `release`; nothing where it is."""
        if self.name in NOT_MEANT:
            return NOT_MEANT[self.name]
        if self.suites and release not in self.suites:
            return f"it is for {', '.join(self.suites)}"
        if self.name in LARGE and not large and self.name not in SOURCE_PACKAGE_ONLY:
            return f"only with --large: {LARGE[self.name]}"
        return ""


def all_examples() -> list[str]:
    """Return the names of the examples, in alphabetical order."""
    return sorted(path.parent.name for path in EXAMPLES.glob("*/debian"))


def load(name: str) -> Example:
    """Return what the recipe of this example says. Raises ValueError where it cannot be read."""
    folder = EXAMPLES / name
    tree = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    metadata = parse_recipe(tree, expected_name=name).metadata
    if metadata is None:
        raise ValueError(f"examples/{name} cannot be read: ./dev check examples/{name} says why")
    variants = sorted(metadata.variants, key=lambda variant: not variant.default)
    check = CHECKS / f"{name}.sh"
    return Example(
        name=name,
        suites=tuple(metadata.suites),
        # With one variant there is nothing to compare.
        benchmarks={each.name: each.benchmark for each in variants if each.benchmark} if len(variants) > 1 else {},
        check=check if check.is_file() else None,
    )
