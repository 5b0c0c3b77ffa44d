"""The level `confined`, for machines without user namespaces: what `confine` is told, and the private folder of one run.

A user of its own (as root), Landlock, the system call filter, the kernel's limits and the watch of `supervise` stand where
bubblewrap's namespaces are not to be had. docs/security.md says what this level does not promise. No Django here.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .cgroups import process_namespace
from .confine import landlock_abi
from .seccomp import Calls

# Linux 6.7, the first that refuses TCP too; 6 scopes signals and abstract sockets (Linux 6.12).
LEAST_ABI, SCOPING_ABI = 4, 6
# /usr but for what the machine's owner keeps in /usr/local.
_PROGRAMS = tuple(
    f"/usr/{name}" for name in ("bin", "games", "include", "lib", "lib32", "lib64", "libexec", "libx32", "sbin", "share")
)
DEVICES = tuple(f"/dev/{name}" for name in ("full", "null", "random", "urandom", "zero"))
_LAUNCHER = Path(__file__).with_name("confine.py")
FOLDER_PREFIX = "recipe-lint-"


def why_not_confined() -> str:
    """Return in one line why this machine cannot keep the level, and what to do; empty where it can."""
    abi = landlock_abi()
    if abi >= LEAST_ABI:
        return ""
    found = (
        f"its Landlock has ABI {abi}" if abi else "it has no Landlock, or it is switched off (lsm= of the kernel's command line)"
    )
    return f"the kernel cannot confine a run: {found}; ABI {LEAST_ABI} is needed: Linux 6.7 or newer"


def calls_here() -> Calls:
    """Return the filter of this level. Without root, a run has the runner's own user, and must not touch what is that user's."""
    if os.geteuid() == 0:
        return Calls.CONFINED
    return Calls.SHARED_USER if landlock_abi() >= SCOPING_ABI else Calls.SHARED_UNSCOPED


@dataclass(frozen=True)
class Launch:
    """One run: the only folder that it may write to, its user (None: the runner's), the kernel's limits by their names, what it
    may read besides the programs, and the descriptor of its filter.
    """

    folder: Path
    user: int | None
    limits: Mapping[str, int]
    readable: tuple[str, ...]
    seccomp: int

    def command(self, command: Sequence[str]) -> list[str]:
        """Return the command that runs `command` so, for `supervise` to run as a keeper."""
        words = [f"parent={os.getpid()}", f"folder={self.folder}", f"filter={self.seccomp}"]
        words += [f"user={self.user}"] if self.user is not None else []
        words += [f"limit={name}:{value}" for name, value in self.limits.items()]
        words += [f"program={path}" for path in _PROGRAMS]
        words += [f"readable={path}" for path in self.readable]
        words += [f"device={path}" for path in DEVICES]
        return [sys.executable, "-I", "-S", str(_LAUNCHER), *words, "--", *command]


def run_prefix() -> str:
    """Return how the names of this process's folders begin: they say which process of which process namespace made them."""
    return f"{FOLDER_PREFIX}{process_namespace()}-{os.getpid()}-"


def parent_for_runs() -> Path:
    """Return where the folders of runs are made: the runner's TMPDIR, or /tmp where a run's user could not walk to that."""
    folder = Path(tempfile.gettempdir()).resolve()
    open_to_all = all(each.stat().st_mode & 0o001 for each in (folder, *folder.parents))
    return folder if open_to_all or os.geteuid() != 0 else Path("/tmp")  # noqa: S108 - a name of mkdtemp's below it


@contextlib.contextmanager
def private_folder(user: int | None) -> Iterator[Path]:
    """Yield the empty folder that a run may write to, `user`'s own; it is removed afterwards with all that is in it.

    One that a killed runner left behind is removed by the next clone (`runner`).
    """
    outer = Path(tempfile.mkdtemp(prefix=run_prefix(), dir=parent_for_runs()))
    try:
        folder = outer / "tmp"
        folder.mkdir(mode=0o700)
        if user is not None:
            os.chown(folder, user, user)
            # To be walked through, not to be looked into.
            outer.chmod(0o711)
        yield folder
    finally:
        remove_tree(outer)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all that is in it, however deep and whatever its modes; what cannot be removed stays.

    shutil.rmtree calls itself for each level, and a run may make more of them than Python can go down.
    """
    remove = ["rm", "-rf", "--one-file-system", "--", str(folder)]
    if subprocess.run(remove, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        subprocess.run(["chmod", "-R", "u+rwX", "--", str(folder)], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(remove, stderr=subprocess.DEVNULL, check=False)


def tasks_of_this_user() -> int:
    """Return how many threads the runner's user has: without a user of its own, a run's limit of processes counts them too."""
    number = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                if folder.stat().st_uid == os.geteuid():
                    number += sum(1 for _ in (folder / "task").iterdir())
    return number
