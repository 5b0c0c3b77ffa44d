"""The store of bare repositories: where they are, who may touch one now, and which acts on them were interrupted.

ROOT/intake/ab/cd/NAME.git   what was pushed: branches, reflogs, held and rejected commits; read by the team and by reviewers
ROOT/public/ab/cd/NAME.git   what the catalogue publishes, and nothing else (`repos.public`); ab/cd: SHA-256 of the name
ROOT/.incoming/              first pushes under way: they become repositories when git has accepted them, or vanish
ROOT/.pending/NAME           an act on NAME is under way, or died: database and git may not agree yet
ROOT/.damaged/NAME           why NAME could not be settled the last time
ROOT/.locks/NAME             held while NAME is settled
ROOT/.empty.git              what an unknown name is shown as to somebody who may create it
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from ..limits import GIT_WALL_SECONDS, MAX_NAME_LENGTH
from .gitconfig import committer
from .public import PublicRepository
from .push_rules import MAIN
from .reflog import NO_COMMIT, REWIND, PushRecord, forget_commit, read_reflogs
from .refused import write_refused
from .repository import GitFailed, Repository

__all__ = ["InvalidName", "NameTaken", "Pending", "PushRecord", "RepositoryStore", "store"]

# Debian Policy 5.6.1: lower case letters, digits, plus, minus and full stops, two or more, first a letter or digit.
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_BRANCHES = (MAIN, "refs/heads/debian/")
_FOLDERS = ("intake", "public", ".incoming", ".pending", ".damaged", ".locks")
_HEX = "[0-9a-f]"
# Who moves a branch back in the reflog: the portal itself, after what the database says.
_PORTAL = "portal"


class InvalidName(ValueError):
    """A name that no source package can have; so it has no place in the store."""


class NameTaken(Exception):
    """Another push made the repository in the meantime."""


class Pending:
    """The marker of an act under way. Held by a lock on its file, which git inherits: it is free when both have gone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.descriptor = _open_locked(path, fcntl.LOCK_SH)
        # A marker that nobody closes (its transaction was rolled back) lets go with its object.
        self._let_go = weakref.finalize(self, os.close, self.descriptor)

    @contextmanager
    def settling(self) -> Iterator[None]:
        """Settle inside of this: where that succeeds and no other act on the name is under way, the marker goes.

        Whether we are alone is found out before: an act that begins in the meantime waits until the marker has gone, and
        sets its own. Where another is under way, that one removes the marker at its own end.
        """
        alone = _try_lock(self.descriptor, fcntl.LOCK_EX)
        yield
        if alone:
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the marker. One that still stands is found by `RepositoryStore.interrupted`."""
        self._let_go()


class RepositoryStore:
    """The repositories below one folder. Names are those of `Recipe.storage_name`; an impossible one raises InvalidName."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in _FOLDERS:
            (root / folder).mkdir(parents=True, exist_ok=True)

    def intake(self, name: str) -> Path:
        """Return where the repository that takes the pushes to this name is, or would be."""
        return self.root / "intake" / _place(name)

    def public(self, name: str) -> Path:
        """Return where the repository with what is published of this name is, or would be."""
        return self.root / "public" / _place(name)

    def exists(self, name: str) -> bool:
        """Return whether anything was pushed to this name."""
        return self.intake(name).is_dir()

    def is_published(self, name: str) -> bool:
        """Return whether there is a public repository of this name."""
        return self.public(name).is_dir()

    def names(self) -> list[str]:
        """Return the names of all repositories, in order."""
        return sorted(path.stem for path in (self.root / "intake").glob(f"{_HEX}{_HEX}/{_HEX}{_HEX}/*.git"))

    def move_old_layout(self) -> list[str]:
        """Move repositories from where they were before intake and public were apart; return their names.

        Each move is one renaming on one file system, so an interrupted run is simply run again. They have no public repository
        afterwards: publishing makes it.
        """
        moved = []
        for path in sorted(self.root.glob(f"{_HEX}{_HEX}/{_HEX}{_HEX}/*.git")):
            target = self.intake(path.stem)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
            _flush_folder(target.parent)
            moved.append(path.stem)
        for folder in sorted(self.root.glob(f"{_HEX}{_HEX}/{_HEX}{_HEX}")):
            folder.rmdir()
        for folder in sorted(self.root.glob(f"{_HEX}{_HEX}")):
            folder.rmdir()
        return moved

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the name against every other process while its repositories and its rows are brought together."""
        descriptor = os.open(self.root / ".locks" / checked_name(name), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

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
        try:
            Repository.make(path)
        except OSError:
            shutil.rmtree(path, ignore_errors=True)
            raise
        return path

    def adopt(self, incoming: Path, name: str) -> None:
        """Make the private repository `incoming` the one of `name`. The caller holds the lock. Raises NameTaken."""
        target = self.intake(name)
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

    def pending(self, name: str) -> Pending:
        """Set the marker of an act on `name`, on disk before this returns."""
        return Pending(self.root / ".pending" / checked_name(name))

    def interrupted(self) -> list[str]:
        """Return the names whose marker is there though the process of the act has died."""
        return sorted(path.name for path in (self.root / ".pending").iterdir() if _is_free(path))

    def note_damage(self, name: str, reason: str) -> None:
        """Keep why `name` could not be settled, for operators and moderators; an empty `reason` forgets it."""
        path = self.root / ".damaged" / checked_name(name)
        if reason:
            path.write_text(f"{reason}\n", encoding="utf-8")
        else:
            path.unlink(missing_ok=True)

    def damaged(self) -> dict[str, str]:
        """Return why repositories could not be settled the last time, by name."""
        found = {}
        for path in sorted((self.root / ".damaged").iterdir()):
            with contextlib.suppress(FileNotFoundError):
                found[path.name] = path.read_text(encoding="utf-8").strip()
        return found

    def clear_pending(self, name: str) -> None:
        """Remove the marker of `name`, unless an act is under way: that one removes it itself."""
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
        """Return the commit at the tip of `main` and of each `debian/*` branch, as pushed. Raises OSError where git cannot."""
        return _branches(self.intake(name))

    def shown(self, name: str) -> dict[str, str]:
        """Return the commit at the tip of each branch that everybody gets. Raises OSError where git cannot read it."""
        return PublicRepository(self.intake(name), self.public(name)).branches()

    def push_history(self, name: str) -> list[PushRecord]:
        """Return every accepted push to `main` and `debian/*`, oldest first; none for a name without repository.

        The time is in whole seconds: of pushes to several branches within one, those to `main` come first.
        """
        if not self.exists(name):
            return []
        return read_reflogs(self.intake(name), self.branches(name))

    def is_rewrite(self, name: str, record: PushRecord) -> bool:
        """Return whether a push left commits of its branch behind (no fast-forward)."""
        if record.old == NO_COMMIT:
            return False
        try:
            with self._opened(name) as repo:
                repo.git.merge_base("--is-ancestor", record.old, record.new)
        except GitFailed as error:
            return error.status == 1
        return False

    def rewind(self, name: str, branch: str, commit: str) -> None:
        """Set `branch` of the intake to `commit`; the reflog says that this was no push. The caller holds the lock.

        Raises OSError.
        """
        with self._opened(name) as repo, repo.git.custom_environment(**committer(_PORTAL)):
            repo.git.update_ref("-m", REWIND, f"refs/heads/{branch}", commit)

    def descendants(self, name: str, commit: str, candidates: Iterable[str]) -> list[str]:
        """Return those of `candidates`, pushed commits of `name`, that have `commit` in their history. Raises OSError."""
        try:
            with self._opened(name) as repo:
                repo.git.cat_file("-e", commit)
        except GitFailed:
            # A purge that was interrupted has removed it already, with everything that was upon it.
            return []
        asked = list(candidates)
        request = "".join(f"{each}\n" for each in asked) + f"^{commit}\n"
        with self._opened(name) as repo:
            listed = repo.git.rev_list("--ancestry-path", "--ignore-missing", "--stdin", istream=request.encode("ascii"))
        found = set(listed.split())
        return [each for each in asked if each in found]

    def purge(self, name: str, commits: Iterable[str]) -> bool:
        """Remove `commits` and what nothing else reaches from the intake for good; return whether any of them was there.

        A branch of which nothing else is left goes with them. The caller holds the lock and has taken them out of the branches
        that are shown. It can be interrupted and called again. Raises OSError.
        """
        wanted = list(commits)
        if not wanted or not self.exists(name):
            return False
        asked = "".join(f"{each}\n" for each in wanted).encode("ascii")
        with self._opened(name) as repo:
            kinds = repo.git.cat_file("--batch-check=%(objecttype)", istream=asked).splitlines()
        if "commit" not in kinds:
            return False
        intake, tips = self.intake(name), self.branches(name)
        kept = {record.branch: record.new for record in self.push_history(name) if record.new not in wanted}
        for branch, tip in tips.items():
            if tip not in wanted:
                continue
            if branch in kept:
                self.rewind(name, branch, kept[branch])
            else:
                with self._opened(name) as repo:
                    repo.git.update_ref("-d", f"refs/heads/{branch}")
        for commit in wanted:
            forget_commit(intake, tips, commit)
        PublicRepository(intake, self.public(name)).forget_unreachable()
        return True

    def refuse_commits(self, name: str, commits: Iterable[str]) -> None:
        """Let the push hook refuse whatever brings one of `commits` again. The caller holds the lock."""
        write_refused(self.intake(name), commits)

    def show(self, name: str, wanted: Mapping[str, str]) -> bool:
        """Let the public repository have the branches `wanted` (name to commit), and no object beside theirs.

        Returns whether something had to be done. The caller holds the lock. Raises OSError where git fails.
        """
        return PublicRepository(self.intake(name), self.public(name)).show(wanted)

    def pack(self, name: str) -> bool:
        """Pack both repositories of `name`, each object once; return whether it was worth it. The caller holds the lock."""
        return PublicRepository(self.intake(name), self.public(name)).pack()

    def _opened(self, name: str) -> Repository:
        return Repository(self.intake(name))


def checked_name(name: str) -> str:
    """Return `name`, which is then safe as a file's name. Raises InvalidName where it is no source package's (Policy 5.6.1)."""
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        raise InvalidName(
            f"{name[:MAX_NAME_LENGTH]!r} cannot be a source package's name: use two or more lower-case letters, digits, "
            f"'+', '-' and '.', a letter or digit first, at most {MAX_NAME_LENGTH} characters"
        )
    return name


def _branches(repository: Path) -> dict[str, str]:
    with Repository(repository) as repo:
        lines = repo.git.for_each_ref("--format=%(objectname) %(refname)", *_BRANCHES).splitlines()
    tips = {reference: commit for commit, _, reference in (line.partition(" ") for line in lines)}
    return {each.removeprefix("refs/heads/"): tips[each] for each in sorted(tips, key=lambda each: (each != MAIN, each))}


def _place(name: str) -> str:
    digest = hashlib.sha256(checked_name(name).encode("ascii")).hexdigest()
    return f"{digest[:2]}/{digest[2:4]}/{name}.git"


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
