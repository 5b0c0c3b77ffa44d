"""The public repository of a recipe: the branches that the catalogue publishes, and no object beside theirs.

git's protocol 2 hands out every object that a repository has, whatever its branches are; so what is held, rejected or quarantined
must not be there. The intake borrows from the public repository (gitrepository-layout(5), objects/info/alternates): a published
object is stored once.

Sources: git-fetch(1), git-repack(1), git-prune(1), git-prune-packed(1).
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..limits import LOOSE_OBJECTS_PACKED, PACKS_JOINED
from .gitconfig import configured, environment
from .repository import Commands, Repository

_OBJECT_FOLDER = re.compile(r"[0-9a-f]{2}")
# Stands in the public repository from before a branch goes back until the objects that it had are gone.
_WITHDRAWING = "withdrawing"


class PublicRepository:
    """The public repository at `public`, made from the `intake`. Every method is called under the store's lock of the name."""

    def __init__(self, intake: Path, public: Path) -> None:
        self._intake = intake
        self._public = public

    def branches(self) -> dict[str, str]:
        """Return the commit at the tip of each branch; nothing where there is no repository. Raises OSError."""
        if not self._public.is_dir():
            return {}
        lines = self._public_git().for_each_ref("--format=%(objectname) %(refname:lstrip=2)", "refs/heads/").splitlines()
        return {name: commit for commit, _, name in (line.partition(" ") for line in lines)}

    def show(self, wanted: Mapping[str, str]) -> bool:
        """Let the branches be `wanted` (name to commit), whatever they are; return whether something had to be done.

        Commits of the intake are copied with what they reach. What no branch reaches any more is copied into the intake, which
        borrowed it, and removed here. It can be interrupted anywhere and called again. Raises OSError where git fails.
        """
        shown = self.branches()
        if shown == wanted and (not shown or self._is_lent()) and not self._withdrawing.exists():
            return False
        self._make()
        moved = {name: commit for name, commit in wanted.items() if shown.get(name) != commit}
        gone = [name for name in shown if name not in wanted]
        left = {commit for name, commit in shown.items() if wanted.get(name) != commit}
        if self._withdrawing.exists() or not self._reach(wanted.values(), left):
            self._withdrawing.touch()
            Commands(self._intake).repack("-a", "-d", "-q")
        if moved:
            self._fetch(moved)
        for name in gone:
            self._public_git().update_ref("-d", f"refs/heads/{name}")
        if self._withdrawing.exists():
            self._remove_unreachable()
        self._drop_duplicates()
        return True

    def pack(self) -> bool:
        """Pack both repositories where they have many loose objects or packs; return whether they had. Raises OSError.

        Afterwards the intake has nothing that the public one has.
        """
        if not any(map(_is_untidy, (self._intake, self._public))) and not (self._is_lent() and _packs(self._intake)):
            return False
        if self._public.is_dir():
            self._public_git().repack("-a", "-d", "-q")
        Commands(self._intake).repack("-a", "-d", "-l", "-q")
        Commands(self._intake).prune_packed("-q")
        return True

    def forget_unreachable(self) -> None:
        """Remove from the intake what neither a branch nor a reflog reaches. Raises OSError."""
        Commands(self._intake).repack("-a", "-d", "-l", "-q")
        Commands(self._intake).prune("--expire=now")

    @property
    def _withdrawing(self) -> Path:
        return self._public / _WITHDRAWING

    @property
    def _alternates(self) -> Path:
        return self._intake / "objects" / "info" / "alternates"

    def _is_lent(self) -> bool:
        return self._alternates.exists()

    def _make(self) -> None:
        """Make the repository where it is missing, and let the intake borrow from it."""
        if not self._public.is_dir():
            self._public.parent.mkdir(parents=True, exist_ok=True)
            making = self._public.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            Repository.make(making)
            making.rename(self._public)
        if not self._is_lent():
            # Relative, so that the store can be moved as a whole.
            borrowed = os.path.relpath(self._public / "objects", self._intake / "objects")
            self._alternates.parent.mkdir(exist_ok=True)
            temporary = self._alternates.with_suffix(".new")
            temporary.write_text(f"{borrowed}\n", encoding="utf-8")
            temporary.rename(self._alternates)

    def _reach(self, tips: Iterable[str], left: Iterable[str]) -> bool:
        """Return whether `tips`, commits of the intake, still reach all of `left`, commits that were shown."""
        if not left:
            return True
        request = "".join(f"{commit}\n" for commit in left) + "".join(f"^{commit}\n" for commit in tips)
        return not Commands(self._intake).rev_list("--max-count=1", "--stdin", istream=request.encode("ascii"))

    def _fetch(self, moved: Mapping[str, str]) -> None:
        """Copy commits from the intake and set branches to them, all or none."""
        options = ["-q", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--atomic"]
        wanted = [f"+{commit}:refs/heads/{name}" for name, commit in moved.items()]
        git = self._public_git()
        with git.custom_environment(GIT_ALLOW_PROTOCOL="file"):
            # The objects were checked when they were pushed.
            git(c="fetch.fsckObjects=false").fetch(*options, "--", str(self._intake), *wanted)

    def _remove_unreachable(self) -> None:
        if self.branches():
            self._public_git().repack("-a", "-d", "-q")
            self._public_git().prune("--expire=now")
        else:
            # git repack leaves the packs of a repository without branches as they are. The folders stay: git asks for them.
            for folder in (*_loose_folders(self._public), self._public / "objects" / "pack"):
                for path in folder.iterdir():
                    path.unlink()
        self._withdrawing.unlink()
        Commands(self._intake).repack("-a", "-d", "-l", "-q")

    def _drop_duplicates(self) -> None:
        """Remove loose objects of the intake that the public repository has as loose ones: those of a push that was published."""
        for folder in list(_loose_folders(self._intake)):
            for path in folder.iterdir():
                if (self._public / "objects" / folder.name / path.name).exists():
                    path.unlink()
            # Not empty: it has an object that is held back, or a push has just written one.
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _public_git(self) -> Commands:
        """Return the command wrapper of the public repository; a reflog there would keep what is withdrawn."""
        git = Commands(self._public)
        git.update_environment(**configured(environment(), "core.logAllRefUpdates", "false"))
        return git


def _loose_folders(repository: Path) -> Iterator[Path]:
    return (path for path in (repository / "objects").iterdir() if _OBJECT_FOLDER.fullmatch(path.name))


def _packs(repository: Path) -> int:
    folder = repository / "objects" / "pack"
    return sum(path.suffix == ".pack" for path in folder.iterdir()) if folder.is_dir() else 0


def _is_untidy(repository: Path) -> bool:
    if not repository.is_dir():
        return False
    loose = sum(sum(1 for _ in folder.iterdir()) for folder in _loose_folders(repository))
    return loose > LOOSE_OBJECTS_PACKED or _packs(repository) > PACKS_JOINED
