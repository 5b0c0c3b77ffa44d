"""A user's working repository for tests, with a way to make commits that no porcelain of git would make."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import GitResult, PortalServer


@dataclass(frozen=True)
class RawEntry:
    """An entry of a tree as it is written: any mode, any object."""

    mode: str
    content: bytes = b""
    oid: str = ""


@dataclass
class Workspace:
    """One recipe's working repository and the account that pushes it."""

    server: PortalServer
    folder: Path
    name: str
    username: str
    secret: str

    @property
    def url(self) -> str:
        """The clone URL with credentials."""
        return self.server.git_url(self.name, self.username, self.secret)

    def commit(self, version: str = "1.0-1", **files: bytes | str | None) -> str:
        """Commit a valid recipe, changed by `files`."""
        return commit_tree(recipe_tree(self.name, version, **files), self.folder)

    def commit_raw(
        self, entries: Mapping[bytes, RawEntry], *, parents: tuple[str, ...] = (), version: str = "1.0-1", without: bytes = b""
    ) -> str:
        """Make a commit of a valid recipe and `entries` beside its files, written object by object; HEAD moves to it."""
        if not (self.folder / ".git").exists():
            self.commit()
        files: dict[bytes, RawEntry] = {
            path.encode(): RawEntry("100755" if path == "debian/rules" else "100644", content)
            for path, content in recipe_tree(self.name, version).items()
        }
        files.pop(without, None)
        files.update(entries)
        return self.commit_of_tree(self._tree(files), parents)

    def commit_of_tree(self, tree: str, parents: tuple[str, ...] = ()) -> str:
        """Make a commit of a tree object; HEAD moves to it."""
        options = [word for parent in parents for word in ("-p", parent)]
        commit = self.plumb("commit-tree", *options, "-m", "raw", tree).decode().strip()
        self.plumb("update-ref", "HEAD", commit)
        return commit

    def write(self, kind: str, content: bytes) -> str:
        """Write an object without any check; return its id."""
        return self.plumb("hash-object", "-t", kind, "-w", "--stdin", "--literally", given=content).decode().strip()

    def push(self, *refspecs: str, force: bool = False, **environment: str) -> GitResult:
        """Push (HEAD to main by default) and return what the user sees."""
        options = ["--force"] if force else []
        return self.server.git("push", *options, self.url, *(refspecs or ("HEAD:main",)), cwd=self.folder, **environment)

    def stored(self) -> dict[str, str]:
        """Return the branches that anybody sees; empty where there is no recipe."""
        result = self.server.git("ls-remote", self.server.git_url(self.name), cwd=self.folder)
        lines = [line.split("\t") for line in result.output.splitlines() if "\trefs/heads/" in line]
        return {reference.removeprefix("refs/heads/"): commit for commit, reference in lines}

    def read_error(self) -> str:
        """Return what git says to somebody who reads the recipe and may not, or finds none."""
        return self.server.git("ls-remote", self.server.git_url(self.name), cwd=self.folder).output

    def plumb(self, *arguments: str, given: bytes = b"") -> bytes:
        """Run a plumbing command of git."""
        identity = {
            f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Ada"), ("EMAIL", "a@b.c"))
        }
        environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        return subprocess.run(
            ["git", "-c", "core.compression=0", *arguments],
            cwd=self.folder,
            env=environment,
            input=given,
            capture_output=True,
            check=True,
        ).stdout

    def _tree(self, files: Mapping[bytes, RawEntry]) -> str:
        """Write the tree objects of a mapping of paths, in git's order."""
        folders: dict[bytes, dict[bytes, RawEntry]] = {}
        entries: list[tuple[bytes, bytes, str]] = []
        for path, entry in files.items():
            first, slash, rest = path.partition(b"/")
            if slash:
                folders.setdefault(first, {})[rest] = entry
            else:
                entries.append((first, entry.mode.encode(), entry.oid or self.write("blob", entry.content)))
        entries.extend((name, b"40000", self._tree(inside)) for name, inside in folders.items())
        entries.sort(key=lambda each: each[0] + (b"/" if each[1] == b"40000" else b""))
        return self.write("tree", b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for name, mode, oid in entries))
