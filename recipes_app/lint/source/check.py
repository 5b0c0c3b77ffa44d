"""From a recipe's files to a report: one source package, one run in the sandbox, one verdict. No Django here."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from recipes_app.formats.metadata import Fetch
from recipes_app.limits import LINT_CPU_SECONDS, LINT_FILE_BYTES, LINT_LOG_BYTES, MIB

from ..protocol import profile
from ..protocol.report import LintReport, Outcome, clean_text, in_order, verdict
from ..sandbox.levels import SandboxUnavailable
from ..sandbox.sandbox import run_sandboxed
from ..sandbox.supervise import ProcessResult
from . import lintian
from .overrides import apply_overrides, read_overrides
from .source_package import SOURCE_FOLDER, SourcePackage, SourcePackageRefused, Upstream, make_source_package
from .upstream import PROVISIONAL, UpstreamMissing, full_package

logger = logging.getLogger(__name__)

# The exit status by which the script below tells dpkg-source's failure from lintian's. lintian itself ends with 0, 1, 2 or 25.
_BUILD_FAILED = 100
# How a shell tells that the kernel killed its program: for its processor time (setrlimit(2)), or since memory ran out.
_KILLED = 128 + signal.SIGKILL
_OF_KILLED = f"lint was stopped: lintian computed for more than {LINT_CPU_SECONDS} seconds, or the machine ran out of memory"
# By these dpkg-source tells that tar failed; and tar what it does on its way, and that it is about to end.
_TAR_FAILED = "dpkg-source: error: tar "
_TAR_TALK = ("tar: Removing leading", "tar: Exiting with failure", "tar: Error is not recoverable", "tar: Child returned")
# Fixed text: what varies goes in as arguments. What dpkg-source prints is log, so that stdout holds lintian's JSON alone.
_BUILD = f'dpkg-source --build {SOURCE_FOLDER} >&2 || exit {_BUILD_FAILED}; exec "$@"'
_SCRIPT = f"tar -xf - || exit {_BUILD_FAILED}; {_BUILD}"
# Where upstream's tarballs are at hand, dpkg-source itself unpacks them first.
_FULL_SCRIPT = (
    f"tar -xf - || exit {_BUILD_FAILED}; "
    f"dpkg-source --no-check --skip-patches --extract {PROVISIONAL} {SOURCE_FOLDER} >&2 || exit {_BUILD_FAILED}; "
    f"rm -f {PROVISIONAL} *.debian.tar.gz; {_BUILD}"
)


class ExplanationsUnavailable(Exception):
    """lintian's explanations could not be had; the text says why."""


@dataclass(frozen=True)
class Identity:
    """What a recipe's own files say it is: name and version of its changelog, the binary packages of its control file, and the
    files that its manifest fetches.
    """

    name: str
    version: str
    binaries: Sequence[str] = ()
    fetches: Sequence[Fetch] = ()


class Sandbox(Protocol):
    """What runs a command: `run_sandboxed`, or a measurement's that remembers what it was answered."""

    def __call__(self, command: Sequence[str], *, stdin: bytes = b"") -> ProcessResult:
        """Return how `command` ended. Raises SandboxUnavailable."""


def lint_tree(
    tree: Mapping[str, bytes],
    identity: Identity,
    *,
    executables: Collection[str] = (),
    files: Mapping[str, Path] | None = None,
    run: Sandbox = run_sandboxed,
) -> LintReport:
    """Return the report on a recipe's `tree`. Whatever stands in the way of a verdict becomes a report of state `error`.

    With `files`, those that the manifest fetches, by name, the whole source is looked at where none of them is missing: mode
    `full`. Else upstream is stood in for: `recipe-only`. Where the patches do not apply to their pre-images, they are set aside
    and the package is built once more.
    """
    started = time.monotonic()
    try:
        package = _make_full(tree, identity, executables, files) or _make(tree, identity, executables)
        result = _build_and_lint(package, run)
        if result.exit_status == _BUILD_FAILED and package.upstream is Upstream.PREIMAGES and not result.limit_hit:
            fallback = _make(tree, identity, executables, with_patches=False)
            if fallback.upstream is Upstream.EMPTY:
                package, result = fallback, _build_and_lint(fallback, run)
        report = _judge(package, result, tree, identity)
    except (SourcePackageRefused, SandboxUnavailable) as error:
        report = LintReport(state=Outcome.ERROR, error=clean_text(str(error)))
    return replace(report, duration_ms=round((time.monotonic() - started) * 1000))


def explain_tags() -> dict[str, Any]:
    """Return lintian's catalogue of tags with their explanations, as `lintian.parse_explanations` gives it.

    Raises ExplanationsUnavailable.
    """
    try:
        result = run_sandboxed(lintian.explain_command())
        if result.exit_status != 0 or result.limit_hit:
            raise ExplanationsUnavailable(f"lintian-explain-tags ended with status {result.exit_status}: {result.stderr_tail}")
        return lintian.parse_explanations(result.stdout)
    except (SandboxUnavailable, lintian.LintianOutputError) as error:
        raise ExplanationsUnavailable(str(error)) from error


