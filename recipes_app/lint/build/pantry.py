"""Packages of Debian's, brought into rooms of trial builds: the only place of a build that has a network.

apt in a room says what it lacks, without a network; a room of its own, the pantry, in which nothing of a recipe ever lies,
downloads that by name and version; the files go over, and apt in the room installs them, without a network again. So no program
that has seen a stranger's bytes can reach a network. No Django here.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recipes_app import limits as rules

from ..protocol.report import clean_text
from ..sandbox.levels import SandboxUnavailable
from ..sandbox.supervise import ProcessResult
from .bases import Base
from .build_room import POOL, ROOT, BuildRoom, build_room

_APT = (
    "apt-get", "--yes", "--quiet", "--no-install-recommends", "--allow-downgrades",
    "--option", "Dpkg::Options::=--force-unsafe-io", "--option", "Dir::Cache::Archives=/packages",
)  # fmt: skip
# `Inst NAME [OLD] (VERSION ORIGIN [ARCHITECTURE])`; files that were named by a path have the origin local-deb.
_PLANNED = re.compile(r"^Inst (\S+)(?: \[[^\]\n]*\])? \((\S+) ?([^\n\[]*)\[([a-z0-9-]+)\]\)", re.MULTILINE)
_LOCAL = "local-deb"
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]*(?::[a-z0-9-]+)?")
_VERSION = re.compile(r"[A-Za-z0-9.+:~-]+")
# Fixed text: what is to be downloaded goes in as arguments.
_DOWNLOAD = 'cd /packages && exec apt-get --quiet download -- "$@"'
_MAX_PACKAGES = 2_000
_LISTS = Path("var/lib/apt/lists")


class CannotBeMet(Exception):
    """apt finds no way to do what was asked; the text is what it says, `log` the end of all that it printed."""

    def __init__(self, result: ProcessResult) -> None:
        super().__init__(apt_says(result))
        self.log = result.stderr_tail


@dataclass
class Pantry:
    """Where packages of Debian's are fetched to for one job. `room` is the one with the network."""

    base: Base
    room: BuildRoom
    user: int | None
    # Whether the lists of packages are newer than the base's.
    _refreshed: bool = field(default=False, init=False)
    _fetched: set[str] = field(default_factory=set, init=False)

    @contextlib.contextmanager
    def new_room(self) -> Iterator[BuildRoom]:
        """Yield a new room over the base that knows the same packages as the pantry."""
        with build_room(self.base, self.user) as room:
            if self._refreshed:
                _copy_lists(self.room, room)
            yield room

    def install(self, room: BuildRoom, what: Sequence[str], *, hostile: bool) -> ProcessResult:
        """Let apt do `what` (`install FILE …`, `satisfy …`, `build-dep …`) in `room`; return how it ended.

        `hostile`: something of a recipe was, or is now to be installed in the room. Raises CannotBeMet, and SandboxUnavailable
        where the mirror fails or this machine cannot confine the room's root.
        """
        self.bring(room, self.plan(room, what, hostile=hostile))
        return self.apply(room, what, hostile=hostile)

    def apply(self, room: BuildRoom, what: Sequence[str], *, hostile: bool) -> ProcessResult:
        """Let apt do `what` in `room` with the packages that were brought there; return how it ended."""
        return _run(room, what, hostile=hostile)

    def plan(self, room: BuildRoom, what: Sequence[str], *, hostile: bool) -> list[str]:
        """Return which packages of Debian's apt wants for `what`, each `NAME=VERSION`. Raises as `install` does."""
        possible = _run(room, ["--simulate", *what], hostile=hostile)
        if possible.limit_hit or possible.exit_status != 0:
            raise CannotBeMet(possible)
        return _wanted(possible.stdout.decode("utf-8", "replace"))

    def bring(self, room: BuildRoom, wanted: Sequence[str]) -> None:
        """Let the files of the `wanted` packages, each `NAME=VERSION`, lie in the room's pool. Raises SandboxUnavailable."""
        if not wanted:
            return
        missing = sorted(set(wanted) - self._fetched)
        result = self._download(missing)
        if result.exit_status != 0 and not result.limit_hit and not self._refreshed:
            # The mirror has gone on since the base was made: the lists name files that it has no more.
            self.room.run_as_root(["apt-get", "--quiet", "update"], network=True)
            self._refreshed = True
            result = self._download(missing)
        if result.limit_hit or result.exit_status != 0:
            raise SandboxUnavailable(f"the mirror did not give packages of Debian's: {apt_says(result)}")
        self._fetched.update(missing)
        names = {each.partition("=")[0].partition(":")[0] for each in wanted}
        shelf = self.room.path(POOL)
        for file in sorted(shelf.iterdir()):
            if file.name.endswith(".deb") and file.name.partition("_")[0] in names:
                put(room, file.name, file)

    def _download(self, wanted: Sequence[str]) -> ProcessResult:
        if not wanted:
            return self.room.run_as_root(["true"], network=False)
        return self.room.run_as_root(["/bin/sh", "-c", _DOWNLOAD, "download", *wanted], network=True)


