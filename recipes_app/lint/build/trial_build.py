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

from recipes_app import limits as rules
from recipes_app.formats.package_effects import Effect, effects_of
from recipes_app.formats.package_listing import Listing, differing_files
from recipes_app.formats.recipe import parse_recipe
from recipes_app.formats.source_plan import PlanError, source_plan

from ..protocol import profile
from ..protocol.build_report import StepName, Steps, StepState
from ..protocol.report import Hint, HintSeverity, LintReport, Outcome, clean_text, in_order, verdict
from ..protocol.stages import Mode, Stage
from ..sandbox.levels import SandboxUnavailable
from ..sandbox.sandbox import Room, SandboxLimits, job_user, run_sandboxed
from ..source import lintian
from ..source.check import Identity, judge_output
from ..source.source_package import SourcePackageRefused
from .bases import BaseUnavailable, current
from .build_room import BuildRoom, require_root
from .fetching import Fetcher, FetchFailed, FetchMismatch, FetchRefused
from .pantry import Pantry, pantry
from .trial_compile import (
    LIMITS,
    OUTPUT,
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

__all__ = ["LIMITS", "Checkout", "fetch_and_build", "trial_build"]

ORIGIN = "trial-build"


@dataclass(frozen=True)
class Checkout:
    """The files of a recipe at a commit, who it is, and which of its files git knows as executable."""

    tree: Mapping[str, bytes]
    identity: Identity
    commit: str = ""
    executables: Collection[str] = ()


def fetch_and_build(
    recipe: Checkout, *, suite: str, fetcher: Fetcher | None = None, needed: Sequence[Checkout] = ()
) -> LintReport:
    """Return the report on a trial build of a recipe with the files that its manifest pins, fetched by `fetcher`.

    A file that the portal may not fetch, or that could not be had, ends in a report of state `error` that says so; one that is
    not what the manifest pins is the recipe's fault. Nothing is fetched by a runner that cannot build for `suite`. `needed` are
    the recipes that are built before, in this order.
    """
    report = _no_verdict(suite)
    steps = Steps()
    fetcher = fetcher or Fetcher()
    try:
        require_root()
        current(suite)
        with steps.timed(StepName.FETCH):
            files = _fetch(recipe, fetcher)
            others = [_other_source(each, fetcher) for each in needed]
    except FetchMismatch as error:
        return _failed(report, recipe.identity, BuildFailed("fetch-does-not-match", str(error)), steps)
    except (FetchRefused, FetchFailed, SandboxUnavailable, BaseUnavailable, SourcePackageRefused) as error:
        return replace(report, error=clean_text(str(error)), steps=steps.done)
    except OSError as error:
        return replace(report, error=clean_text(f"this runner's folder of fetched files (LINT_CACHE) cannot be used: {error}"))
    return trial_build(recipe, files=files, suite=suite, needed=others, steps=steps)


def trial_build(
    recipe: Checkout,
    *,
    files: Mapping[str, Path],
    suite: str,
    limits: SandboxLimits = LIMITS,
    needed: Sequence[Source] = (),
    steps: Steps | None = None,
) -> LintReport:
    """Return the report on building a `recipe` for `suite`; every binary package is destroyed.

    `files` are those of the manifest, by name, as `fetching` brought them. A recipe that does not build, or whose build
    dependencies cannot be met, has failed; what stands in the way of a verdict becomes a report of state `error`.
    """
    started = time.monotonic()
    report = _no_verdict(suite)
    steps = steps or Steps()
    try:
        source = _source(recipe, files)
        base = current(suite)
        report = replace(report, log=f"Base: {base}")
        with job_user() as user, pantry(base, user) as larder, contextlib.ExitStack() as rooms:
            report = _Trial(larder, user, limits, steps, rooms, report, recipe.identity).run(source, needed)
    except BuildFailed as failure:
        report = _failed(report, recipe.identity, failure, steps)
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

    def run(self, source: Source, needed: Sequence[Source]) -> LintReport:
        """Return the report. Raises BuildFailed and SandboxUnavailable where the build itself gives no packages."""
        others: list[tuple[BuildRoom, Listing]] = []
        deadline = time.monotonic() + rules.BUILD_NEEDED_SECONDS
        for each in needed:
            left = min(self.limits.wall_seconds, deadline - time.monotonic())
            others += self._build_other(each, tuple(others), replace(self.limits, wall_seconds=max(left, 1)))
        room = self.rooms.enter_context(self.larder.new_room())
        started = time.monotonic()
        log = self._compile(room, source, others)
        took = time.monotonic() - started
        self.report = replace(self.report, log=clean_text(f"{self.report.log}\n{log}", rules.LINT_LOG_BYTES))
        names = built_packages(room)
        listings = list_packages(room, [each for each in names if not each.endswith(".dsc")], self.user)
        with self.steps.timed(StepName.LINT):
            report = self._lint(room, names, source.tree)
            self.steps.note(StepName.LINT, StepState(report.state.value), report.error)
        rights, failure = self._install(Built(room, listings, tuple(others)), source)
        hints = self._build_again(source, listings, others, took)
        report = replace(
            report, effects=effects_of([each for each in listings if each.is_installable], source.plan.recipe, rights)
        )
        return _with_failure(_with_hints(report, hints), self.identity, failure)

    def _compile(self, room: BuildRoom, source: Source, others: Sequence[tuple[BuildRoom, Listing]]) -> str:
        """Build for the first time; return the end of what was printed."""
        name_user(room, self.user)
        with self.steps.timed(StepName.DEPENDENCIES):
            install_build_depends(self.larder, room, source.plan, others)
        with self.steps.timed(StepName.BUILD):
            result = build(room, source, self.user, self.limits)
            try:
                require_success(result)
                built_packages(room)
            except BuildFailed as failure:
                failure.log = result.stderr_tail
                raise
        return result.stderr_tail

    def _build_other(
        self, source: Source, others: Sequence[tuple[BuildRoom, Listing]], limits: SandboxLimits
    ) -> list[tuple[BuildRoom, Listing]]:
        """Build another recipe; return its packages. Raises SandboxUnavailable where that fails: no fault of this one."""
        name = source.plan.recipe
        room = self.rooms.enter_context(self.larder.new_room())
        name_user(room, self.user)
        try:
            install_build_depends(self.larder, room, source.plan, others)
            require_success(build(room, source, self.user, limits))
            names = [each for each in built_packages(room) if not each.endswith(".dsc")]
        except BuildFailed as failure:
            self.steps.note(StepName.DEPENDENCIES, StepState.ERROR, f"the recipe {name} does not build: {failure}")
            raise SandboxUnavailable(f"it needs the recipe {name}, which does not build here: {failure}") from failure
        return [(room, each) for each in list_packages(room, names, self.user) if each.is_installable]

    def _lint(self, room: BuildRoom, names: Sequence[str], tree: Mapping[str, bytes]) -> LintReport:
        """Return the report with lintian's hints over what was built."""
        first, *others = [f"/packages/{name}" for name in names]
        sandbox_room = Room(binds=("--ro-bind", str(OUTPUT), "/packages"), entrance=room.entrance)
        result = run_sandboxed([*lintian.lintian_command(first), *others], room=sandbox_room, user=self.user)
        log = clean_text(f"{self.report.log}\n{result.stderr_tail}", rules.LINT_LOG_BYTES)
        report = replace(self.report, tool=lintian.TOOL, profile=profile.NAME, log=log)
        if result.limit_hit:
            return replace(report, error=f"lint was stopped: {result.limit_hit}")
        return _without_ours(judge_output(report, result, tree, self.identity, stub=False))

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
                install_build_depends(self.larder, room, source.plan, others)
                require_success(build(room, source, self.user, self.limits, SECOND))
                names = [each for each in built_packages(room) if not each.endswith(".dsc")]
                different = differing_files(first, list_packages(room, names, self.user))
                if not different:
                    self.steps.note(StepName.REBUILD, StepState.PASSED, "the same bytes twice")
                    return ()
                self.steps.note(
                    StepName.REBUILD,
                    StepState.FAILED,
                    "1 file differs" if len(different) == 1 else f"{len(different)} files differ",
                    different,
                )
        except (BuildFailed, SandboxUnavailable):
            # The step says it.
            return ()
        return (_hint("build-not-reproducible", "; ".join(different[:10]), self.identity, HintSeverity.WARNING),)


def _without_ours(report: LintReport) -> LintReport:
    """Return `report` without the hints that are due to what the plan adds to every recipe: its fields."""
    kept = tuple(each for each in report.hints if not _is_our_field(each))
    if report.state is Outcome.ERROR or len(kept) == len(report.hints):
        return replace(report, hints=kept)
    return replace(report, hints=kept, state=verdict(kept))


def _is_our_field(hint: Hint) -> bool:
    return hint.tag == "unknown-field" and hint.context.startswith("Dur-")


def _no_verdict(suite: str) -> LintReport:
    return LintReport(state=Outcome.ERROR, stage=Stage.TRIAL_BUILD, tool=ORIGIN, mode=Mode.BUILT, suite=suite)


def _fetch(recipe: Checkout, fetcher: Fetcher) -> Mapping[str, Path]:
    metadata = parse_recipe(recipe.tree).metadata
    return fetcher.fetch_all(metadata.fetches if metadata else ())


def _other_source(needed: Checkout, fetcher: Fetcher) -> Source:
    try:
        return _source(needed, _fetch(needed, fetcher))
    except (FetchFailed, FetchRefused, SourcePackageRefused) as error:
        raise FetchRefused(f"it needs the recipe {needed.identity.name}: {error}") from error


def _source(recipe: Checkout, files: Mapping[str, Path]) -> Source:
    """Return what is built of a recipe: its default variant. Raises SourcePackageRefused."""
    metadata = parse_recipe(recipe.tree).metadata
    if metadata is None:
        raise SourcePackageRefused("the recipe cannot be read; the stage of recipe checks says why")
    try:
        return Source(recipe.tree, source_plan(metadata, commit=recipe.commit), files, recipe.executables)
    except PlanError as error:
        raise SourcePackageRefused(str(error)) from error


def _hint(tag: str, context: str, identity: Identity, severity: HintSeverity = HintSeverity.ERROR) -> Hint:
    return Hint(severity, tag, f"src:{identity.name}", clean_text(context), origin=ORIGIN)


def _failed(report: LintReport, identity: Identity, failure: BuildFailed, steps: Steps) -> LintReport:
    hint = _hint(failure.tag, str(failure), identity)
    log = clean_text(f"{report.log}\n{failure.log}".strip(), rules.LINT_LOG_BYTES)
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
