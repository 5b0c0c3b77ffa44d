"""The portal as users meet it: gunicorn with threads, its own folder and database, driven over real sockets."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.servers.manager import Manager
from tests.servers.migrated import migrated_database

ROOT = Path(__file__).resolve().parent.parent.parent
_START_SECONDS = 30


@dataclass
class GitResult:
    """What the user's git did and said."""

    status: int
    output: str

    @property
    def remote(self) -> list[str]:
        """The lines that the server sent, without `remote: ` and trailing blanks."""
        lines = self.output.replace("\r", "\n").splitlines()
        return [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]


@dataclass
class PortalServer:
    """A running portal. `data` is its folder; `url` its address."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    _manager: Manager | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What gunicorn and the portal have logged so far."""
        return (self.data / "server.log").read_text(errors="replace")

    def start(self) -> None:
        """Start gunicorn on a free port (the same one after a restart) and wait until it answers."""
        self.port = self.port or _free_port()
        command = [
            *self.limits, sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{self.port}",
            "--worker-class", "gthread", "--workers", "1", "--threads", self.environment.get("WEB_THREADS", "8"),
            "--graceful-timeout", "5", "--no-control-socket",
        ]  # fmt: skip
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environ(), stdout=log, stderr=log)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the portal did not start:\n{self.log}")

    def stop(self) -> None:
        """Ask the server to end and wait for it."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(_START_SECONDS)

    def kill(self) -> None:
        """End master and worker at once, as a power cut would; what git processes do is theirs."""
        assert self.process is not None
        worker = self.worker_pid()
        self.process.kill()
        os.kill(worker, signal.SIGKILL)
        self.process.wait(_START_SECONDS)

    def restart(self) -> None:
        """Stop, if it runs, and start again with the same data."""
        self.stop()
        self.start()

    def worker_pid(self) -> int:
        """Return the process id of the gunicorn worker."""
        assert self.process is not None
        for _ in range(100):
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            if children:
                return int(children[0])
            time.sleep(0.05)
        raise RuntimeError("gunicorn has no worker")

    def manage(self, *arguments: str) -> str:
        """Run manage.py on the server's data, in a process of its own, and return what it printed."""
        environment = self.environ()
        if self._manager is None or self._manager.environment != environment:
            self._manager = Manager(environment)
        status, printed, said = self._manager.run(arguments)
        if status != 0:
            raise RuntimeError(f"manage.py {arguments}: {printed}{said}")
        return printed

    def create_account(self, username: str, rank: str = "user") -> str:
        """Make a verified account and return the secret of a token that reads and pushes."""
        self.manage("create_account", username, f"{username}@example.org", "--verified", "--rank", rank, "--no-password")
        return self.manage("create_token", username, "--scope", "push", "--scope", "read").strip()

    def git_url(self, name: str, username: str = "", secret: str = "") -> str:
        """Return the clone URL of a recipe, with credentials where they are given."""
        credentials = f"{username}:{secret}@" if username else ""
        return f"http://{credentials}{urlsplit(self.url).netloc}/git/{name}.git"

    def git(self, *arguments: str, cwd: Path, **environment: str) -> GitResult:
        """Run the real git client as a user with no configuration; return its status and all that it said."""
        ours = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
        result = subprocess.run(
            ["git", *arguments], cwd=cwd, env={**os.environ, **ours, **environment}, capture_output=True, text=True, check=False
        )
        return GitResult(result.returncode, result.stdout + result.stderr)

    def environ(self) -> dict[str, str]:
        """Return the environment of the server's processes, which inherits nothing that would change its settings."""
        settings = {
            "DJANGO_SETTINGS_MODULE": "portal.settings.embedded",
            "PORTAL_DATA": str(self.data),
            "PORTAL_URL": self.url,
            "PYTHONUNBUFFERED": "1",
        }
        ours = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "GIT_", "COV_"))}
        return {**ours, **settings, **self.environment}


def start_portal(data: Path, limits: tuple[str, ...] = (), **environment: str) -> PortalServer:
    """Return a running portal with its own empty database in `data`. `limits` is a command that gunicorn is run under."""
    server = PortalServer(data, environment, limits)
    server.port = _free_port()
    if environment.get("DATABASE_URL"):
        server.manage("migrate", "--verbosity", "0")
    else:
        shutil.copy(migrated_database(), data / "portal.sqlite3")
    server.start()
    return server


@pytest.fixture(scope="session")
def portal_server() -> Iterator[PortalServer]:
    """The portal for a whole test session; tests tell their recipes and accounts apart by name."""
    data = Path(tempfile.mkdtemp(prefix="portal-server-"))
    server = start_portal(data)
    yield server
    server.stop()
    shutil.rmtree(data, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
