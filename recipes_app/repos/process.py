"""Running a git process that serves a client: fed and read at the same time, with an end whatever the client does.

GitPython has nothing for this: its wrapper gives a process a file as input, or reads its output to the end.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Protocol, cast

from ..limits import GIT_WALL_SECONDS, KIB, MIB
from .gitconfig import restrain

logger = logging.getLogger(__name__)

CHUNK = 64 * KIB
# One large pipe instead of the usual 64 KiB spares most of the switches between git and the server.
_PIPE_BYTES = 1 * MIB
_DRAIN_SECONDS = 30
_MAX_ERROR_TEXT = 2_000


class Requests(Protocol):
    """What a client sends: pieces for git, and a way to read what git did not want."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the client's bytes."""

    def drain(self) -> None:
        """Read the rest and throw it away: a client that is cut off while it writes never reads why it was refused."""


class GitProcess:
    """One `git` with `arguments`. `requests` is fed to it by a thread of its own; the output is read by the caller.

    Where `requests` is a file descriptor, git reads that itself: so it is over SSH, where sshd has put the client's words there.
    `close` (idempotent, also by `with`) ends the whole process group. After GIT_WALL_SECONDS the group is killed.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        requests: Requests | int,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._process = subprocess.Popen(
            ["git", *arguments],
            stdin=requests if isinstance(requests, int) else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            cwd=cwd,
            process_group=0,
            pass_fds=pass_fds,
        )
        restrain(self._process.pid)
        self.output = cast(IO[bytes], self._process.stdout)  # a pipe was asked for
        stderr = cast(IO[bytes], self._process.stderr)  # a pipe was asked for
        _enlarge_pipe(self.output)
        self._read_to_end = False
        self._error_text = b""
        self._watchdog = threading.Timer(GIT_WALL_SECONDS, self.kill)
        self._watchdog.daemon = True
        self._watchdog.start()
        self._feeder: threading.Thread | None = None
        if not isinstance(requests, int):
            stdin = cast(IO[bytes], self._process.stdin)  # a pipe was asked for
            _enlarge_pipe(stdin)
            self._feeder = threading.Thread(target=self._feed, args=(requests, stdin), daemon=True)
            self._feeder.start()
        self._listener = threading.Thread(target=self._listen, args=(stderr,), daemon=True)
        self._listener.start()

    def chunks(self) -> Iterator[bytes]:
        """Yield the output in large pieces as it comes, to the end."""
        descriptor = self.output.fileno()
        while chunk := os.read(descriptor, _PIPE_BYTES):
            yield chunk
        self._read_to_end = True

    def wait(self) -> int:
        """Wait for git, which has closed its output, and for the end of the client's request; return the exit status."""
        status = self._process.wait()
        self._watchdog.cancel()
        if self._feeder is not None:
            self._feeder.join(_DRAIN_SECONDS)
        self._listener.join(_DRAIN_SECONDS)
        if status != 0 and self._error_text:
            logger.info("git ended with status %d: %s", status, self._error_text.decode("utf-8", "replace").strip())
        return status

    @property
    def feeding(self) -> bool:
        """Whether the client's request is still being read."""
        return self._feeder is not None and self._feeder.is_alive()

    def kill(self) -> None:
        """End git and everything that it started, at once."""
        if self._process.poll() is None:
            logger.warning("git process %d is ended", self._process.pid)
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                logger.debug("git process %d had ended by itself", self._process.pid)

    def close(self) -> None:
        """End git, unless its output was read to the end and it ends by itself; give back pipes and threads."""
        if not self._read_to_end:
            self.kill()
        self.wait()
        self.output.close()

    @staticmethod
    def _feed(requests: Requests, stdin: IO[bytes]) -> None:
        """Write the client's request to git, to its end or to where git wants no more; then read the rest."""
        try:
            try:
                with stdin:
                    for piece in requests:
                        stdin.write(piece)
            except BrokenPipeError:
                logger.debug("git wanted no more of the request")
            requests.drain()
        except Exception:
            # The client went away, or sent what is no body (the server's reader has exceptions of its own for that): git
            # sees the end of its input and refuses the incomplete request.
            logger.info("a request to git ended early", exc_info=True)

    def _listen(self, stderr: IO[bytes]) -> None:
        """Keep the beginning of git's own complaints for the log, and read the rest so that git never waits for a reader."""
        with stderr:
            while chunk := stderr.read(CHUNK):
                self._error_text = (self._error_text + chunk)[:_MAX_ERROR_TEXT]


def _enlarge_pipe(pipe: IO[bytes]) -> None:
    try:
        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except PermissionError:
        # The account has used up its share of pipe memory (pipe(7)): the usual size works as well.
        logger.debug("the pipe keeps its usual size")
