"""The process that starts others for `deadline`: one thread, the parsers loaded, no Django, no secret in its environment.

It reads orders from a socket: limits, and two descriptors with them. For each it forks a process, which reads the request from
the first descriptor and answers there; how the process ended is written to the second. It ends, and everything that it runs, when
the process that started it closes the socket or dies.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pickle
import resource
import selectors
import signal
import socket
import struct
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("!Q")
_ORDER_BYTES = 4_096
_SET_PDEATHSIG = 1
# What it forks: loaded once here.
_PRELOADED = (
    "recipes_app.formats.recipe",
    "recipes_app.lint.inspection",
    "recipes_app.lint.recipe_checks",
    "recipes_app.repos.source_uploads",
    "recipes_app.rendering.colours",
    "recipes_app.rendering.markdown_parser",
)
_LIBC = ctypes.CDLL(None, use_errno=True)
_FILES = 64
_MAX_WORDS = 500
_MAX_TRACE = 5_000
_REFRESH_SECONDS = 60
_NICE = 5


@dataclass
class _Running:
    """A process that works: until when, and where its end is told."""

    pid: int
    until: float
    status: int
    late: bool = False


def main(control_descriptor: int) -> None:
    """Serve orders until the socket is closed."""
    # Whoever imports it in a process of this server has made a mistake, and hears of it in the first test.
    sys.modules["django"] = None  # type: ignore[assignment]  # "not to be imported"
    control = socket.socket(fileno=control_descriptor)
    woken, waking = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waking, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
    for name in _PRELOADED:
        importlib.import_module(name)
    for name in ("colours", "markdown_parser"):
        importlib.import_module(f"recipes_app.rendering.{name}").prepare()
    names = _ArchiveNames()
    names.refresh()
    gc.collect()
    gc.freeze()
    running: dict[int, _Running] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select(_wait(running)):
                if key.fileobj is woken:
                    _emptied(woken)
                elif not _take_order(control, running, names):
                    for each in running.values():
                        os.killpg(each.pid, signal.SIGKILL)
                    return
            _look_after(running)


class _ArchiveNames:
    """The names in apt's lists, read here once for all processes, and again when a list has changed."""

    def __init__(self) -> None:
        self._at = 0.0

    def refresh(self) -> None:
        """Read what has changed, at most once a minute; a reader that fails is told of by the checks themselves."""
        if self._at and time.monotonic() - self._at < _REFRESH_SECONDS:
            return
        archive = importlib.import_module("recipes_app.lint.checks.archive")
        try:
            archive.archive_names()
        except archive.ArchiveUnknown as error:
            print(f"bounded work: {error}", file=sys.stderr)
        self._at = time.monotonic()


def _wait(running: dict[int, _Running]) -> float | None:
    """Return for how long nothing need be looked at."""
    waiting = [each.until for each in running.values() if not each.late]
    return max(0.0, min(waiting) - time.monotonic()) if waiting else None


def _emptied(pipe: int) -> None:
    try:
        while os.read(pipe, 512):
            continue
    except BlockingIOError:
        return


def _take_order(control: socket.socket, running: dict[int, _Running], names: _ArchiveNames) -> bool:
    """Start the process of the next order; return False once nobody can send any."""
    order, descriptors, _, _ = socket.recv_fds(control, _ORDER_BYTES, 2)
    if not order:
        return False
    if len(descriptors) != 2:
        for each in descriptors:
            os.close(each)
        return True
    names.refresh()
    limits: dict[str, Any] = json.loads(order)
    channel, status = descriptors
    until = time.monotonic() + limits["wall"]
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        _work(channel, server, limits)
    try:
        # Done on both sides, whichever comes first: from here on the group can be killed.
        os.setpgid(pid, pid)
    except (PermissionError, ProcessLookupError):
        print(f"bounded work: process {pid} has a group already", file=sys.stderr)
    os.close(channel)
    running[pid] = _Running(pid, until, status)
    return True


