"""A git command that answers a page: what it may take of the processor is limited, and so is what is read of its answer.

GitPython would read an answer of any size; so only the start of the command is its wrapper's.
"""

from __future__ import annotations

from pathlib import Path

from .repository import Commands, GitFailed

_READ_BYTES = 65_536


def run_bounded(repo_path: Path, command: str, *arguments: str, max_bytes: int, cpu_seconds: int) -> tuple[bytes, bool]:
    """Return the output of git's `command`, at most `max_bytes` of it, and whether there was more. Raises GitFailed.

    Callers put full object ids and, after `--`, paths into `arguments`.
    """
    chunks: list[bytes] = []
    size = 0
    # AutoInterrupt ends a process that is forgotten; this one is not.
    started = getattr(Commands(repo_path, cpu_seconds), command)(*arguments, as_process=True)
    with started.proc as git:
        while chunk := git.stdout.read(_READ_BYTES):
            chunks.append(chunk)
            size += len(chunk)
            if size > max_bytes:
                git.kill()
                return b"".join(chunks)[:max_bytes], True
        status = git.wait()
    if status != 0:
        raise GitFailed(f"it ended with status {status}", status)
    return b"".join(chunks), False