def _make_full(
    tree: Mapping[str, bytes], identity: Identity, executables: Collection[str], files: Mapping[str, Path] | None
) -> SourcePackage | None:
    """Return the whole source package, or None where it cannot be had; the log then says how upstream is stood in for."""
    if files is None:
        return None
    try:
        return full_package(tree, identity.fetches, files, name=identity.name, version=identity.version, executables=executables)
    except UpstreamMissing as missing:
        logger.info("%s %s is looked at without upstream's files: %s", identity.name, identity.version, missing)
        return None


def _make(
    tree: Mapping[str, bytes], identity: Identity, executables: Collection[str], *, with_patches: bool = True
) -> SourcePackage:
    return make_source_package(
        tree, name=identity.name, version=identity.version, executables=executables, with_patches=with_patches
    )


def _build_and_lint(package: SourcePackage, run: Sandbox) -> ProcessResult:
    script = _FULL_SCRIPT if package.upstream is Upstream.FETCHED else _SCRIPT
    command = ["/bin/sh", "-c", script, "lint", *lintian.lintian_command(package.dsc)]
    return run(command, stdin=package.archive)


def _judge(package: SourcePackage, result: ProcessResult, tree: Mapping[str, bytes], identity: Identity) -> LintReport:
    """Return the report on one run: a verdict only where lintian ended well, looked at the package, and was understood."""
    report = LintReport(
        state=Outcome.ERROR, tool=lintian.TOOL, profile=profile.NAME, mode=_mode(package), log=_log(package, result)
    )
    if result.limit_hit:
        return replace(report, error=f"lint was stopped: {result.limit_hit}")
    if result.exit_status == _BUILD_FAILED:
        return replace(report, error=f"dpkg-source cannot build a source package of this recipe: {_last_complaint(result)}")
    return judge_output(report, result, tree, identity, stub=not package.is_whole)


def judge_output(
    report: LintReport, result: ProcessResult, tree: Mapping[str, bytes], identity: Identity, *, stub: bool
) -> LintReport:
    """Return `report` with what lintian said in `result`, and the verdict where it said all.

    With a `stub` for upstream's files, what it says only for that is left out.
    """
    if result.exit_status == _KILLED:
        return replace(report, error=_OF_KILLED)
    try:
        output = lintian.parse_output(result.stdout)
    except lintian.LintianOutputError as error:
        status = f" (it ended with status {result.exit_status})" if result.exit_status else ""
        return replace(report, error=clean_text(f"{error}{status}"))
    overrides = read_overrides(tree, identity.name, identity.binaries)
    standing = profile.apply_profile(lintian.without_false_hints(output.hints) if stub else output.hints)
    judged = list(apply_overrides(standing, overrides, lintian.tag_facts()))
    hints = in_order(judged)
    if left_out := len(judged) - len(hints):
        report = replace(report, log=clean_text(f"{left_out} hints were left out of the report.\n{report.log}", LINT_LOG_BYTES))
    report = replace(report, tool_version=output.version, hints=hints)
    if result.exit_status != 0:
        return replace(
            report, error=f"lintian ended with status {result.exit_status}, its hints are incomplete; the log says more"
        )
    if output.files == 0:
        return replace(report, error="lintian looked at no package")
    return replace(report, state=verdict(hints))


def _mode(package: SourcePackage) -> str:
    return "full" if package.is_whole else "recipe-only"


def _log(package: SourcePackage, result: ProcessResult) -> str:
    """Return what a maintainer may want to read: how upstream was stood in for, and the end of what the tools printed."""
    heading = f"Upstream's files: {package.upstream}"
    if package.missing:
        heading += f" ({package.missing}); the patches were set aside"
    return clean_text(f"{heading}\n{result.stderr_tail}", LINT_LOG_BYTES)


def _last_complaint(result: ProcessResult) -> str:
    """Return the last line in which dpkg-source says what is wrong, or tar's own words where it says only that tar failed."""
    lines = [line.strip() for line in result.stderr_tail.splitlines() if line.strip()]
    complaints = [line for line in lines if "error:" in line]
    last = (complaints or lines or ["it said nothing"])[-1]
    if f"killed by signal {signal.SIGXFSZ.value}" in last:
        return f"a file of upstream's tarball is larger than {LINT_FILE_BYTES // MIB} MiB"
    if _TAR_FAILED in last:
        of_tar = [line for line in lines if line.startswith("tar: ") and not line.startswith(_TAR_TALK)]
        last = (of_tar or [last])[0]
    return clean_text(last, 500)
