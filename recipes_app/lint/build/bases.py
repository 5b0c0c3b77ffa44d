"""The base of a suite: the root in which trial builds of that suite run, made once by an operator and never written to again.

A base is a folder of its own, named for the suite, the day and the checksum of what mmdebstrap made; `current` is the newest.
No Django here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from recipes_app.limits import BUILD_BASE_SECONDS, LINT_LOG_BYTES, MIB

from ..sandbox.supervise import ParentLimits, supervise

MIRROR_VARIABLE = "LINT_MIRROR"
FOLDER_VARIABLE = "LINT_BASES"
_DEFAULT_MIRROR = "http://deb.debian.org/debian"
# debhelper is what all but a few recipes build with; fakeroot is how dpkg-buildpackage runs those that ask for root.
_INCLUDED = "debhelper,fakeroot"
_SUITE = re.compile(r"[a-z][a-z0-9-]{1,40}")
_LIMITS = ParentLimits(wall_seconds=BUILD_BASE_SECONDS, output_bytes=64 * MIB, log_bytes=LINT_LOG_BYTES, memory_bytes=2048 * MIB)
# No daemon is started in a root that is only built in (invoke-rc.d's interface).
_POLICY = "#!/bin/sh\nexit 101\n"


class BaseUnavailable(Exception):
    """There is no base for a suite, or none can be made; the text says what to do."""


@dataclass(frozen=True)
class Base:
    """A base at hand. `sha256` is the checksum of the archive that mmdebstrap made, `made` the time in ISO 8601."""

    suite: str
    mirror: str
    made: str
    sha256: str
    folder: str

    @property
    def root(self) -> Path:
        """The root folder."""
        return Path(self.folder) / "root"

    def __str__(self) -> str:
        return f"{self.suite} of {self.made[:10]}, {self.sha256[:12]}"


def bases_folder() -> Path:
    """Return where bases are kept: LINT_BASES, or `bases` in PORTAL_DATA, or below /var/lib."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen).resolve()
    if data := os.environ.get("PORTAL_DATA"):
        return Path(data).resolve() / "bases"
    return Path("/var/lib/recipe-lint/bases")


def mirror() -> str:
    """Return the Debian mirror that bases are made from and build dependencies come from: LINT_MIRROR, or Debian's own."""
    return os.environ.get(MIRROR_VARIABLE, _DEFAULT_MIRROR)


def current(suite: str) -> Base:
    """Return the newest base of `suite`. Raises BaseUnavailable where there is none."""
    name = _checked(suite)
    try:
        return Base(**json.loads((bases_folder() / name / "current" / "base.json").read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise BaseUnavailable(
            f"this runner has no base for builds of {name}: run `python -m recipes_app.lint.build.prepare_base {name}` on it"
        ) from error


def prepare(suite: str) -> Base:
    """Make a new base of `suite` and return it; older ones that no build uses go. Raises BaseUnavailable."""
    name = _checked(suite)
    if os.geteuid() != 0:
        raise BaseUnavailable("a base is made by root: its files belong to the users of a Debian system")
    parent = bases_folder() / name
    parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=parent) as work:
        archive = Path(work) / "base.tar"
        _run("mmdebstrap", "--quiet", "--variant=buildd", f"--include={_INCLUDED}", "--skip=cleanup/apt/lists",
             "--", name, str(archive), mirror())  # fmt: skip
        with archive.open("rb") as stream:
            checksum = hashlib.file_digest(stream, "sha256").hexdigest()
        made = datetime.now(UTC)
        folder = parent / f"{made:%Y%m%dT%H%M%S}-{checksum[:12]}"
        base = Base(name, mirror(), made.isoformat(timespec="seconds"), checksum, str(folder))
        new = Path(work) / "new"
        (new / "root").mkdir(parents=True)
        _run("tar", "--extract", "--numeric-owner", "--preserve-permissions", "--exclude=./dev/*",
             "--file", str(archive), "--directory", f"{new}/root")  # fmt: skip
        policy = new / "root/usr/sbin/policy-rc.d"
        policy.write_text(_POLICY, encoding="utf-8")
        policy.chmod(0o755)
        (new / "base.json").write_text(json.dumps(asdict(base)), encoding="utf-8")
        new.chmod(0o755)
        new.rename(folder)
    _make_current(parent, folder)
    return base


def _make_current(parent: Path, folder: Path) -> None:
    """Let `current` name `folder`, and remove the bases before the last one: a build may still stand on that."""
    link = parent / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    link.rename(parent / "current")
    older = sorted(each for each in parent.iterdir() if each.is_dir() and not each.is_symlink() and each != folder)
    for each in older[:-1]:
        shutil.rmtree(each)


def _checked(suite: str) -> str:
    if not _SUITE.fullmatch(suite):
        raise BaseUnavailable(f"{suite!r} is no name of a suite: expected one like bookworm")
    return suite


def _run(*command: str) -> None:
    program = command[0]
    if shutil.which(program) is None:
        raise BaseUnavailable(f"the program {program} is missing: install the package {program}")
    variables = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    environment = {**variables, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TMPDIR": "/var/tmp"}  # noqa: S108
    result = supervise(command, limits=_LIMITS, environment=environment)
    if result.limit_hit or result.exit_status != 0:
        lines = result.stderr_tail.strip().splitlines() or [f"it ended with status {result.exit_status}"]
        raise BaseUnavailable(f"{program} made no base: {result.limit_hit or lines[-1]}")


# How the runner's machine reaches the mirror.
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy")
