"""The room of one trial build: an overlay over a base, in memory and in a mount namespace that nothing else is in.

Everything that a build writes lies in this room. The kernel takes the room down with the last process in the namespace, however
the runner ends: nothing is left on a disk, and nobody outside could ever see it by a path. No Django here.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..limits import BUILD_FILE_BYTES, BUILD_INSTALL_SECONDS, BUILD_MEMORY_BYTES, BUILD_ROOM_BYTES, LINT_LOG_BYTES, MIB
from .bases import PASSED_ON, Base
from .sandbox import SandboxUnavailable, filter_descriptor
from .seccomp import Calls
from .supervise import ParentLimits, ProcessResult, supervise

# An empty folder of the machine; each room is mounted over it in its own namespace.
FOLDER = Path("/run/recipe-build")
ROOT, JOB = FOLDER / "root", FOLDER / "job"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# Fixed text. It stays as long as its stdin is open: it ends with the runner, and the namespace with it.
_HOLD = """
mount -t tmpfs -o "size=$1,mode=0755,nosuid,nodev" room "$2" &&
mkdir "$2/upper" "$2/work" "$2/root" "$2/job" &&
mount -t overlay -o "lowerdir=$3,upperdir=$2/upper,workdir=$2/work" overlay "$2/root" &&
mkdir -p "$2/root/build" && echo ready && exec cat > /dev/null
"""
# What dpkg and the maintainer scripts of Debian's packages need; neither devices nor mounts nor the machine's network.
_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETFCAP", "SETGID", "SETUID")
_INSTALL_LIMITS = ParentLimits(BUILD_INSTALL_SECONDS, 32 * MIB, LINT_LOG_BYTES, BUILD_MEMORY_BYTES)


@dataclass(frozen=True)
class BuildRoom:
    """A room that stands. `holder` is the process that keeps its namespace."""

    holder: int

    @property
    def entrance(self) -> tuple[str, ...]:
        """The command that enters the room's namespace."""
        return ("nsenter", f"--mount=/proc/{self.holder}/ns/mnt", "--")

    def path(self, inside: Path) -> Path:
        """Return how the runner reaches the path `inside` of the room."""
        return Path(f"/proc/{self.holder}/root") / inside.relative_to("/")

    def run_as_root(self, command: Sequence[str], *, network: bool) -> ProcessResult:
        """Run a program of Debian's own in the room, which may change it as root of a small container; nothing of a recipe.

        With `network`, it reaches the mirror as the runner does.
        """
        with filter_descriptor(Calls.INSTALL) as seccomp:
            return supervise(
                [*self.entrance, *_container(network=network, seccomp=seccomp), *command],
                limits=_INSTALL_LIMITS,
                environment={name: value for name, value in os.environ.items() if name in PASSED_ON} | {"PATH": _PATH},
                pass_fds=[seccomp],
            )


def _container(*, network: bool, seccomp: int) -> list[str]:
    # No user namespace: files of Debian's packages belong to more users than one can be mapped to.
    arguments = ["prlimit", f"--fsize={BUILD_FILE_BYTES}", "--core=0", "bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-uts"]
    arguments += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for name in _CAPABILITIES:
        arguments += ["--cap-add", f"CAP_{name}"]
    arguments += ["--bind", str(ROOT), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run"]  # noqa: S108
    arguments += ["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"] if network else ["--unshare-net"]
    arguments += ["--setenv", "DEBIAN_FRONTEND", "noninteractive", "--setenv", "LC_ALL", "C.UTF-8", "--chdir", "/"]
    return [*arguments, "--seccomp", str(seccomp), "--"]


def require_root() -> None:
    """Raise SandboxUnavailable where this runner may not make a room."""
    if os.geteuid() != 0:
        raise SandboxUnavailable(
            "a trial build needs a runner that is root, since only root makes an overlay of a base: run the lint workers as root "
            "(docs/operators.md, Trial builds), or set TRIAL_BUILD_SUITES= on the portal, so that it asks for none"
        )


@contextlib.contextmanager
def build_room(base: Base, *, room_bytes: int = BUILD_ROOM_BYTES) -> Iterator[BuildRoom]:
    """Yield a room over `base`; afterwards it is gone with all that is in it. Raises SandboxUnavailable."""
    require_root()
    for program, package in (("unshare", "util-linux"), ("nsenter", "util-linux"), ("mount", "mount")):
        if shutil.which(program, path=_PATH) is None:
            raise SandboxUnavailable(f"the program {program} is missing: install the package {package}")
    FOLDER.mkdir(mode=0o755, exist_ok=True)
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", _HOLD, "room"]
    with subprocess.Popen(
        [*command, str(room_bytes), str(FOLDER), str(base.root)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": _PATH}, cwd="/",
    ) as holder:  # fmt: skip
        try:
            if holder.stdout is None or holder.stderr is None:
                raise ValueError("the holder is started with three pipes")
            if holder.stdout.readline() != b"ready\n":
                reason = holder.stderr.read().decode("utf-8", "replace").strip()
                raise SandboxUnavailable(f"no room for a build can be made on this machine: {reason}")
            yield BuildRoom(holder.pid)
        finally:
            holder.kill()
