"""A trial build: a recipe and its fetched files become binary packages, which are looked at, installed, tested, and gone.

1. A room is made over the suite's base (`build_room`).
2. apt says what it lacks, another room downloads it, and apt installs it, without network (`pantry`).
3. dpkg-buildpackage runs in the sandbox: no network, a user of its own, the base read-only (`trial_compile`).
4. lintian looks at source and binary packages, in a sandbox of its own; a probe lists what they hold (`trial_effects`).
5. They are installed in a room of their own, and their tests run (`trial_install`).
6. The recipe is built a second time, elsewhere, and what comes out is compared.
7. The rooms are taken down, and all that is left is the report.

No Django here.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import limits as rules
from ..formats.metadata import RecipeMetadata
from ..formats.package_effects import Effect, effects_of
from ..formats.package_listing import Listing, differing_files
from ..formats.recipe import parse_recipe
from . import lintian, profile
from .bases import BaseUnavailable, current
from .build_report import Steps, StepName, StepState
from .build_room import JOB, BuildRoom, require_root
from .check import Identity, judge_output
from .fetching import Fetcher, FetchFailed, FetchMismatch, FetchRefused
from .pantry import Pantry, pantry
from .report import Hint, HintSeverity, LintReport, Outcome, clean_text, in_order
from .sandbox import Room, SandboxLimits, SandboxUnavailable, job_user, run_sandboxed
from .source_package import SourcePackageRefused
from .stages import Mode, Stage
from .trial_compile import (
    LIMITS,
    SECOND,
    BuildFailed,
    Source,
    build,
    built_packages,
    install_build_depends,
    name_user,
    require_success,
)
from .trial_effects import list_packages
from .trial_install import Built, install_and_test

__all__ = ["LIMITS", "BuildFailed", "fetch_and_build", "trial_build"]

ORIGIN = "trial-build"


@dataclass(frozen=True)
class Needed:
    """Another recipe that has to be built before: its name and its files."""

    name: str
    tree: Mapping[str, bytes]
    executables: Collection[str] = ()


def fetch_and_build(
    tree: Mapping[str, bytes],
    identity: Identity,
    *,
    suite: str,
    executables: Collection[str] = (),
    fetcher: Fetcher | None = None,
    needed: Sequence[Needed] = (),
) -> LintReport:
    """Return the report on a trial build of a recipe's `tree` with the files that its manifest pins, fetched by `fetcher`.

    A file that the portal may not fetch, or that could not be had, ends in a report of state `error` that says so; one that is
    not what the manifest pins is the recipe's fault. Nothing is fetched by a runner that cannot build for `suite`. `needed` are
    built before, in this order.
    """
    report = _no_verdict(suite)
    steps = Steps()
    fetcher = fetcher or Fetcher()
    try:
        require_root()
        current(suite)
        with steps.timed(StepName.FETCH):
            files = _fetch(tree, fetcher)
            others = [_source(each, fetcher) for each in needed]
    except FetchMismatch as error:
        return _failed(report, identity, BuildFailed("fetch-does-not-match", str(error)), steps)
    except (FetchRefused, FetchFailed, SandboxUnavailable, BaseUnavailable, SourcePackageRefused) as error:
        return replace(report, error=clean_text(str(error)), steps=steps.done)
    except OSError as error:
        return replace(report, error=clean_text(f"this runner's folder of fetched files (LINT_CACHE) cannot be used: {error}"))
    return trial_build(tree, identity, files=files, suite=suite, executables=executables, needed=others, steps=steps)


def trial_build(
    tree: Mapping[str, bytes],
    identity: Identity,
    *,
    files: Mapping[str, Path],
    suite: str,
    executables: Collection[str] = (),
    limits: SandboxLimits = LIMITS,
    needed: Sequence[tuple[str, Source]] = (),
    steps: Steps | None = None,
) -> LintReport:
    """Return the report on building a recipe's `tree` for `suite`; every binary package is destroyed.

    `files` are those of the manifest, by name, as `fetching` brought them. A recipe that does not build, or whose build
    dependencies cannot be met, has failed; what stands in the way of a verdict becomes a report of state `error`.
    """
    started = time.monotonic()
    report = _no_verdict(suite)
    steps = steps or Steps()
    try:
        source = Source(tree, _readable(tree), files, executables)
        base = current(suite)
        with job_user() as user, pantry(base, user) as larder, contextlib.ExitStack() as rooms:
            trial = _Trial(larder, user, limits, steps, rooms, report, identity)
            report = trial.run(source, needed, heading=f"Base: {base}")
    except BuildFailed as failure:
        report = _failed(report, identity, failure, steps)
    except (SandboxUnavailable, BaseUnavailable, SourcePackageRefused) as error:
        report = replace(report, error=clean_text(str(error)))
    return replace(report, steps=steps.done, duration_ms=round((time.monotonic() - started) * 1000))


@dataclass
class _Trial:
    """One trial build that goes on. `rooms` holds those that stay to the end."""

    larder: Pantry
    user: int | None
    limits: SandboxLimits
    steps: Steps
    rooms: contextlib.ExitStack
    report: LintReport
    identity: Identity

    def run(self, source: Source, needed: Sequence[tuple[str, Source]], heading: str) -> LintReport:
        """Return the report. Raises BuildFailed and SandboxUnavailable where the build itself gives no packages."""
        others: list[tuple[BuildRoom, Listing]] = []
        for name, each in needed:
            others += self._other(name, each, tuple(others))
        room = self.rooms.enter_context(self.larder.new_room())
        started = time.monotonic()
        log = self._compile(room, source, others)
        took = time.monotonic() - started
        self.report = replace(self.report, log=clean_text(f"{heading}\n{log}", rules.LINT_LOG_BYTES))
        names = built_packages(room)
        listings = list_packages(room, [each for each in names if not each.endswith(".dsc")], self.user)
        with self.steps.timed(StepName.LINT):
            report = self._lint(room, names, source.tree)
            self.steps.note(StepName.LINT, StepState(report.state.value), report.error)
        rights, failure = self._install(Built(room, listings, tuple(others)), source)
        hints = self._build_again(source, listings, others, took)
        report = replace(report, effects=effects_of(listings, source.metadata.source, rights))
        return _with_failure(_with_hints(report, hints), self.identity, failure)

    def _compile(self, room: BuildRoom, source: Source, others: Sequence[tuple[BuildRoom, Listing]]) -> str:
        """Build for the first time; return the end of what was printed."""
        name_user(room, self.user)
        with self.steps.timed(StepName.DEPENDENCIES):
            install_build_depends(self.larder, room, source.metadata, others)
        with self.steps.timed(StepName.BUILD):
            result = build(room, source, self.user, self.limits)
            self.report = replace(self.report, log=clean_text(result.stderr_tail, rules.LINT_LOG_BYTES))
            try:
                require_success(result)
                built_packages(room)
            except BuildFailed as failure:
                failure.log = result.stderr_tail
                raise
        return result.stderr_tail

    def _other(self, name: str, source: Source, others: Sequence[tuple[BuildRoom, Listing]]) -> list[tuple[BuildRoom, Listing]]:
        """Build another recipe; return its packages. Raises SandboxUnavailable where that fails: it is not this recipe's fault."""
        room = self.rooms.enter_context(self.larder.new_room())
        name_user(room, self.user)
        try:
            install_build_depends(self.larder, room, source.metadata, others)
            require_success(build(room, source, self.user, self.limits))
            names = [each for each in built_packages(room) if not each.endswith(".dsc")]
        except BuildFailed as failure:
            self.steps.note(StepName.DEPENDENCIES, StepState.ERROR, f"the recipe {name} does not build: {failure}")
            raise SandboxUnavailable(f"it needs the recipe {name}, which does not build here: {failure}") from failure
        return [(room, each) for each in list_packages(room, names, self.user) if each.is_installable]

    def _lint(self, room: BuildRoom, names: Sequence[str], tree: Mapping[str, bytes]) -> LintReport:
        """Return the report with lintian's hints over what was built."""
        first, *others = [f"/packages/{name}" for name in names]
        sandbox_room = Room(binds=("--ro-bind", str(JOB), "/packages"), entrance=room.entrance)
        result = run_sandboxed([*lintian.lintian_command(first), *others], room=sandbox_room, user=self.user)
        log = clean_text(f"{self.report.log}\n{result.stderr_tail}", rules.LINT_LOG_BYTES)
        report = replace(self.report, tool=lintian.TOOL, profile=profile.NAME, log=log)
        if result.limit_hit:
            return replace(report, error=f"lint was stopped: {result.limit_hit}")
        return judge_output(report, result, tree, self.identity, stub=False)

    def _install(self, built: Built, source: Source) -> tuple[frozenset[Effect], BuildFailed | None]:
        """Install and test; what this machine cannot do is said in the steps and is no verdict."""
        try:
            return install_and_test(self.larder, built, source.tree, self.user, self.steps), None
        except BuildFailed as failure:
            return frozenset(), failure
        except SandboxUnavailable:
            # The step says it: what was built and looked at has its verdict.
            return frozenset(), None

    def _build_again(
        self, source: Source, first: tuple[Listing, ...], others: Sequence[tuple[BuildRoom, Listing]], took: float
    ) -> tuple[Hint, ...]:
        """Build a second time, elsewhere, and compare; return the hint where something differs."""
        if took > rules.BUILD_TWICE_SECONDS:
            line = f"the first build took {took:.0f} s; only those under {rules.BUILD_TWICE_SECONDS} s are made twice"
            self.steps.note(StepName.REBUILD, StepState.SKIPPED, line)
            return ()
        try:
            with self.steps.timed(StepName.REBUILD), self.larder.new_room() as room:
                name_user(room, self.user, SECOND.user)
                install_build_depends(self.larder, room, source.metadata, others)
                require_success(build(room, source, self.user, self.limits, SECOND))
                names = [each for each in built_packages(room) if not each.endswith(".dsc")]
                different = differing_files(first, list_packages(room, names, self.user))
                if not different:
                    self.steps.note(StepName.REBUILD, StepState.PASSED, "the same bytes twice")
                    return ()
                self.steps.note(StepName.REBUILD, StepState.FAILED, f"{len(different)} files differ", different)
        except (BuildFailed, SandboxUnavailable):
            # The step says it.
            return ()
        return (_hint("build-not-reproducible", "; ".join(different[:10]), self.identity, HintSeverity.WARNING),)


