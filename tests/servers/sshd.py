"""The portal's sshd as users meet it: a real OpenSSH server on loopback, real keys, the real `ssh` and `git`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devtools import sshd
from devtools.programs import free_port
from devtools.supervisor import Supervisor
from tests.servers.portal import GitResult, PortalServer

_START_SECONDS = 30
_ADD_ACCOUNTS = """
from recipes_app.models import SshKey
from tests.factories import make_user
for username, key_type, blob, fingerprint in {keys!r}:
    user = make_user(username, verified={verified!r})
    type(user).objects.filter(pk=user.pk).update(rank={rank!r})
    SshKey.objects.create(user=user, name="laptop", key_type=key_type, blob=blob, fingerprint=fingerprint)
"""


@dataclass(frozen=True)
class SshResult:
    """What a command over SSH did and said."""

    status: int
    output: str
    errors: str


@dataclass
class SshServer:
    """A running sshd in front of `portal`. `folder` holds the users' keys."""

    portal: PortalServer
    folder: Path
    port: int

    def create_accounts(self, *usernames: str, rank: str = "user", verified: bool = True) -> None:
        """Make accounts with an SSH key each, in one process: Django's start takes longer than all the rest."""
        keys = [(username, *self._public_half(self.make_key(username))) for username in usernames]
        self.portal.manage("shell", "-c", _ADD_ACCOUNTS.format(keys=keys, rank=rank, verified=verified))

    def _public_half(self, key: Path) -> tuple[str, str, str]:
        """Return type, blob and fingerprint of a key."""
        key_type, blob, _comment = Path(f"{key}.pub").read_text().split()
        printed = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], capture_output=True, text=True, check=True).stdout
        return key_type, blob, printed.split()[1]

    def make_key(self, name: str) -> Path:
        """Make a key pair that nobody knows; return the private half's path."""
        key = self.folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key)], check=True)
        return key

    def ssh(self, username: str, *words: str, options: tuple[str, ...] = (), given: bytes = b"") -> SshResult:
        """Run the real `ssh` with the key of `username`; `words` are the command, `given` its standard input."""
        command = [*self._client(username), *options, *self._destination(), *words]
        done = subprocess.run(command, input=given, capture_output=True, timeout=60, check=False)
        return SshResult(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def connect(self, username: str, command: str) -> subprocess.Popen[bytes]:
        """Start the real `ssh` for a client that speaks git's protocol itself."""
        words = [*self._client(username), *self._destination(), command]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def git(self, username: str, *arguments: str, cwd: Path, **environment: str) -> GitResult:
        """Run the real git over SSH with the key of `username`."""
        return self.portal.git(*arguments, cwd=cwd, GIT_SSH_COMMAND=" ".join(self._client(username)), **environment)

    def url(self, name: str) -> str:
        """Return the clone URL of a recipe."""
        return f"{sshd.address(self.port)}/{name}.git"

    def _destination(self) -> list[str]:
        return ["-p", str(self.port), f"{sshd.login()}@127.0.0.1"]

    def _client(self, username: str) -> list[str]:
        return [
            "ssh", "-F", "none", "-i", str(self.folder / username), "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none",
            "-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={self.folder / 'known_hosts'}",
            "-o", "StrictHostKeyChecking=accept-new", "-o", "LogLevel=ERROR",
        ]  # fmt: skip


@pytest.fixture(scope="session")
def ssh_server(portal_server: PortalServer) -> Iterator[SshServer]:
    """An sshd for the session's portal; tests tell their accounts apart by name."""
    folder = Path(tempfile.mkdtemp(prefix="portal-ssh-"))
    port = free_port()
    configuration = sshd.configure(folder / "server", port, portal_server.environ())
    with Supervisor(folder / "log", working_folder=Path("/")) as supervisor:
        supervisor.start(sshd.program(configuration))
        supervisor.wait_until_ready(_START_SECONDS)
        yield SshServer(portal_server, folder, port)
    shutil.rmtree(folder, ignore_errors=True)
