"""The store of bare repositories: where they lie, who may touch one now, and which pushes were interrupted.

ROOT/ab/cd/NAME.git     a repository, by the SHA-256 of its name
ROOT/.incoming/         first pushes under way: they become repositories when git has accepted them, or vanish
ROOT/.pending/NAME      a push to NAME is under way, or died: what git accepted may not be published yet
ROOT/.locks/NAME        held while NAME is published
ROOT/.empty.git         what an unknown name is shown as to somebody who may create it
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from ..limits import GIT_WALL_SECONDS, MAX_NAME_LENGTH
from .gitconfig import committer, environment
from .reflog import NO_COMMIT, PushRecord, read_reflogs

__all__ = ["InvalidName", "NameTaken", "PendingPush", "PushRecord", "RepositoryStore", "store"]

# Debian Policy 5.6.1: lower case letters, digits, plus, minus and full stops, two or more, first a letter or digit.
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_BRANCHES = ("refs/heads/main", "refs/heads/debian/")


class InvalidName(ValueError):
    """A name that no source package can have; so it has no place in the store."""


class NameTaken(Exception):
    """Another push made the repository in the meantime."""


class PendingPush:
    """The marker of a push under way. Held by a lock on its file, which git inherits: it is free when both have gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.descriptor = _open_locked(path, fcntl.LOCK_SH)

    @contextmanager
    def settling(self) -> Iterator[None]:
        """Publish inside of this: where that succeeds and no other push to the name is under way, the marker goes.

        Whether we are alone is found out before: a push that begins in the meantime waits until the marker has gone, and
        sets its own. Where another is under way, that one removes the marker at its own end.
        """
        alone = _try_lock(self.descriptor, fcntl.LOCK_EX)
        yield
        if alone:
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the marker. One that still stands is found by `RepositoryStore.interrupted`."""
        os.close(self.descriptor)


class RepositoryStore:
    """The repositories below one folder. Names are those of `Recipe.storage_name`; an impossible one raises InvalidName."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in (".incoming", ".pending", ".locks"):
            (root / folder).mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Return where the repository of this name lies, or would lie."""
        digest = hashlib.sha256(checked_name(name).encode("ascii")).hexdigest()
        return self.root / digest[:2] / digest[2:4] / f"{name}.git"

    def exists(self, name: str) -> bool:
        """Return whether there is a repository of this name."""
        return self.path(name).is_dir()

    def names(self) -> list[str]:
        """Return the names of all repositories, in order."""
        return sorted(path.stem for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*.git"))

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the name against every other process while its repository and its rows are brought together."""
        descriptor = os.open(self.root / ".locks" / checked_name(name), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def git_environment(self, **extra: str) -> dict[str, str]:
        """Return the environment in which git is run on a repository of the store."""
        return environment(**extra)

    def empty(self) -> Path:
        """Return an empty repository, for the advertisement of a name that does not exist yet."""
        path = self.root / ".empty.git"
        if not path.is_dir():
            made = self.new_incoming()
            try:
                made.rename(path)
            except OSError:
                # Another process was quicker; its empty repository is as good.
                shutil.rmtree(made)
        return path

    def new_incoming(self) -> Path:
        """Make a private bare repository for a first push, to be given to `adopt` or `discard`. Raises OSError (disk full)."""
        path = self.root / ".incoming" / f"{secrets.token_hex(16)}.git"
        command = ["git", "init", "--quiet", "--bare", "--template=", "--", str(path)]
        result = subprocess.run(command, env=environment(), capture_output=True, check=False, cwd="/")
        if result.returncode != 0:
            shutil.rmtree(path, ignore_errors=True)
            raise OSError(f"git init failed: {result.stderr.decode('utf-8', 'replace').strip()}")
        return path

    def adopt(self, incoming: Path, name: str) -> None:
        """Make the private repository `incoming` the one of `name`. The caller holds the lock. Raises NameTaken."""
        target = self.path(name)
        if target.exists():
            raise NameTaken(f"{name} was created by another push in the meantime: fetch it first")
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.rename(target)
        for folder in (target.parent, target.parent.parent, self.root):
            _flush_folder(folder)

    def discard(self, incoming: Path) -> None:
        """Remove a private repository that git did not fill."""
        shutil.rmtree(incoming, ignore_errors=True)

    def discard_abandoned(self) -> int:
        """Remove private repositories whose push died; return how many. No push lives longer than GIT_WALL_SECONDS."""
        oldest = time.time() - 2 * GIT_WALL_SECONDS
        abandoned = [path for path in (self.root / ".incoming").iterdir() if path.stat().st_mtime < oldest]
        for path in abandoned:
            self.discard(path)
        return len(abandoned)

    def pending(self, name: str) -> PendingPush:
        """Set the marker of a push to `name`, on disk before this returns."""
        return PendingPush(self.root / ".pending" / checked_name(name))

    def interrupted(self) -> list[str]:
        """Return the names whose marker stands though no process of the push lives any more."""
        return sorted(path.name for path in (self.root / ".pending").iterdir() if _is_free(path))

    def clear_pending(self, name: str) -> None:
        """Remove the marker of `name`, unless a push is under way: that one removes it itself."""
        path = self.root / ".pending" / checked_name(name)
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return
        try:
            if _try_lock(descriptor, fcntl.LOCK_EX):
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)

    def branches(self, name: str) -> dict[str, str]:
        """Return the commit at the tip of `main` and of each `debian/*` branch. Raises OSError where git cannot read it."""
        result = self._git(name, "for-each-ref", "--format=%(objectname) %(refname)", *_BRANCHES)
        if result.returncode != 0:
            raise OSError(f"{name}: git for-each-ref failed: {result.stderr.strip()}")
        lines = [line.split(" ", 1) for line in result.stdout.splitlines()]
        return {reference.removeprefix("refs/heads/"): commit for commit, reference in lines}

    def push_history(self, name: str) -> list[PushRecord]:
        """Return every accepted push to `main` and `debian/*`, oldest first; none for a name without repository."""
        if not self.exists(name):
            return []
        return read_reflogs(self.path(name), self.branches(name))

    def is_rewrite(self, name: str, record: PushRecord) -> bool:
        """Return whether a push left commits of its branch behind (no fast-forward)."""
        if record.old == NO_COMMIT:
            return False
        return self._git(name, "merge-base", "--is-ancestor", record.old, record.new).returncode == 1

    def rewind(self, name: str, branch: str, commit: str, username: str) -> None:
        """Set `branch` to `commit`, recorded in the reflog as a push by `username`. The caller holds the lock. Raises OSError."""
        reference = f"refs/heads/{branch}"
        result = self._git(name, "update-ref", "-m", "rewind", reference, commit, **committer(username))
        if result.returncode != 0:
            raise OSError(f"{name}: git update-ref failed: {result.stderr.strip()}")

    def _git(self, name: str, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "--git-dir", str(self.path(name)), *arguments],
            env=environment(**extra), capture_output=True, text=True, errors="replace", check=False, cwd="/",
        )  # fmt: skip


def checked_name(name: str) -> str:
    """Return `name`, which is then safe as a file's name. Raises InvalidName where it is no source package's (Policy 5.6.1)."""
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        raise InvalidName(
            f"{name[:MAX_NAME_LENGTH]!r} cannot be a source package's name: use two or more lower-case letters, digits, "
            f"'+', '-' and '.', a letter or digit first, at most {MAX_NAME_LENGTH} characters"
        )
    return name


@lru_cache
def _store(root: Path) -> RepositoryStore:
    return RepositoryStore(root)


def store() -> RepositoryStore:
    """Return the portal's store, in settings.REPOSITORY_ROOT."""
    return _store(Path(settings.REPOSITORY_ROOT))


def _open_locked(path: Path, operation: int) -> int:
    """Open and lock the marker `path`, made where it is missing and flushed to the disk.

    Whoever removes a marker holds it exclusively; one that was removed between our opening and locking is made anew.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, operation)
        if _is_at(path, descriptor):
            os.fsync(descriptor)
            _flush_folder(path.parent)
            return descriptor
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _is_free(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return _try_lock(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _flush_folder(path: Path) -> None:
    """Make the names in a folder outlive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