def _look_after(running: dict[int, _Running]) -> None:
    """Kill what is late; tell of what has ended."""
    now = time.monotonic()
    for each in list(running.values()):
        if not each.late and each.until <= now:
            each.late = True
            os.killpg(each.pid, signal.SIGKILL)
        ended = os.waitid(os.P_PID, each.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            continue
        # The dead leader still holds its number, so the group is its own: whatever it started ends with it.
        os.killpg(each.pid, signal.SIGKILL)
        _, status, used = os.wait4(each.pid, 0)
        signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        told = {
            "deadline": each.late, "signal": signalled, "status": os.waitstatus_to_exitcode(status),
            "cpu": used.ru_utime + used.ru_stime,
        }  # fmt: skip
        with socket.socket(fileno=each.status) as channel:
            try:
                channel.sendall(json.dumps(told).encode())
            except OSError as error:
                print(f"bounded work: nobody waits for process {each.pid}: {error}", file=sys.stderr)
        del running[each.pid]


def _work(descriptor: int, server: int, limits: dict[str, Any]) -> None:
    """Be the process: limit oneself, read the request, answer, end. Never returns."""
    code = 1
    try:
        _confine(descriptor, server, limits)
        with socket.socket(fileno=descriptor) as channel:
            name, arguments = pickle.loads(_request(channel))  # noqa: S301 - our own process has written it
            data = _answer(name, arguments, limits["result"])
            channel.sendall(_LENGTH.pack(len(data)))
            channel.sendall(data)
        code = 0
    except BaseException:  # noqa: BLE001 - a fork must not run on in the server's loop
        traceback.print_exc()
    finally:
        os._exit(code)


def _confine(descriptor: int, server: int, limits: dict[str, Any]) -> None:
    """Take away from this process what it does not need: the server's files, the group, time, memory, writing."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    _LIBC.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:
        os._exit(1)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, max(map(int, os.listdir("/proc/self/fd"))) + 1)  # noqa: PTH208 - the names are numbers
    os.nice(_NICE)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + limits["memory"]
    for what, soft, hard in (
        (resource.RLIMIT_CPU, limits["cpu"], limits["cpu"] + 1),
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, descriptor + _FILES, descriptor + _FILES),
    ):
        _, most = resource.getrlimit(what)
        resource.setrlimit(what, (soft, hard) if most == resource.RLIM_INFINITY else (min(soft, most), min(hard, most)))


def _request(channel: socket.socket) -> bytearray:
    """Return the request, which has its length before it. Raises EOFError where it breaks off."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    return _exactly(channel, length)


def _exactly(channel: socket.socket, length: int) -> bytearray:
    content = bytearray(length)
    view = memoryview(content)
    while view:
        count = channel.recv_into(view)
        if not count:
            raise EOFError("the request ends early")
        view = view[count:]
    return content


def _answer(name: str, arguments: tuple[Any, ...], limit: int) -> bytes:
    """Return the answer as bytes: what the function returned, raised, or why it cannot be said."""
    module, _, path = name.partition(":")
    function: Any = importlib.import_module(module)
    for part in path.split("."):
        function = getattr(function, part)
    try:
        data = pickle.dumps(("returned", function(*arguments)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return _failed("it needs more memory than it may have: make its input smaller")
    except Exception as error:  # noqa: BLE001 - what is ours goes back as it is, all else as words
        if type(error).__module__.startswith("recipes_app."):
            return pickle.dumps(("raised", error), pickle.HIGHEST_PROTOCOL)
        return _failed(f"{type(error).__name__}: {error}", traceback.format_exc())
    if len(data) > limit:
        return _failed(f"its result has {len(data)} bytes, at most {limit} are taken: make its input smaller")
    return data


def _failed(words: str, trace: str = "") -> bytes:
    return pickle.dumps(("failed", (words[:_MAX_WORDS], trace[-_MAX_TRACE:])), pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
