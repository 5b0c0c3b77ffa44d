"""A user's working repository over SSH, further accounts, and what moderators do behind the scenes."""

from __future__ import annotations

import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from recipes_app.repos.pktline import read_packets
from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import GitResult
from tests.servers.sshd import SshServer

_waiting: list[str] = []
_HANDFUL = 6
_MODERATE = """
from recipes_app.models import NameRule, Recipe, User
from recipes_app.services.moderation import lifecycle, quarantine, sanctions
from recipes_app.services.core import switches
mod = User.objects.get(username="ssh-moderator")
recipe = Recipe.objects.filter(name={name!r}).first()
globals().update({values!r})
{statement}
"""


@dataclass
class Work:
    """A working repository that somebody pushes over SSH."""

    server: SshServer
    folder: Path
    name: str
    username: str

    def commit(self, version: str = "1.0-1", **files: bytes | str | None) -> str:
        """Commit a valid recipe, changed by `files`; return the commit."""
        return commit_tree(recipe_tree(self.name, version, **files), self.folder)

    def push(self, *refspecs: str, options: tuple[str, ...] = ()) -> GitResult:
        """Push (HEAD to main by default) and return what the user sees."""
        words = ["push", *options, self.server.url(self.name), *(refspecs or ("HEAD:main",))]
        return self.server.git(self.username, *words, cwd=self.folder)

    def tip(self) -> str:
        """Return the commit of main that anybody is given over HTTP; empty where there is none."""
        listing = self.server.portal.git("ls-remote", self.server.portal.git_url(self.name), "main", cwd=self.folder)
        return listing.output.split("\t")[0] if listing.status == 0 else ""

    def publish(self) -> str:
        """Commit and push a first revision that is taken; return the commit."""
        commit = self.commit()
        result = self.push()
        assert result.status == 0, result.output
        return commit

    def push_and_leave(self) -> None:
        """Send a push of HEAD to main and go away before its answer, as a line that breaks does."""
        client = self.server.connect(self.username, f"git-receive-pack '{self.name}.git'")
        assert client.stdin is not None
        assert client.stdout is not None
        advertised = read_packets(client.stdout)
        old = (next(advertised) or b"")[:40].decode()
        while next(advertised) is not None:
            continue
        new = self._git("rev-parse", "HEAD").decode().strip()
        command = f"{old} {new} refs/heads/main\0report-status side-band-64k".encode()
        pack = self._git("pack-objects", "--revs", "--stdout", "-q", given=f"{new}\n^{old}\n".encode())
        client.stdin.write(b"%04x%s0000%s" % (len(command) + 4, command, pack))
        client.stdin.flush()
        # With the first word of progress git has begun to take the pack; then the line breaks.
        client.stdout.read(1)
        client.kill()
        client.stdin.close()
        client.stdout.close()
        client.wait()

    def _git(self, *arguments: str, given: bytes = b"") -> bytes:
        return subprocess.run(["git", *arguments], cwd=self.folder, input=given, capture_output=True, check=True).stdout


def newcomer(server: SshServer, *, verified: bool = True) -> str:
    """Return the name of an account with a key that no test has used. Verified ones are made a handful at a time."""
    if not verified:
        username = f"newcomer-{secrets.token_hex(4)}"
        server.create_accounts(username, verified=False)
        return username
    if not _waiting:
        _waiting.extend(f"newcomer-{secrets.token_hex(4)}" for _ in range(_HANDFUL))
        server.create_accounts(*_waiting)
    return _waiting.pop()


def moderate(server: SshServer, statement: str, name: str = "", **values: str) -> None:
    """Run a statement in the portal's shell as the moderator `mod`, about `recipe` (called `name`)."""
    server.portal.manage("shell", "-c", _MODERATE.format(name=name, values=values, statement=statement))
