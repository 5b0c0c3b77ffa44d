"""manage.py without a start for each call: a process in which Django is ready forks another for each command.

A command has a process, memory and connections of its own, and ends as one does that a shell has started. Run as a program, this
is the process that forks: it reads lines of JSON and answers each with the status of the command.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class Manager:
    """Runs manage.py in `environment`. What it has started ends with it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start nothing yet: most servers are never asked."""
        self.environment = environment
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def run(self, arguments: Sequence[str]) -> tuple[int, str, str]:
        """Run a command and return its exit status and what it wrote on standard output and standard error."""
        with self._lock, tempfile.TemporaryDirectory(prefix="portal-manage-") as folder:
            output, errors = Path(folder, "output"), Path(folder, "errors")
            status = self._ask({"arguments": list(arguments), "output": str(output), "errors": str(errors)}, errors)
            said, complained = (path.read_text(errors="replace") if path.exists() else "" for path in (output, errors))
            return status, said, complained

    def _ask(self, request: Mapping[str, object], errors: Path) -> int:
        if self._process is None:
            with errors.open("wb") as stream:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "tests.servers.manager"],
                    cwd=ROOT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stream, text=True,
                )  # fmt: skip
            weakref.finalize(self, _end, self._process)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # Where the settings stop the start, its end has the reason on standard error, as that of any command.
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(request), file=self._process.stdin, flush=True)
        if answer := self._process.stdout.readline():
            return int(answer)
        _end(self._process)
        status, self._process = self._process.returncode, None
        return status or 1


def _end(process: subprocess.Popen[str]) -> None:
    """Close the pipe that the process waits on, and wait for its end."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(BrokenPipeError):
                stream.close()
    process.wait()


def _serve() -> list[str] | None:
    """Fork for each request. Returns its arguments in the child, and None in the parent when there are no more."""
    # A child that collects garbage would copy everything that is there now.
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            for name, descriptor in ((os.devnull, 0), (request["output"], 1), (request["errors"], 2)):
                opened = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
                os.dup2(opened, descriptor)
                os.close(opened)
            arguments: list[str] = request["arguments"]
            return arguments
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return None


def _main() -> None:
    import django  # noqa: PLC0415 - the settings are chosen by whoever starts this
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.urls import get_resolver  # noqa: PLC0415

    django.setup()
    # What the checks before a command import: all views.
    assert get_resolver().url_patterns
    assert threading.active_count() == 1, "a fork would leave the threads behind"
    arguments = _serve()
    if arguments is not None:
        execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    _main()
