"""Work on hostile input with an end: one function of ours, run in a process of its own that is limited and killed in time.

A thread cannot be stopped, and a web process has many: a loop over what somebody wrote would hold one for as long as they like.
`run_bounded` gives such work to a process without Django and database, with limits for the processor's time, memory and files
(setrlimit(2)), and with a wall clock after which its whole group is killed. `bounded_server` starts these processes: this one has
threads, and a fork of it could hang at any lock that another thread holds. No Django.
"""

from __future__ import annotations

import atexit
import io
import json
import logging
import math
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from .limits import (
    BOUNDED_AT_ONCE,
    BOUNDED_CPU_SECONDS,
    BOUNDED_MEMORY_BYTES,
    BOUNDED_RESULT_BYTES,
    BOUNDED_START_SECONDS,
    BOUNDED_WALL_SECONDS,
    KIB,
)

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_LENGTH = struct.Struct("!Q")
# What the server says in the end of a process: see bounded_server.
_MAX_STATUS_BYTES = 4 * KIB
# The server has its own clock and is the one that kills; this one is for a server that does not answer.
_GRACE_SECONDS = 5.0
_PACKAGE = __name__.partition(".")[0]
_PLAIN = {
    "builtins": {"set", "frozenset", "bytearray", "complex", "range", "slice"},
    "collections": {"OrderedDict", "Counter"},
    "datetime": {"date", "datetime", "time", "timedelta", "timezone"},
    "pathlib": {"PurePosixPath"},
}


class WorkFailed(Exception):
    """The work came to no result; the text says what happened and what to do."""


class DeadlineExceeded(WorkFailed):
    """The work was not done in its time; the text says which limit was met and what to do."""


class NoPlace(DeadlineExceeded):
    """Nothing was done: as much work as this process has done at a time was under way."""


def run_bounded(
    function: Callable[..., Result],
    *arguments: Any,
    wall_seconds: float = BOUNDED_WALL_SECONDS,
    cpu_seconds: float = BOUNDED_CPU_SECONDS,
    memory_bytes: int = BOUNDED_MEMORY_BYTES,
    result_bytes: int = BOUNDED_RESULT_BYTES,
    wait_seconds: float | None = None,
) -> Result:
    """Return what `function(*arguments)` returns, done in a process of its own with these limits.

    `function` stands at the top of a module without Django. What it takes and returns is plain data: built-in types, dataclasses
    and enumerations of this package. An exception of this package comes back as it was raised. Raises DeadlineExceeded where the
    clock or the processor's time ended it, NoPlace (one of these) where BOUNDED_AT_ONCE others were under way for all of
    `wait_seconds` (the wall clock's where it is not given), and WorkFailed for everything else: memory, a result that is too
    large or not plain, any other exception.
    """
    limits = {
        "wall": wall_seconds, "cpu": max(1, math.ceil(cpu_seconds)), "memory": memory_bytes, "result": result_bytes,
    }  # fmt: skip
    request = pickle.dumps((f"{function.__module__}:{function.__qualname__}", arguments), pickle.HIGHEST_PROTOCOL)
    name = function.__qualname__
    wait = wall_seconds if wait_seconds is None else wait_seconds
    places = _places
    if not places.acquire(timeout=wait):
        raise NoPlace(f"{name} found no free place in {wait:g} seconds: try again later")
    try:
        answer, status = _server.ask(request, limits)
    finally:
        places.release()
    result: Result = _result(name, answer, status, limits)
    return result


def start() -> None:
    """Start the server of this process, if it is not there, without waiting for it: the first look is then as quick as others."""
    _server.start()


def stop() -> None:
    """End the server of this process with everything that it runs; the next look starts another."""
    _server.stop()


def _result(name: str, answer: bytes, status: dict[str, Any], limits: dict[str, Any]) -> Any:
    """Return or raise what came of the work."""
    if status.get("deadline"):
        raise DeadlineExceeded(f"{name} took more than {limits['wall']:g} seconds: make its input smaller or simpler")
    ended_by = status.get("signal")
    if ended_by in (signal.SIGXCPU, signal.SIGKILL) and status.get("cpu", 0) >= limits["cpu"] - 1:
        taken = f"{limits['cpu']} seconds of the processor"
        raise DeadlineExceeded(f"{name} took more than {taken}: make its input smaller or simpler")
    if ended_by or len(answer) < _LENGTH.size:
        what = f"by signal {ended_by}" if ended_by else f"with status {status.get('status')} and without an answer"
        raise WorkFailed(f"{name} ended {what}: see the log for why, and try again")
    try:
        kind, value = _PlainUnpickler(io.BytesIO(answer[_LENGTH.size :])).load()
    except Exception as error:  # whatever a damaged answer makes of the unpickler
        raise WorkFailed(f"{name} gave an answer that is no plain data: {error}") from error
    if kind == "raised" and isinstance(value, BaseException):
        raise value
    if kind != "returned":
        words, trace = value
        if trace:
            logger.error("bounded work failed: %s", trace)
        raise WorkFailed(f"{name} failed: {words}")
    return value


