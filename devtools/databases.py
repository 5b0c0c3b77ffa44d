"""Real PostgreSQL and Redis servers on loopback, for tests and benchmarks: clusters of their own in a folder of the caller's."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import psycopg

from .programs import ADDRESS, free_port, listens

START_SECONDS = 30
# initdb and postgres refuse to run as root; Debian's package makes this account.
_ACCOUNT = "postgres"
# For data that is thrown away: nothing has to survive a power cut.
CAREFREE: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off", "max_connections": "20"}
)
# A server that is to answer and not to use the machine's own sockets.
_LOOPBACK = {"unix_socket_directories": "", "listen_addresses": ADDRESS}


def _programs() -> Path:
    """Return the folder with the programs of the newest PostgreSQL that is installed. Raises RuntimeError without one."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if not folders:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql (./dev test does it)")
    return folders[-1]


class PostgresServer:
    """A running cluster. `url` is its address with a superuser's password, as settings take it."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = CAREFREE) -> None:
        """Start the cluster in `folder`, made where there is none yet, and return when it answers. Raises RuntimeError."""
        self._folder = folder
        self._settings = settings
        self._port = free_port()
        self._account = _ACCOUNT if os.geteuid() == 0 else None
        if self._account:
            account = pwd.getpwnam(self._account)
            os.chown(folder, account.pw_uid, account.pw_gid)
        password_file = folder / "password"
        if not (folder / "data" / "PG_VERSION").is_file():
            password_file.write_text(secrets.token_urlsafe(16), encoding="ascii")
            self._initialise(password_file)
        self._password = password_file.read_text(encoding="ascii")
        self._process = self._start()

    @property
    def url(self) -> str:
        """The address of a database `portal`; Django makes its test database beside it."""
        return f"postgresql://portal:{self._password}@{ADDRESS}:{self._port}/portal"

    @property
    def pid(self) -> int:
        """The process id of the server; one more process serves each connection."""
        return self._process.pid

    def create_database(self) -> None:
        """Make the database of `url`, where it is missing."""
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'").fetchone() is None:
                connection.execute("CREATE DATABASE portal")

    @property
    def _maintenance(self) -> str:
        return self.url.rsplit("/", 1)[0] + "/postgres"

    def _initialise(self, password_file: Path) -> None:
        subprocess.run(
            [
                str(_programs() / "initdb"), "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--username=portal",
                "--auth=scram-sha-256", f"--pwfile={password_file}", f"--pgdata={self._folder / 'data'}",
            ],
            check=True, capture_output=True, cwd=self._folder, user=self._account, group=self._account,
        )  # fmt: skip

    def _start(self) -> subprocess.Popen[bytes]:
        chosen = {**_LOOPBACK, **self._settings}
        options = [option for name, value in chosen.items() for option in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("wb") as log:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                [str(_programs() / "postgres"), "-D", str(self._folder / "data"), "-p", str(self._port), *options],
                stdout=log, stderr=subprocess.STDOUT, cwd=self._folder, user=self._account, group=self._account,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self._maintenance, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return process
        process.kill()
        raise RuntimeError("PostgreSQL did not start:\n" + (self._folder / "log").read_text(errors="replace")[-2000:])

    def stop(self) -> None:
        """End the server and every connection to it."""
        # PostgreSQL's fast shutdown (manual, 19.5).
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class RedisServer:
    """A running Redis that keeps nothing on disk. `url` is its address, as settings take it."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Start a server that works in `folder`; return when it answers. `options` are redis-server's. Raises RuntimeError."""
        self._port = free_port()
        command = [
            "redis-server", "--port", str(self._port), "--bind", ADDRESS, "--save", "", "--appendonly", "no",
            "--dir", str(folder), "--daemonize", "no", *options,
        ]  # fmt: skip
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            if listens(self._port):
                return
            time.sleep(0.05)
        self._process.kill()
        raise RuntimeError("Redis did not start:\n" + (folder / "log").read_text(errors="replace")[-2000:])

    @property
    def url(self) -> str:
        """The address of the first database."""
        return f"redis://{ADDRESS}:{self._port}/0"

    def url_of(self, user: str, password: str, database: int) -> str:
        """Return the address of a database for a user of an ACL file."""
        return f"redis://{user}:{password}@{ADDRESS}:{self._port}/{database}"

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    def stop(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(timeout=10)
