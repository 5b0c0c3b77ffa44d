"""A real Redis for tests, on loopback, which keeps nothing on disk."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_START_SECONDS = 15


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    """A running server. `url` is its address, as settings take it."""

    def __init__(self, folder: Path) -> None:
        """Start a server that works in `folder`; return when it answers. Raises RuntimeError where it does not."""
        self._port = _free_port()
        command = [
            "redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            "--dir", str(folder), "--daemonize", "no",
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        deadline = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        self._process.kill()
        raise RuntimeError("Redis did not start:\n" + (folder / "log").read_text(errors="replace")[-2000:])

    @property
    def url(self) -> str:
        """The address of the first database."""
        return f"redis://127.0.0.1:{self._port}/0"

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(timeout=10)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A server for the whole session, started when the first test asks for it."""
    with tempfile.TemporaryDirectory(prefix="portal-redis-") as folder:
        server = RedisServer(Path(folder))
        yield server
        server.stop()
