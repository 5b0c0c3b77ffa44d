"""A git command that answers a page: what it may take of the processor is limited, and so is what is read of its answer."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from .gitconfig import environment

_READ_BYTES = 65_536


class GitFailed(Exception):
    """Git ended with an error, or came to no end in its time; the text has the status."""


def run_bounded(repo_path: Path, arguments: Sequence[str], *, max_bytes: int, cpu_seconds: int) -> tuple[bytes, bool]:
    """Return git's output, at most `max_bytes` of it, and whether there was more. Raises GitFailed.

    Callers put full object ids and, after `--`, paths into `arguments`; pathspecs are taken literally.
    """
    command = [
        "prlimit", f"--cpu={cpu_seconds}", "--core=0", "--",
        "git", "--literal-pathspecs", "--git-dir", str(repo_path), *arguments,
    ]  # fmt: skip
    chunks: list[bytes] = []
    size = 0
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
    ) as git:
        output = cast(IO[bytes], git.stdout)  # a pipe was asked for
        while chunk := output.read(_READ_BYTES):
            chunks.append(chunk)
            size += len(chunk)
            if size > max_bytes:
                git.kill()
                return b"".join(chunks)[:max_bytes], True
        status = git.wait()
    if status != 0:
        raise GitFailed(f"it ended with status {status}")
    return b"".join(chunks), False
