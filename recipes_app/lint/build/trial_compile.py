"""A recipe becomes packages in a room: what it builds with is installed, the source tree is laid down, dpkg-buildpackage runs.

The first is root's work in the room, without a byte of the recipe but the relations of debian/control, written anew; the rest
runs in the sandbox. No Django here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recipes_app import limits as rules
from recipes_app.formats.build_steps import build_line, source_lines
from recipes_app.formats.package_listing import Listing
from recipes_app.formats.source_plan import SourcePlan

from ..protocol.report import clean_text
from ..sandbox.levels import SandboxUnavailable
from ..sandbox.sandbox import Room, SandboxLimits, run_sandboxed
from ..sandbox.seccomp import Calls
from ..sandbox.supervise import ProcessResult
from .build_input import lay_down
from .build_room import JOB, POOL, ROOT, BuildRoom
from .pantry import CannotBeMet, Pantry, apt_says, put

# Where the plan's lines leave source and binary packages.
OUTPUT = JOB / "build"
LIMITS = SandboxLimits(
    wall_seconds=rules.BUILD_WALL_SECONDS,
    cpu_seconds=rules.BUILD_CPU_SECONDS,
    memory_bytes=rules.BUILD_MEMORY_BYTES,
    address_bytes=rules.BUILD_ADDRESS_BYTES,
    processes=rules.BUILD_PROCESSES,
    file_bytes=rules.BUILD_FILE_BYTES,
    output_bytes=rules.BUILD_OUTPUT_BYTES,
)
# The exit status by which the script below tells a source package that cannot be made from a build that fails.
_SOURCE_FAILED = 100
# Fixed text: the umask and the two parts of the plan's lines go in as arguments. All that is printed is log.
_BUILD = f"""
exec >&2
umask "$1"
(set -eu; . ./steps.sh; eval "$2") || exit {_SOURCE_FAILED}
eval "$3"
"""
_NAMES = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]*_[A-Za-z0-9.+~-]+\.dsc|[a-z0-9][a-z0-9+.-]*_[A-Za-z0-9.+~-]+_[a-z0-9-]+\.u?deb")


class BuildFailed(Exception):
    """The recipe does not build, or what it builds is no good: `tag` says how, the text what is wrong, `log` what was printed."""

    is_the_recipes_fault = True

    def __init__(self, tag: str, text: str, log: str = "") -> None:
        super().__init__(text)
        self.tag = tag
        self.log = log


@dataclass(frozen=True)
class Surroundings:
    """What a build sees of its machine and must not depend on: place, zone, umask, jobs, and a name."""

    folder: str = "/build"
    zone: str = "UTC"
    umask: str = "0022"
    jobs: int = 2
    user: str = "builder"

    @property
    def environment(self) -> list[str]:
        """The command that sets the variables of the build."""
        options = f"DEB_BUILD_OPTIONS=parallel={self.jobs}"
        return ["env", options, "FAKEROOTDONTTRYCHOWN=1", "DH_VERBOSE=1", f"TZ={self.zone}", f"USER={self.user}",
                f"LOGNAME={self.user}"]  # fmt: skip

    @property
    def binds(self) -> tuple[str, ...]:
        """What the sandbox shows of the room."""
        folder: tuple[str, ...] = ("--bind", str(JOB), self.folder)
        if self.folder != "/build":
            # Folders on the way are made in memory, of which there is as good as none.
            folder = ("--size", str(rules.MIB), "--tmpfs", "/build", *folder, "--remount-ro", "/build")
        return ("--tmpfs", "/run", "--remount-ro", "/run", *folder)


FIRST = Surroundings()
# As unlike the first as a sandbox lets it be, and as two users' machines are: reproducible-builds.org lists what varies.
SECOND = Surroundings("/build/a-second-time/elsewhere", "XYZ-11", "0002", 1, "somebody-else")


@dataclass(frozen=True)
class Source:
    """A recipe to be built: its files, those of them that git knows as executable, its plan, and the plan's downloads by name."""

    tree: Mapping[str, bytes]
    plan: SourcePlan
    files: Mapping[str, Path]
    executables: Collection[str] = ()


def install_build_depends(
    pantry: Pantry, room: BuildRoom, plan: SourcePlan, others: Sequence[tuple[BuildRoom, Listing]] = ()
) -> None:
    """Install what the recipe builds with. Raises BuildFailed where that cannot be, SandboxUnavailable where the mirror fails.

    `others` are packages of other recipes, each with the room that it was built in; those that are needed are installed first.
    """
    if plan.components:
        raise SandboxUnavailable(
            f"the recipe builds with packages of {', '.join(plan.components)}, and the bases of trial builds hold main alone: "
            "build at home"
        )
    depends = (*plan.build_depends, *plan.build_depends_extra)
    fields = {"Build-Depends": depends, "Build-Conflicts": plan.build_conflicts}
    lines = [f"{name}: {', '.join(each)}\n" for name, each in fields.items() if each]
    control = (
        f"Source: trial-build\nMaintainer: nobody <nobody@localhost>\n{''.join(lines)}\nPackage: trial-build\nArchitecture: any\n"
    )
    # Before anything of a recipe is in the room: what has run there might have put a link in the folder's place.
    folder = room.path(POOL / "build-depends" / "debian")
    folder.mkdir(parents=True)
    (folder / "control").write_text(control, encoding="utf-8")
    named = {name for relation in depends for name in _NAMES.findall(relation)}
    needed = needed_first([listing for _, listing in others], named)
    profiles = [f"--build-profiles={','.join(plan.profiles)}"] if plan.profiles else []
    try:
        if needed:
            _install_others(pantry, room, [(source, each) for source, each in others if each in needed])
        installed = pantry.install(room, ["build-dep", *profiles, "/packages/build-depends"], hostile=bool(needed))
    except CannotBeMet as error:
        raise BuildFailed("build-depends-cannot-be-met", str(error), error.log) from error
    if installed.limit_hit or installed.exit_status != 0:
        raise SandboxUnavailable(f"the build dependencies could not be installed: {apt_says(installed)}")


