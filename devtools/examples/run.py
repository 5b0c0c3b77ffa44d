"""From a recipe's page to an installed and checked package, as a person does it: block after block, until one fails."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from .catalogue import LARGE, SOURCE_PACKAGE_ONLY, Example
from .page import PageError, RecipePage, fetch_page
from .systems import WORK, System
from .terminal import Pasted, Terminal, TerminalError

BLOCK_SECONDS = 1_800.0
LARGE_BLOCK_SECONDS = 3 * 3_600.0
BENCHMARK_ROUNDS = 5
# dpkg-source(1) says it when the source package is whole.
_SOURCE_PACKAGE_MADE = re.compile(r"dpkg-source: info: building .+\.dsc")
_SAID_LINES = 12


class StepFailed(Exception):
    """A step did not do what it is for; the text says which, and what was shown last."""


@dataclass(frozen=True)
class Step:
    """A step that was taken: its name, seconds, and how many questions were answered."""

    name: str
    seconds: float
    answers: int = 0


@dataclass
class Outcome:
    """What came of an example on a release. `fault` is empty where everything went well; `skipped` says why it was not tried."""

    recipe: str
    release: str
    date: str
    shell: str = ""
    skipped: str = ""
    fault: str = ""
    steps: list[Step] = field(default_factory=list)
    packages: tuple[str, ...] = ()
    said: str = ""
    # Seconds of each round, by variant, the default variant first.
    benchmarks: dict[str, list[float]] = field(default_factory=dict)
    # Processes that wanted each processor at the end: above 1, other work ran beside.
    load: float = 0.0

    @property
    def went_well(self) -> bool:
        """Whether it was tried and nothing failed."""
        return not self.fault and not self.skipped

    def ratios(self) -> dict[str, tuple[float, float]]:
        """Return for each variant that was measured the median of its seconds, and how many times faster it is than the first."""
        medians = {variant: median(seconds) for variant, seconds in self.benchmarks.items()}
        first = next(iter(medians.values()), 0.0)
        return {variant: (value, first / value if value else 0.0) for variant, value in medians.items()}


@dataclass(frozen=True)
class Way:
    """How examples are built: in which shell, on the host or in a clean root, and what is spared of it all."""

    shell: str = "bash"
    clean: bool = False
    large: bool = False
    # The block that holds all the others is pasted in their place.
    at_once: bool = False
    # Every variant is built and measured.
    measure: bool = True
    undo: bool = True
    say: Callable[[str], None] = print


class Walk:
    """One example's way through its page, in one system and one terminal."""

    def __init__(self, system: System, portal: str, example: Example, way: Way) -> None:
        self._system = system
        self._portal = portal
        self._example = example
        self._way = way
        self.outcome = Outcome(example.name, system.release, time.strftime("%Y-%m-%d"), way.shell)

    def go(self, log: Path) -> Outcome:
        """Take every step; return what came of it. `log` gets all that the terminal showed."""
        try:
            with self._system.terminal(self._way.shell, log) as terminal:
                if self._source_only:
                    self._make_source_package(terminal)
                else:
                    self._build_and_check(terminal)
        except (StepFailed, PageError, OSError) as error:
            self.outcome.fault = str(error)
        self.outcome.load = round(os.getloadavg()[0] / (os.cpu_count() or 1), 1)
        return self.outcome

    @property
    def _source_only(self) -> bool:
        return self._example.name in SOURCE_PACKAGE_ONLY and not self._way.large

    def _build_and_check(self, terminal: Terminal) -> None:
        page = fetch_page(self._portal, self._example.name)
        for needed in page.needs:
            self._take(terminal, fetch_page(self._portal, needed), prefix=f"{needed}: ")
        self._take(terminal, page)
        self.outcome.packages = self._system.installed(self._example.name)
        if not self.outcome.packages:
            raise StepFailed("install: no package of this recipe is installed")
        self._check()
        if self._way.measure and len(self._example.benchmarks) > 1:
            self._measure(terminal, page)
        if self._way.undo:
            self._undo(terminal, page)

    def _take(self, terminal: Terminal, page: RecipePage, variant: str = "", prefix: str = "", *, get: bool = True) -> None:
        """Paste the blocks of a page, in its order."""
        kinds = (("get",) if get else ()) + ("clean" if self._way.clean else "build", "install")
        if get and self._way.at_once:
            kinds = ("all",)
        for kind in kinds:
            name = f"{prefix}{kind}" + (f" {variant}" if variant else "")
            self._paste_well(terminal, name, page.block(kind, variant).text)

    def _paste_well(self, terminal: Terminal, name: str, text: str) -> None:
        """Paste a block, and count it among the steps. Raises StepFailed where it ends with another status than 0."""
        pasted = self._paste(terminal, name, text)
        self.outcome.steps.append(Step(name, round(pasted.seconds, 1), pasted.answers))
        if pasted.status != 0:
            raise StepFailed(f"{name}: status {pasted.status}\n{last_lines(pasted.shown)}")

    def _paste(self, terminal: Terminal, name: str, text: str, until: re.Pattern[str] | None = None) -> Pasted:
        self._way.say(f"{self._example.name} on {self._system.release} ({self._way.shell}): {name}")
        seconds = LARGE_BLOCK_SECONDS if self._example.name in LARGE else BLOCK_SECONDS
        try:
            return terminal.paste(text, seconds, until)
        except TerminalError as error:
            raise StepFailed(f"{name}: {error}") from error

    def _make_source_package(self, terminal: Terminal) -> None:
        """Go as far as the source package, stop there as with Ctrl-C, and let lintian read it."""
        page = fetch_page(self._portal, self._example.name)
        self._paste_well(terminal, "get", page.block("get").text)
        made = self._paste(terminal, "source package", page.block("build").text, _SOURCE_PACKAGE_MADE)
        self.outcome.steps.append(Step("source package", round(made.seconds, 1), made.answers))
        if not _SOURCE_PACKAGE_MADE.search(made.shown):
            raise StepFailed(f"source package: status {made.status}\n{last_lines(made.shown)}")
        for path in sorted(self._system.outside(WORK / self._example.name / "build").glob("*.dsc")):
            said = subprocess.run(
                ["lintian", "--no-tag-display-limit", "--", str(path)], capture_output=True, text=True, check=False
            )
            tags = [line for line in said.stdout.splitlines() if line[:2] in ("E:", "W:")]
            self.outcome.said = "\n".join([f"{path.name}: lintian reads it, {len(tags)} errors and warnings", *tags])

    def _undo(self, terminal: Terminal, page: RecipePage) -> None:
        """Remove what was installed, last things first; nothing of the recipes may stay."""
        for each in (page, *(fetch_page(self._portal, needed) for needed in reversed(page.needs))):
            name = "undo" if each is page else f"{each.name}: undo"
            self._paste_well(terminal, name, each.block("undo").text)
            if left := self._system.installed(each.name):
                raise StepFailed(f"{name}: still installed: {', '.join(left)}")

    def _check(self) -> None:
        """Run the example's check, which fails where the installed package does not do what it is for."""
        if self._example.check is None:
            raise StepFailed(f"check: tests/examples/checks/{self._example.name}.sh is missing")
        self._way.say(f"{self._example.name} on {self._system.release}: check")
        inside = f"/tmp/check-{self._example.name}.sh"  # noqa: S108 - a system of our own
        self._system.root.give(self._example.check, inside)
        result = self._system.run("sh", inside, folder=str(WORK / self._example.name))
        self.outcome.steps.append(Step("check", round(result.seconds, 1)))
        self.outcome.said = last_lines(result.output)
        if result.status != 0:
            raise StepFailed(f"check: status {result.status}\n{self.outcome.said}")

    def _measure(self, terminal: Terminal, page: RecipePage) -> None:
        """Build and install every variant that has a benchmark, and run it; the default one is installed already."""
        for number, (variant, hook) in enumerate(self._example.benchmarks.items()):
            if number > 0:
                self._take(terminal, page, variant, get=False)
            self.outcome.benchmarks[variant] = self._rounds(variant, hook)

    def _rounds(self, variant: str, hook: str) -> list[float]:
        seconds = []
        for _ in range(BENCHMARK_ROUNDS):
            result = self._system.run("sh", f"{WORK}/{self._example.name}/recipe/{hook}")
            try:
                seconds.append(float(result.output))
            except ValueError:
                raise StepFailed(f"benchmark {variant}: expected a number of seconds\n{last_lines(result.output)}") from None
        return seconds


def last_lines(text: str, lines: int = _SAID_LINES) -> str:
    """Return the last lines of what was shown, without empty ones."""
    return "\n".join([line.rstrip() for line in text.splitlines() if line.strip()][-lines:])
