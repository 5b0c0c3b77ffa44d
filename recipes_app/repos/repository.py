"""A bare repository through GitPython: its `Repo` and its command wrapper. No Django.

GitPython gives git the whole environment of its process, where a database's password and another repository's GIT_DIR may stand,
and cannot leave anything out. So `Commands.execute`, the one place where its wrapper starts git, is ours: it sets limits, and the
environment and configuration of `gitconfig`. GitPython builds the command lines, keeps the processes and reads their answers.

What reads for a page takes `Commands` alone: `Repo` reads the repository's configuration twice, a fifth of what a page costs.
Nothing here is shared between threads.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Any, Self

from git import Git, GitError, Repo

from ..limits import GIT_CPU_SECONDS, GIT_WALL_SECONDS
from .gitconfig import environment, restrain
from .objects import ObjectReader

_MAX_WORDS = 500


class GitFailed(OSError):
    """Git ended with an error, or came to no end in its time; the text has the repository, the command and git's words."""

    def __init__(self, words: str, status: int = -1) -> None:
        super().__init__(words)
        self.status = status


class Commands(Git):
    """GitPython's command wrapper for the bare repository `git_dir`: `commands.rev_list("--stdin", istream=b"…")`.

    Callers put full object ids and, after `--`, paths into the arguments; pathspecs are taken literally. A command raises
    GitFailed.
    """

    def __init__(self, git_dir: os.PathLike[str] | str, cpu_seconds: int = GIT_CPU_SECONDS) -> None:
        super().__init__()
        self._path = os.path.abspath(git_dir)  # noqa: PTH100 - a Path is slower, and this is done for each page
        self._cpu_seconds = cpu_seconds
        # Named, so that git looks for no repository in the folders above.
        self.set_persistent_git_options(git_dir=self._path, literal_pathspecs=True)

    def execute(  # type: ignore[override]  # the options of GitPython's that nobody here uses are missing
        self,
        command: Sequence[str],
        istream: bytes | int | None = None,
        *,
        as_process: bool = False,
        stdout_as_string: bool = True,
        strip_newline_in_stdout: bool = True,
    ) -> str | bytes | Git.AutoInterrupt:
        """Run `command` with our environment and what was added here; return its output, or itself by `as_process`.

        `istream` may be the input itself. After GIT_WALL_SECONDS git is killed. Raises GitFailed.
        """
        # Nobody reads what a process that is handed out complains of: git must not wait for that.
        process = Popen(
            command, stdin=PIPE if isinstance(istream, bytes) else istream or DEVNULL, stdout=PIPE,
            stderr=DEVNULL if as_process else PIPE, env=environment(**self.environment()), cwd="/",
        )  # fmt: skip
        restrain(process.pid, self._cpu_seconds)
        if as_process:
            return self.AutoInterrupt(process, command)
        named = f"{Path(self._path).stem}: git {next(word for word in command[1:] if word[0] != '-' and '=' not in word)}"
        with process:
            try:
                output, errors = process.communicate(istream if isinstance(istream, bytes) else None, GIT_WALL_SECONDS)
            except TimeoutExpired as error:
                process.kill()
                raise GitFailed(f"{named} took more than {GIT_WALL_SECONDS} s") from error
        if process.returncode != 0:
            words = errors.decode("utf-8", "replace").strip()[:_MAX_WORDS]
            raise GitFailed(f"{named} failed: {words}", process.returncode)
        if strip_newline_in_stdout:
            output = output.removesuffix(b"\n")
        return output.decode("utf-8", "replace") if stdout_as_string else output


class Repository(Repo):
    """GitPython's `Repo` for a bare repository of the store, to be used in a `with` statement. Raises OSError."""

    GitCommandWrapperType: type[Git] = Commands
    git: Commands

    def __init__(self, path: os.PathLike[str] | str, **_options: Any) -> None:
        try:
            super().__init__(path, expand_vars=False)
        except (GitError, configparser.Error, ValueError) as error:
            raise GitFailed(f"{Path(path).stem}: this is no git repository: {error}") from error
        # Repo takes GIT_DIR, GIT_COMMON_DIR and GIT_OBJECT_DIRECTORY from our environment for what the path says.
        self.git = Commands(path)

    def __enter__(self) -> Self:
        return self

    @classmethod
    def make(cls, path: Path) -> None:
        """Make a bare repository at `path` without anything of a template. Raises OSError (disk full)."""
        # Any template is unsafe to GitPython, since it may have hooks; this one is empty. git makes the folder, by our umask.
        cls.init(path, mkdir=False, expand_vars=False, allow_unsafe_options=True, quiet=True, bare=True, template="").close()


def objects_of(repo_path: Path) -> ObjectReader:
    """Return a reader of the objects of a repository, to be used in a `with` statement."""
    started = Commands(repo_path).cat_file("--batch-command", istream=PIPE, as_process=True)
    # The reader ends the process; GitPython would as soon as its own handle is forgotten.
    process, started.proc = started.proc, None
    return ObjectReader(process)
