"""Programs that are started together, watched together and stopped together; each in a session of its own, with a log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

# Long enough for a request or a push to end; a lint under way is lost and done again by the sweep.
STOP_SECONDS = 6.0
_POLL_SECONDS = 0.1
_TAIL_LINES = 15


class ProgramDied(Exception):
    """A program ended that should have gone on, or never came to work; the text names it and its log's last lines."""


@dataclass(frozen=True)
class Program:
    """A program to start. `ready` says whether it is at work, given what its log holds; None: as soon as it runs.

    Where an `optional` one ends, the others go on, and one line says so.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[str], bool] | None = None
    optional: bool = False


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    log: Path


class Supervisor:
    """A context manager: whatever was started in it has ended when it is left, however it is left."""

    def __init__(self, log_folder: Path, *, working_folder: Path) -> None:
        self._log_folder = log_folder
        self._working_folder = working_folder
        self._children: list[_Child] = []
        log_folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self, program: Program) -> int:
        """Start a program in a session of its own, so that the terminal's Ctrl-C reaches only us; return its process id.

        The kernel ends it should we be killed (setpriv --pdeathsig). The log of the run before is kept as NAME.log.1.
        """
        log = self._log_folder / f"{program.name}.log"
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as stream:
            process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *program.command],
                cwd=self._working_folder,
                env={**os.environ, **program.environment},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(_Child(program, process, log))
        return process.pid

    def wait_until_ready(self, seconds: float) -> None:
        """Return when every program is at work, or was optional and has ended.

        Raises ProgramDied where another one has ended, or one is not ready in time.
        """
        deadline = time.monotonic() + seconds
        waiting = [child for child in self._children if child.program.ready is not None]
        while waiting:
            self.check()
            waiting = [child for child in waiting if child in self._children and not _is_ready(child)]
            if waiting and time.monotonic() > deadline:
                child = waiting[0]
                raise ProgramDied(f"{child.program.name} did not come to work within {seconds:.0f} seconds\n{tail(child.log)}")
            time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Raise ProgramDied if a program has ended; one that is optional is told of once, and forgotten."""
        for child in [*self._children]:
            status = child.process.poll()
            if status is None:
                continue
            if not child.program.optional:
                raise ProgramDied(f"{child.program.name} ended ({describe_status(status)})\n{tail(child.log)}")
            self._children.remove(child)
            _kill_group(child.process.pid)
            print(
                f"dev: {child.program.name} is not there ({describe_status(status)}): {last_line(child.log)}",
                file=sys.stderr,
                flush=True,
            )

    def watch(self) -> NoReturn:
        """Go on until a program ends (raises ProgramDied) or we are interrupted (KeyboardInterrupt)."""
        while True:
            self.check()
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ask every program to end, give them time, and kill what is left with all that it started."""
        for child in self._children:
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            _kill_group(child.process.pid)
        self._children.clear()


def _is_ready(child: _Child) -> bool:
    ready = child.program.ready
    return ready is None or ready(child.log.read_text(encoding="utf-8", errors="replace"))


def _kill_group(leader: int) -> None:
    """Kill what a program has left behind in its process group; most leave nothing."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def describe_status(status: int) -> str:
    """Return an exit status in words, as subprocess counts it: negative for a signal."""
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """Return the last lines of a log, indented, under its path."""
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join([f"the end of {log}:", *(f"    {line}" for line in text)])


def last_line(log: Path) -> str:
    """Return the last line of a log that says something, or where it is."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else f"{log} is empty"


def interrupt_on_termination() -> None:
    """Make SIGTERM and SIGHUP end this process as Ctrl-C does, so that every way out stops what was started."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        # Once: what follows must not cut the stopping short.
        for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(each, interrupt)
