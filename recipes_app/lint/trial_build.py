"""A trial build: a recipe and its fetched files become binary packages, these become lintian's hints, and the packages are gone.

1. A room is made over the suite's base (`build_room`).
2. apt downloads the build dependencies, with the network, and installs them, without. It sees nothing else of the recipe.
3. dpkg-buildpackage runs in the sandbox: no network, a user of its own, the base read-only.
4. lintian looks at source and binary packages, in a sandbox of its own.
5. The room is taken down, and all that is left is the report.

No Django here.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from .. import limits as rules
from ..formats.metadata import SOURCE_RELATIONS, RecipeMetadata
from ..formats.recipe import parse_recipe
from . import lintian, profile
from .bases import BaseUnavailable, current
from .build_input import lay_down
from .build_room import JOB, ROOT, BuildRoom, build_room, require_root
from .check import Identity, judge_output
from .fetching import Fetcher, FetchFailed, FetchMismatch, FetchRefused
from .report import Hint, HintSeverity, LintReport, Outcome, clean_text
from .sandbox import Room, SandboxLimits, SandboxUnavailable, job_user, run_sandboxed
from .seccomp import Calls
from .source_package import SourcePackageRefused
from .stages import Mode, Stage
from .supervise import ProcessResult

ORIGIN = "trial-build"
LIMITS = SandboxLimits(
    wall_seconds=rules.BUILD_WALL_SECONDS,
    cpu_seconds=rules.BUILD_CPU_SECONDS,
    memory_bytes=rules.BUILD_MEMORY_BYTES,
    address_bytes=rules.BUILD_ADDRESS_BYTES,
    processes=rules.BUILD_PROCESSES,
    file_bytes=rules.BUILD_FILE_BYTES,
    output_bytes=rules.BUILD_OUTPUT_BYTES,
)
# The exit status by which the script below tells dpkg-source's failure from that of the build itself.
_SOURCE_FAILED = 100
# Fixed text: what varies goes in as arguments, pairs of a tarball and the folder that dpkg-source unpacks it into. All that is
# printed is log.
_BUILD = f"""
exec >&2
unpack() {{
    rm -rf up "$2" && mkdir up && tar --no-same-owner -C up -xf "$1" || exit {_SOURCE_FAILED}
    if [ "$(ls -A up | wc -l)" = 1 ] && [ -d "up/$(ls -A up)" ]; then mv "up/$(ls -A up)" "$2"; else mv up "$2"; fi
    rm -rf up
}}
while [ $# != 0 ]; do unpack "$1" "$2"; shift 2; done
mkdir -p source && rm -rf source/debian && cp -a packaging/. source/ && rm -rf packaging || exit {_SOURCE_FAILED}
dpkg-source --build source || exit {_SOURCE_FAILED}
cd source && exec dpkg-buildpackage --unsigned-source --unsigned-changes --build=binary
"""
_ENVIRONMENT = ("env", "DEB_BUILD_OPTIONS=parallel=2", "FAKEROOTDONTTRYCHOWN=1", "DH_VERBOSE=1")
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]*_[A-Za-z0-9.+~-]+\.dsc|[a-z0-9][a-z0-9+.-]*_[A-Za-z0-9.+~-]+_[a-z0-9-]+\.u?deb")
_APT = ("apt-get", "--yes", "--quiet", "--no-install-recommends", "--option", "Dpkg::Options::=--force-unsafe-io")


class BuildFailed(Exception):
    """The recipe does not build: `tag` says how, the text what is wrong, `log` the end of what was printed."""

    def __init__(self, tag: str, text: str, log: str = "") -> None:
        super().__init__(text)
        self.tag = tag
        self.log = log


def fetch_and_build(
    tree: Mapping[str, bytes],
    identity: Identity,
    *,
    suite: str,
    executables: Collection[str] = (),
    fetcher: Fetcher | None = None,
) -> LintReport:
    """Return the report on a trial build of a recipe's `tree` with the files that its manifest pins, fetched by `fetcher`.

    A file that the portal may not fetch, or that could not be had, ends in a report of state `error` that says so; one that is
    not what the manifest pins is the recipe's fault. Nothing is fetched by a runner that cannot build for `suite`.
    """
    metadata = parse_recipe(tree).metadata
    report = LintReport(state=Outcome.ERROR, stage=Stage.TRIAL_BUILD, tool=ORIGIN, mode=Mode.BUILT, suite=suite)
    try:
        require_root()
        current(suite)
        files = (fetcher or Fetcher()).fetch_all(metadata.fetches if metadata else ())
    except FetchMismatch as error:
        return _failed(report, identity, BuildFailed("fetch-does-not-match", str(error)))
    except (FetchRefused, FetchFailed, SandboxUnavailable, BaseUnavailable) as error:
        return replace(report, error=clean_text(str(error)))
    except OSError as error:
        return replace(report, error=clean_text(f"this runner's folder of fetched files (LINT_CACHE) cannot be used: {error}"))
    return trial_build(tree, identity, files=files, suite=suite, executables=executables)


def trial_build(
    tree: Mapping[str, bytes],
    identity: Identity,
    *,
    files: Mapping[str, Path],
    suite: str,
    executables: Collection[str] = (),
    limits: SandboxLimits = LIMITS,
) -> LintReport:
    """Return the report on building a recipe's `tree` for `suite`; every binary package is destroyed.

    `files` are those of the manifest, by name, as `fetching` brought them. A recipe that does not build, or whose build
    dependencies cannot be met, has failed; what stands in the way of a verdict becomes a report of state `error`.
    """
    started = time.monotonic()
    report = LintReport(state=Outcome.ERROR, stage=Stage.TRIAL_BUILD, tool=ORIGIN, mode=Mode.BUILT, suite=suite)
    try:
        metadata, base = _readable(tree), current(suite)
        with job_user() as user, build_room(base) as room:
            tarballs = lay_down(room.path(JOB), tree, metadata, files, executables, user)
            _install(room, metadata)
            _name_user(room, user)
            result = _run_build(room, tarballs, user, limits)
            report = replace(report, log=clean_text(f"Base: {base}\n{result.stderr_tail}", rules.LINT_LOG_BYTES))
            _require_success(result)
            report = _lint(room, user, report, tree, identity)
    except BuildFailed as failure:
        report = _failed(report, identity, failure)
    except (SandboxUnavailable, BaseUnavailable, SourcePackageRefused) as error:
        report = replace(report, error=clean_text(str(error)))
    return replace(report, duration_ms=round((time.monotonic() - started) * 1000))


def _readable(tree: Mapping[str, bytes]) -> RecipeMetadata:
    metadata = parse_recipe(tree).metadata
    if metadata is None:
        raise SourcePackageRefused("the recipe cannot be read; the stage of recipe checks says why")
    return metadata


def _failed(report: LintReport, identity: Identity, failure: BuildFailed) -> LintReport:
    hint = Hint(HintSeverity.ERROR, failure.tag, f"src:{identity.name}", clean_text(str(failure)), origin=ORIGIN)
    log = clean_text(failure.log, rules.LINT_LOG_BYTES) or report.log
    return replace(report, state=Outcome.FAILED, tool=ORIGIN, profile="", hints=(hint,), log=log)


def _install(room: BuildRoom, metadata: RecipeMetadata) -> None:
    """Install what the recipe builds with. Raises BuildFailed where that cannot be, SandboxUnavailable where the mirror fails."""
    fields = {name: ", ".join(each.text for each in metadata.relations.get(name, ())) for name in SOURCE_RELATIONS}
    lines = [f"{name}: {value}\n" for name, value in fields.items() if value]
    control = (
        f"Source: trial-build\nMaintainer: nobody <nobody@localhost>\n{''.join(lines)}\nPackage: trial-build\nArchitecture: any\n"
    )
    folder = room.path(ROOT / "build-depends" / "debian")
    folder.mkdir(parents=True)
    (folder / "control").write_text(control, encoding="utf-8")
    ask = [*_APT, "build-dep", "/build-depends"]
    possible = room.run_as_root([*ask, "--simulate"], network=False)
    if possible.limit_hit or possible.exit_status != 0:
        raise BuildFailed("build-depends-cannot-be-met", _apt_says(possible), possible.stderr_tail)
    downloaded = room.run_as_root([*ask, "--download-only"], network=True)
    if downloaded.exit_status != 0 and not downloaded.limit_hit:
        # The mirror has gone on since the base was made: the package lists name files that it has no more.
        room.run_as_root(["apt-get", "--quiet", "update"], network=True)
        downloaded = room.run_as_root([*ask, "--download-only"], network=True)
    if downloaded.limit_hit or downloaded.exit_status != 0:
        raise SandboxUnavailable(f"the mirror did not give the build dependencies: {_apt_says(downloaded)}")
    installed = room.run_as_root([*ask, "--no-download"], network=False)
    if installed.limit_hit or installed.exit_status != 0:
        raise SandboxUnavailable(f"the build dependencies could not be installed: {_apt_says(installed)}")


def _name_user(room: BuildRoom, user: int | None) -> None:
    """Let the build's user have a name, which some build tools ask for."""
    with room.path(ROOT / "etc/passwd").open("a", encoding="utf-8") as accounts:
        accounts.write(f"builder:x:{user}:{user}:builder:/tmp:/bin/sh\n")
    with room.path(ROOT / "etc/group").open("a", encoding="utf-8") as groups:
        groups.write(f"builder:x:{user}:\n")


def _run_build(room: BuildRoom, tarballs: Sequence[str], user: int | None, limits: SandboxLimits) -> ProcessResult:
    sandbox_room = Room(
        root=("--ro-bind", str(ROOT), "/"),
        binds=("--tmpfs", "/run", "--remount-ro", "/run", "--bind", str(JOB), "/build"),
        calls=Calls.BUILD,
        folder="/build",
        entrance=room.entrance,
    )
    command = [*_ENVIRONMENT, "/bin/sh", "-c", _BUILD, "build", *tarballs]
    return run_sandboxed(command, limits=limits, room=sandbox_room, user=user)


def _require_success(result: ProcessResult) -> None:
    if result.limit_hit:
        raise BuildFailed("trial-build-stopped", f"the build was stopped: {result.limit_hit}")
    if result.exit_status == _SOURCE_FAILED:
        raise BuildFailed("trial-build-no-source-package", _last_complaint(result))
    if result.exit_status != 0:
        raise BuildFailed("trial-build-failed", f"status {result.exit_status}: {_last_complaint(result)}")


def _lint(room: BuildRoom, user: int | None, report: LintReport, tree: Mapping[str, bytes], identity: Identity) -> LintReport:
    """Return `report` with lintian's hints over what was built."""
    packages = _packages(room.path(JOB))
    if not any(name.endswith("deb") for name in packages):
        raise BuildFailed("trial-build-without-packages", "the build ended well and left no binary package")
    first, *others = [f"/packages/{name}" for name in packages[: rules.BUILD_MAX_PACKAGES]]
    sandbox_room = Room(binds=("--ro-bind", str(JOB), "/packages"), entrance=room.entrance)
    result = run_sandboxed([*lintian.lintian_command(first), *others], room=sandbox_room, user=user)
    log = clean_text(f"{report.log}\n{result.stderr_tail}", rules.LINT_LOG_BYTES)
    report = replace(report, tool=lintian.TOOL, profile=profile.NAME, log=log)
    if result.limit_hit:
        return replace(report, error=f"lint was stopped: {result.limit_hit}")
    return judge_output(report, result, tree, identity, stub=False)


def _packages(folder: Path) -> list[str]:
    """Return the source package and the binary packages in `folder`, regular files by names of dpkg's; the source first."""
    with os.scandir(folder) as entries:
        names = [each.name for each in entries if each.is_file(follow_symlinks=False) and _PACKAGE.fullmatch(each.name)]
    return sorted(names, key=lambda name: (not name.endswith(".dsc"), name))


def _apt_says(result: ProcessResult) -> str:
    """Return what apt says is in the way: its lines of errors, and those about packages that cannot be had."""
    text = result.stdout.decode("utf-8", "replace") + "\n" + result.stderr_tail
    lines = [line.strip() for line in text.splitlines()]
    telling = [line for line in lines if line.startswith("E: ") or " : Depends: " in line or "but it is not" in line]
    return clean_text(
        result.limit_hit or "; ".join(dict.fromkeys(telling)) or f"apt ended with status {result.exit_status}", 1_000
    )


def _last_complaint(result: ProcessResult) -> str:
    lines = [line.strip() for line in result.stderr_tail.splitlines() if line.strip()]
    complaints = [line for line in lines if "error:" in line or line.startswith("make")]
    return clean_text((complaints or lines or ["it said nothing"])[-1], 500)
