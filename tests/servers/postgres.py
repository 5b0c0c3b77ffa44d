"""A real PostgreSQL for tests: a cluster of its own on loopback, in a folder that is thrown away."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_START_SECONDS = 30
# initdb and postgres refuse to run as root; Debian's package makes this account.
_ACCOUNT = "postgres"
# The data is thrown away: nothing has to survive a power cut.
_CAREFREE = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "max_connections": "20",
    "unix_socket_directories": "", "listen_addresses": "127.0.0.1",
}  # fmt: skip


def _programs() -> Path:
    """Return the folder with the programs of the newest PostgreSQL that is installed. Raises RuntimeError without one."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if not folders:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql (./dev test does it)")
    return folders[-1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """A running cluster. `url` is its address with a superuser's password, as settings take it."""

    def __init__(self, folder: Path) -> None:
        """Make the cluster in `folder`, which is empty, and start it; return when it answers."""
        self._folder = folder
        self._password = secrets.token_urlsafe(16)
        self._port = _free_port()
        self._as_account: dict[str, str] = {}
        if os.geteuid() == 0:
            self._as_account = {"user": _ACCOUNT, "group": _ACCOUNT}
            account = pwd.getpwnam(_ACCOUNT)
            os.chown(folder, account.pw_uid, account.pw_gid)
        self._initialise()
        self._process = self._start()

    @property
    def url(self) -> str:
        """The address of a database `portal`; Django makes its test database beside it."""
        return f"postgresql://portal:{self._password}@127.0.0.1:{self._port}/portal"

    def _initialise(self) -> None:
        password_file = self._folder / "password"
        password_file.write_text(self._password, encoding="ascii")
        subprocess.run(
            [
                str(_programs() / "initdb"), "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--username=portal",
                "--auth=scram-sha-256", f"--pwfile={password_file}", f"--pgdata={self._folder / 'data'}",
            ],
            check=True, capture_output=True, cwd=self._folder, **self._as_account,  # type: ignore[call-overload]
        )  # fmt: skip

    def _start(self) -> subprocess.Popen[bytes]:
        options = [option for name, value in _CAREFREE.items() for option in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("wb") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                [str(_programs() / "postgres"), "-D", str(self._folder / "data"), "-p", str(self._port), *options],
                stdout=log, stderr=subprocess.STDOUT, cwd=self._folder, **self._as_account,  # type: ignore[call-overload]
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url.rsplit("/", 1)[0] + "/postgres", connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return process
        process.kill()
        raise RuntimeError("PostgreSQL did not start:\n" + (self._folder / "log").read_text(errors="replace")[-2000:])

    def stop(self) -> None:
        """End the server and every connection to it."""
        # SIGINT is PostgreSQL's fast shutdown (manual, 19.5).
        self._process.send_signal(2)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A server for the whole session, started when the first test asks for it."""
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    try:
        server = PostgresServer(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
