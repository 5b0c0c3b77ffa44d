"""The room of one trial build: an overlay over a base, in memory and in a mount namespace that nothing else is in.

Everything that a build writes lies in this room. The kernel takes the room down with the last process in the namespace, however
the runner ends: nothing is left on a disk, and nobody outside could ever see it by a path.

Root in a room is root in a user namespace of its own: every file of the room belongs to ids that nobody on the machine has. So
the maintainer scripts of a recipe's packages can run there. No Django here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recipes_app import limits as rules

from ..sandbox.cgroups import GroupLimits, job_group
from ..sandbox.levels import BUILDS_NEED_NAMESPACES, Level, SandboxUnavailable
from ..sandbox.sandbox import chosen_level, filter_descriptor
from ..sandbox.seccomp import Calls
from ..sandbox.supervise import ParentLimits, ProcessResult, supervise
from ..sandbox.user_range import UserRange, user_range
from .bases import PASSED_ON, Base

# An empty folder of the machine; each room is mounted over it in its own namespace.
FOLDER = Path("/run/recipe-build")
ROOT, JOB = FOLDER / "root", FOLDER / "job"
# Packages that come into the room from outside. Only the runner adds to it, and never by a path that leads through the root.
POOL = FOLDER / "pool"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_HOLDER = Path(__file__).with_name("room_holder.py")
# What dpkg and maintainer scripts need; neither devices nor mounts nor the machine's network.
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETFCAP", "SETGID", "SETUID")
# Folders of the root that a run mounts something over: what replaced them by a link would lead the mount elsewhere.
_MOUNTED_OVER = ("", "build", "dev", "packages", "proc", "run", "tmp")


@dataclass(frozen=True)
class BuildRoom:
    """A room that stands. `holder` is the process that keeps its namespace.

    `users` is the user namespace that its root lives in. Where it is None, this machine cannot shift the owners of a base's
    files, and `unconfined` says why: then nothing of a recipe may run as the room's root.
    """

    holder: int
    users: UserRange | None
    unconfined: str = ""

    @property
    def entrance(self) -> tuple[str, ...]:
        """The command that enters the room's namespace."""
        return ("nsenter", f"--mount=/proc/{self.holder}/ns/mnt", "--")

    def path(self, inside: Path) -> Path:
        """Return how the runner reaches the path `inside` of the room."""
        return Path(f"/proc/{self.holder}/root") / inside.relative_to("/")

    def run_as_root(
        self, command: Sequence[str], *, network: bool, wall_seconds: float = rules.BUILD_INSTALL_SECONDS
    ) -> ProcessResult:
        """Run a program of Debian's own in the room, which may change it as root of a small container; nothing of a recipe.

        With `network`, it reaches the mirror as the runner does.
        """
        return self._run(command, network=network, wall_seconds=wall_seconds)

    def run_as_confined_root(self, command: Sequence[str], *, wall_seconds: float = rules.BUILD_INSTALL_SECONDS) -> ProcessResult:
        """Run what touches packages of a recipe, whose scripts run as the room's root: never with network, in a user namespace.

        Raises SandboxUnavailable where this machine has none of the kind.
        """
        if self.users is None:
            raise SandboxUnavailable(self.unconfined)
        return self._run(command, network=False, wall_seconds=wall_seconds)

    def _run(self, command: Sequence[str], *, network: bool, wall_seconds: float) -> ProcessResult:
        self.require_plain_folders()
        limits = ParentLimits(wall_seconds, 32 * rules.MIB, rules.LINT_LOG_BYTES, rules.BUILD_MEMORY_BYTES)
        memory = rules.BUILD_MEMORY_BYTES + rules.BUILD_ROOM_BYTES
        with (
            job_group(GroupLimits(memory, rules.BUILD_PROCESSES, rules.LINT_CPUS)) as group,
            filter_descriptor(Calls.INSTALL if network else Calls.SETUP) as seccomp,
        ):
            enter = ["nsenter", f"--user=/proc/self/fd/{self.users.descriptor}", "--"] if self.users else []
            return supervise(
                [*self.entrance, *_LIMITED, *enter, *_container(network=network, seccomp=seccomp), *command],
                limits=limits,
                environment={name: value for name, value in os.environ.items() if name in PASSED_ON} | {"PATH": _PATH},
                pass_fds=[seccomp, *([self.users.descriptor] if self.users else [])],
                group=group,
            )

    def require_plain_folders(self) -> None:
        """Raise SandboxUnavailable where a folder that a run mounts over is none any more: a package put a link in its place."""
        root = self.path(ROOT)
        for name in _MOUNTED_OVER:
            if not stat.S_ISDIR((root / name).lstat().st_mode):
                raise SandboxUnavailable(f"a package has replaced the folder /{name} of the room: nothing more is run in it")