class _PlainUnpickler(pickle.Unpickler):
    """Reads an answer without trusting it: dataclasses, enumerations and exceptions of this package, nothing that acts."""

    def find_class(self, module_name: str, global_name: str) -> Callable[..., object]:
        """Return the class of this name. Raises UnpicklingError for all but plain ones."""
        if (module_name, global_name) == ("builtins", "getattr"):
            # How Python 3.11 writes the member of an enumeration.
            return _member
        if global_name in _PLAIN.get(module_name, ()):
            plain: type = super().find_class(module_name, global_name)
            return plain
        if module_name == _PACKAGE or module_name.startswith(f"{_PACKAGE}."):
            found = super().find_class(module_name, global_name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, (Enum, Exception, tuple))):
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not plain")


def _member(kind: object, name: str) -> Enum:
    """Return a member of an enumeration. Raises UnpicklingError for anything else's attribute."""
    if not (isinstance(kind, type) and issubclass(kind, Enum) and name in kind.__members__):
        raise pickle.UnpicklingError(f"{name!r} is no member of an enumeration")
    return kind.__members__[name]


class _Server:
    """The server of this process: started when it is first needed, and again after it has died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._answered = False

    def start(self) -> socket.socket:
        """Return the way to a server that lives."""
        with self._lock:
            if self._control is None or self._process is None or self._process.poll() is not None:
                self._end()
                self._control = self._begin()
            return self._control

    def stop(self) -> None:
        """End the server."""
        with self._lock:
            self._end()

    def discard(self, control: socket.socket | None) -> None:
        """End the server behind `control`, which did not answer; not another that has taken its place."""
        with self._lock:
            if control is self._control:
                self._end()

    def forget(self) -> None:
        """Leave the server to the process that has started it: this one is its fork."""
        self._lock = threading.Lock()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            # A fork cannot wait for it, and Popen would complain.
            self._process.returncode = 0
        self._process = self._control = None
        self._answered = False

    def ask(self, request: bytes, limits: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
        """Return the answer to `request`, and how the process ended. Raises DeadlineExceeded, WorkFailed."""
        for attempt in (1, 2):
            ours, theirs = socket.socketpair()
            told, telling = socket.socketpair()
            control = None
            with ours, told:
                try:
                    with theirs, telling:
                        control = self.start()
                        socket.send_fds(control, [json.dumps(limits).encode()], [theirs.fileno(), telling.fileno()])
                    return self._converse(ours, told, request, limits)
                except TimeoutError as error:
                    self.discard(control)
                    raise DeadlineExceeded("the server of bounded work did not answer: it is started anew, try again") from error
                except OSError as error:
                    # A process that was killed closes its sockets before anybody can wait for it: poll() does not tell yet.
                    self.discard(control)
                    if attempt == 2:
                        raise WorkFailed(f"the server of bounded work cannot be reached: {error}") from error
        raise AssertionError("unreachable")

    def _converse(
        self, ours: socket.socket, told: socket.socket, request: bytes, limits: dict[str, Any]
    ) -> tuple[bytes, dict[str, Any]]:
        """Send the request, read the answer, then how the process ended. Raises OSError, also where the server died."""
        start = 0.0 if self._answered else BOUNDED_START_SECONDS
        until = time.monotonic() + limits["wall"] + _GRACE_SECONDS + start
        try:
            ours.settimeout(max(0.01, until - time.monotonic()))
            ours.sendall(_LENGTH.pack(len(request)))
            ours.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            # It was killed before it had read all of it: what ended it is told below.
            pass
        answer = _read(ours, limits["result"] + _LENGTH.size, until)
        status = _read(told, _MAX_STATUS_BYTES, until)
        if not status:
            raise ConnectionResetError("it died")
        self._answered = True
        return answer, json.loads(status)

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", f"{_PACKAGE}.bounded_server", str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                env=_environment(), start_new_session=True,
            )  # fmt: skip
        ours.settimeout(_GRACE_SECONDS)
        return ours

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._control = None
        self._answered = False


def _read(channel: socket.socket, limit: int, until: float) -> bytes:
    """Return what comes until the other side closes; at most `limit` bytes. Raises TimeoutError, OSError."""
    pieces = []
    size = 0
    while size <= limit:
        channel.settimeout(max(0.01, until - time.monotonic()))
        try:
            piece = channel.recv(256 * KIB)
        except ConnectionResetError:
            # It ended with a part of the request unread.
            break
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _environment() -> dict[str, str]:
    """Return what the server's processes know: where the code is, and no secret of ours."""
    ours = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "TZ") if key in os.environ}
    return {**ours, "PYTHONPATH": str(Path(__file__).resolve().parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}


_places = threading.BoundedSemaphore(BOUNDED_AT_ONCE)
_server = _Server()


def _after_fork() -> None:
    global _places  # noqa: PLW0603 - the places that were taken belong to threads that are not here
    _places = threading.BoundedSemaphore(BOUNDED_AT_ONCE)
    _server.forget()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(stop)