def _no_verdict(suite: str) -> LintReport:
    return LintReport(state=Outcome.ERROR, stage=Stage.TRIAL_BUILD, tool=ORIGIN, mode=Mode.BUILT, suite=suite)


def _fetch(tree: Mapping[str, bytes], fetcher: Fetcher) -> Mapping[str, Path]:
    metadata = parse_recipe(tree).metadata
    return fetcher.fetch_all(metadata.fetches if metadata else ())


def _source(needed: Needed, fetcher: Fetcher) -> tuple[str, Source]:
    try:
        files = _fetch(needed.tree, fetcher)
        return needed.name, Source(needed.tree, _readable(needed.tree), files, needed.executables)
    except (FetchFailed, FetchRefused, SourcePackageRefused) as error:
        raise FetchRefused(f"it needs the recipe {needed.name}: {error}") from error


def _readable(tree: Mapping[str, bytes]) -> RecipeMetadata:
    metadata = parse_recipe(tree).metadata
    if metadata is None:
        raise SourcePackageRefused("the recipe cannot be read; the stage of recipe checks says why")
    return metadata


def _hint(tag: str, context: str, identity: Identity, severity: HintSeverity = HintSeverity.ERROR) -> Hint:
    return Hint(severity, tag, f"src:{identity.name}", clean_text(context), origin=ORIGIN)


def _failed(report: LintReport, identity: Identity, failure: BuildFailed, steps: Steps) -> LintReport:
    hint = _hint(failure.tag, str(failure), identity)
    log = report.log or clean_text(failure.log, rules.LINT_LOG_BYTES)
    return replace(report, state=Outcome.FAILED, tool=ORIGIN, profile="", hints=(hint,), log=log, steps=steps.done)


def _with_hints(report: LintReport, hints: tuple[Hint, ...]) -> LintReport:
    return replace(report, hints=in_order([*report.hints, *hints])) if hints else report


def _with_failure(report: LintReport, identity: Identity, failure: BuildFailed | None) -> LintReport:
    """Return `report` with what failed after the build, which is a verdict even where lintian gave none."""
    if failure is None:
        return report
    log = clean_text(f"{failure.log}\n{report.log}" if failure.log else report.log, rules.LINT_LOG_BYTES)
    report = _with_hints(report, (_hint(failure.tag, str(failure), identity),))
    return replace(report, state=Outcome.FAILED, log=log)