_LIMITED = (
    "prlimit", f"--fsize={rules.BUILD_FILE_BYTES}", f"--nproc={rules.BUILD_PROCESSES}", "--core=0", "--memlock=0",
    "--msgqueue=0", "--",
)  # fmt: skip


def _container(*, network: bool, seccomp: int) -> list[str]:
    arguments = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"]
    arguments += ["--die-with-parent", "--new-session", "--hostname", "room", "--cap-drop", "ALL"]
    for name in CAPABILITIES:
        arguments += ["--cap-add", f"CAP_{name}"]
    arguments += ["--bind", str(ROOT), "/", "--proc", "/proc", "--dev", "/dev"]
    arguments += ["--bind", str(POOL), "/packages"]
    # _apt and other accounts keep files there.
    arguments += ["--perms", "1777", "--tmpfs", "/tmp", "--tmpfs", "/run"]  # noqa: S108
    arguments += ["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"] if network else ["--unshare-net"]
    arguments += ["--setenv", "DEBIAN_FRONTEND", "noninteractive", "--setenv", "LC_ALL", "C.UTF-8", "--chdir", "/"]
    return [*arguments, "--seccomp", str(seccomp), "--"]


def require_root() -> None:
    """Raise SandboxUnavailable where this process is not root, or may not make namespaces: no room can be made then."""
    if chosen_level() is not Level.NAMESPACES:
        raise SandboxUnavailable(BUILDS_NEED_NAMESPACES)
    if os.geteuid() != 0:
        raise SandboxUnavailable(
            "a trial build needs a runner that is root, since only root makes an overlay of a base: run the lint workers as root "
            "(docs/operators.md, Trial builds), or set TRIAL_BUILD_SUITES= on the portal, so that it asks for none"
        )


@contextlib.contextmanager
def build_room(base: Base, user: int | None, *, room_bytes: int = rules.BUILD_ROOM_BYTES) -> Iterator[BuildRoom]:
    """Yield a room over `base` for the run of `user`; afterwards it is gone with all that is in it. Raises SandboxUnavailable."""
    require_root()
    if user is None:
        raise ValueError("root has a user id for each run")
    for program, package in (("unshare", "util-linux"), ("nsenter", "util-linux"), ("mount", "mount")):
        if shutil.which(program, path=_PATH) is None:
            raise SandboxUnavailable(f"the program {program} is missing: install the package {package}")
    FOLDER.mkdir(mode=0o755, exist_ok=True)
    with contextlib.ExitStack() as stack:
        reason = ""
        try:
            users = stack.enter_context(user_range(user))
            holder = stack.enter_context(_holder(base, room_bytes, users))
        except SandboxUnavailable as error:
            users, reason = None, f"packages of a recipe are not installed on this machine: {error}"
            holder = stack.enter_context(_holder(base, room_bytes, None))
        yield BuildRoom(holder, users, reason)


@contextlib.contextmanager
def _holder(base: Base, room_bytes: int, users: UserRange | None) -> Iterator[int]:
    """Yield the process that keeps a new room. Raises SandboxUnavailable."""
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private"]
    command += [sys.executable, "-I", "-S", "-c", _HOLDER.read_text(encoding="utf-8"), str(FOLDER), str(room_bytes)]
    command += [str(base.root), *((str(users.descriptor), str(users.first)) if users else ("", ""))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": _PATH}, cwd="/",
        pass_fds=[users.descriptor] if users else [],
    ) as process:  # fmt: skip
        try:
            if process.stdout is None or process.stderr is None:
                raise ValueError("the holder is started with three pipes")
            if process.stdout.readline() != b"ready\n":
                reason = process.stderr.read().decode("utf-8", "replace").strip()
                raise SandboxUnavailable(f"no room for a build can be made on this machine: {reason}")
            yield process.pid
        finally:
            process.kill()
