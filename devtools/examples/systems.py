"""A fresh Debian system with an ordinary user at its terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..roots import SUITES, Result, Root, fresh_root
from .terminal import Terminal

RELEASES = SUITES
USER = "alice"
# A newcomer's smallest system: what every Debian has (Policy 2.5), and sudo. In one word: mmdebstrap splits none with a "?".
PACKAGES = ("?or(?priority(required), ?exact-name(sudo))",)
SHELLS = ("bash", "sh")
HOME = Path("/home", USER)
# Where they work: an empty folder, as one makes for a new thing.
WORK = HOME / "recipes"
_CHECK_SECONDS = 600


@dataclass(frozen=True)
class System:
    """A running system. `root` is how it is reached from outside."""

    root: Root
    release: str

    def terminal(self, shell: str, log: Path) -> Terminal:
        """Return a terminal with the user's interactive `shell` in their work folder; what it shows goes to `log` as well."""
        # The session begins inside: only there is the shell the first process of it, and /dev/tty its terminal.
        command = ["setsid", "--ctty", shell, "-i"]
        words = self.root.command(command, user=USER, folder=str(WORK), environment={"TERM": "xterm"})
        return Terminal(words, os.environ, log)

    def run(self, *command: str, folder: str = "") -> Result:
        """Run a command as the user and wait for it. Raises subprocess.TimeoutExpired."""
        return self.root.run(command, user=USER, folder=folder or str(WORK), seconds=_CHECK_SECONDS)

    def outside(self, path: Path) -> Path:
        """Return where a path of this system lies on the machine."""
        return self.root.path / path.relative_to("/")

    def installed(self, recipe: str) -> tuple[str, ...]:
        """Return the packages of this recipe that are installed, each with its version; the field Dur-Recipe says whose it is."""
        query = self.root.run(["dpkg-query", "--show", "--showformat=${db:Status-Status}|${Dur-Recipe}|${Package} ${Version}\\n"])
        rows = [line.split("|") for line in query.output.splitlines()]
        return tuple(
            name for status, owner, name in (row for row in rows if len(row) == 3)
            if status == "installed" and owner.split(" ")[0] == recipe
        )  # fmt: skip


@contextmanager
def fresh_system(release: str) -> Iterator[System]:
    """Give a new system of `release` with an ordinary user who has sudo; it is destroyed at the end. Raises RootUnavailable."""
    with fresh_root(release, PACKAGES) as root:
        # What is thrown away needs no write to be safe: dpkg waits for the disk after each file otherwise (dpkg(1)).
        (root.path / "etc/dpkg/dpkg.cfg.d/thrown-away").write_text("force-unsafe-io\n", encoding="ascii")
        root.add_user(USER)
        root.run(["mkdir", "--", str(WORK)], user=USER)
        yield System(root, release)


def interactive(system: System) -> None:
    """Give the user's shell in this system to whoever is at our terminal, until they leave it."""
    terminal = {"TERM": os.environ.get("TERM", "xterm")}
    subprocess.run(system.root.command(["bash", "-i"], user=USER, folder=str(WORK), environment=terminal), check=False)