def _install_others(pantry: Pantry, room: BuildRoom, needed: Sequence[tuple[BuildRoom, Listing]]) -> None:
    """Install packages of other recipes into a room that is to build with them."""
    paths = []
    for number, (source, each) in enumerate(needed):
        put(room, f"other-{number}.deb", source.path(OUTPUT) / each.file)
        paths.append(f"/packages/other-{number}.deb")
    result = pantry.install(room, ["install", *paths], hostile=True)
    if result.limit_hit or result.exit_status != 0:
        raise BuildFailed("build-depends-cannot-be-met", f"packages of other recipes do not install: {apt_says(result)}")


def name_user(room: BuildRoom, user: int | None, name: str = FIRST.user) -> None:
    """Let the build's user have a name, which some build tools ask for. Before anything of a recipe is in the room."""
    with room.path(ROOT / "etc/passwd").open("a", encoding="utf-8") as accounts:
        accounts.write(f"{name}:x:{user}:{user}:{name}:/tmp:/bin/sh\n")
    with room.path(ROOT / "etc/group").open("a", encoding="utf-8") as groups:
        groups.write(f"{name}:x:{user}:\n")


def build(
    room: BuildRoom, source: Source, user: int | None, limits: SandboxLimits = LIMITS, around: Surroundings = FIRST
) -> ProcessResult:
    """Lay the source down and build it; return how that ended. Raises SourcePackageRefused where it cannot be laid down."""
    plan = source.plan
    lay_down(room.path(JOB), source.tree, plan, source.files, source.executables, user)
    sandbox_room = Room(
        root=("--ro-bind", str(ROOT), "/"),
        binds=around.binds,
        calls=Calls.BUILD,
        folder=around.folder,
        entrance=room.entrance,
    )
    lines = ("\n".join(source_lines(plan)), build_line(plan))
    command = [*around.environment, "/bin/sh", "-c", _BUILD, "build", around.umask, *lines]
    room.require_plain_folders()
    return run_sandboxed(command, limits=limits, room=sandbox_room, user=user)


def require_success(result: ProcessResult) -> None:
    """Raise BuildFailed where a build did not end well."""
    if result.limit_hit:
        raise BuildFailed("trial-build-stopped", f"the build was stopped: {result.limit_hit}")
    if result.exit_status == _SOURCE_FAILED:
        raise BuildFailed("trial-build-no-source-package", last_complaint(result))
    if result.exit_status != 0:
        raise BuildFailed("trial-build-failed", f"status {result.exit_status}: {last_complaint(result)}")


def built_packages(room: BuildRoom) -> list[str]:
    """Return the source package and the binary packages in the room, regular files by names of dpkg's; the source first.

    Raises BuildFailed where there is no binary package.
    """
    with os.scandir(room.path(OUTPUT)) as entries:
        names = [each.name for each in entries if each.is_file(follow_symlinks=False) and _PACKAGE.fullmatch(each.name)]
    if not any(name.endswith("deb") for name in names):
        raise BuildFailed("trial-build-without-packages", "the build ended well and left no binary package")
    return sorted(names, key=lambda name: (not name.endswith(".dsc"), name))[: rules.BUILD_MAX_PACKAGES]


def source_files(room: BuildRoom) -> list[str]:
    """Return the regular files beside the source tree that may belong to the source package: .dsc and tarballs."""
    with os.scandir(room.path(OUTPUT)) as entries:
        names = [each.name for each in entries if each.is_file(follow_symlinks=False)]
    return sorted(name for name in names if name.endswith(".dsc") or ".tar." in name)


def last_complaint(result: ProcessResult) -> str:
    """Return the line of the output that says best what went wrong."""
    lines = [line.strip() for line in result.stderr_tail.splitlines() if line.strip()]
    complaints = [line for line in lines if "error:" in line or line.startswith("make")]
    return clean_text((complaints or lines or ["it said nothing"])[-1], 500)


def needed_first(listings: Sequence[Listing], names: Collection[str]) -> list[Listing]:
    """Return those of other recipes' packages that `names`, or a package that is taken for them, depend on."""
    by_name = {each.name: each for each in listings}
    taken: dict[str, Listing] = {}
    waiting = [name for name in names if name in by_name]
    while waiting:
        found = by_name[waiting.pop()]
        if found.name in taken:
            continue
        taken[found.name] = found
        text = ",".join(found.relations.get(field, "") for field in ("Pre-Depends", "Depends"))
        waiting += [name for name in _NAMES.findall(text) if name in by_name]
    return list(taken.values())