@contextlib.contextmanager
def pantry(base: Base, user: int | None) -> Iterator[Pantry]:
    """Yield a pantry for the job of `user`. Raises SandboxUnavailable."""
    with build_room(base, user) as room:
        yield Pantry(base, room, user)


def _run(room: BuildRoom, arguments: Sequence[str], *, hostile: bool) -> ProcessResult:
    command = [*_APT, *arguments]
    return room.run_as_confined_root(command) if hostile else room.run_as_root(command, network=False)


def put(room: BuildRoom, name: str, source: Path) -> None:
    """Copy the regular file `source` into the pool of `room` as `name`, which is new there or replaced.

    Neither end is believed: a link that something in a room put there is not followed. Raises SandboxUnavailable.
    """
    pool = os.open(room.path(POOL), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(reading, "rb") as file:
            if not stat.S_ISREG(os.fstat(reading).st_mode):
                raise SandboxUnavailable(f"{clean_text(source.name)} is no regular file")
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=pool)
            writing = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=pool)
            with os.fdopen(writing, "wb") as copy:
                os.fchmod(writing, 0o644)
                left = rules.BUILD_FILE_BYTES
                while left > 0 and (chunk := file.read(min(rules.MIB, left))):
                    copy.write(chunk)
                    left -= len(chunk)
    except OSError as error:
        raise SandboxUnavailable(f"{clean_text(source.name)} cannot be brought into the room: {error.strerror}") from error
    finally:
        os.close(pool)


def _wanted(plan: str) -> list[str]:
    """Return what apt's `plan` lacks, each `NAME=VERSION`. The plan was made beside a stranger's bytes: odd words are refused."""
    found = []
    for name, version, origin, _ in _PLANNED.findall(plan):
        if _LOCAL in origin:
            continue
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
            raise SandboxUnavailable(f"apt plans to install {clean_text(name, 80)!r}, which is no package")
        found.append(f"{name}={version}")
    if len(found) > _MAX_PACKAGES:
        raise SandboxUnavailable(f"apt plans to install {len(found)} packages; at most {_MAX_PACKAGES} are fetched for a build")
    return found


def _copy_lists(source: BuildRoom, target: BuildRoom) -> None:
    """Let a room in which nothing has run yet know the same packages as the pantry."""
    goal = target.path(ROOT) / _LISTS
    first = target.users.first if target.users else 0
    shutil.rmtree(goal, ignore_errors=True)
    shutil.copytree(source.path(ROOT) / _LISTS, goal, symlinks=True)
    for parent, _, names in os.walk(goal):
        for each in (Path(parent), *(Path(parent) / name for name in names)):
            os.chown(each, first, first, follow_symlinks=False)


def apt_says(result: ProcessResult) -> str:
    """Return what apt says is in the way: its lines of errors, and those about packages that cannot be had."""
    text = result.stdout.decode("utf-8", "replace") + "\n" + result.stderr_tail
    lines = [line.strip() for line in text.splitlines()]
    telling = [line for line in lines if line.startswith("E: ") or " : Depends: " in line or "but it is not" in line]
    return clean_text(
        result.limit_hit or "; ".join(dict.fromkeys(telling)) or f"apt ended with status {result.exit_status}", 1_000
    )
