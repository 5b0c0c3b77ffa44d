"""The site that is measured: PostgreSQL and Redis of its own, a generated catalogue, gunicorn as deploy/ starts it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from devtools.bootstrap import ROOT, say
from devtools.databases import PostgresServer, RedisServer
from devtools.programs import ADDRESS, answers, free_port
from devtools.supervisor import Program, Supervisor

_UNIT = ROOT / "deploy" / "dur-web.service"
_START_SECONDS = 60.0
# A server with a quarter of a small machine's memory, and nothing that has to outlive a power cut: the data is generated.
_POSTGRES = {
    "shared_buffers": "1GB", "work_mem": "16MB", "max_connections": "50", "fsync": "off", "synchronous_commit": "off",
    "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "4GB", "autovacuum": "off",
}  # fmt: skip


class CannotMeasure(Exception):
    """Something is not as a measurement needs it; the text says what to do."""


@dataclass(frozen=True)
class Size:
    """How large the catalogue is."""

    recipes: int
    users: int
    votes: int
    comments: int
    # Recipes whose pages are measured have a README in git.
    repositories: int
    seed: int = 1
    # Fixed, so that two runs on different days measure the same rows.
    until: str = "2026-11-01"

    @classmethod
    def of(cls, recipes: int) -> Size:
        """Return the size that belongs to so many recipes: as many accounts and comments, ten times the votes."""
        return cls(recipes, max(30, recipes), recipes * 10 if recipes >= 30 else 0, recipes, min(recipes, 300))


@dataclass(frozen=True)
class Site:
    """A running site. `environment` is what its management commands need."""

    url: str
    environment: dict[str, str]
    folder: Path
    web: int
    database: int
    redis: int

    @property
    def processes(self) -> dict[str, Sequence[int]]:
        """The processes whose time is counted, by name."""
        return {"web": [self.web], "database": [self.database], "redis": [self.redis]}


@contextmanager
def running_site(size: Size, kept: Path | None) -> Iterator[Site]:
    """Start a site with a catalogue of `size`; everything ends with the block. `kept` is a folder that keeps the catalogue.

    Raises CannotMeasure where `kept` holds another one, CalledProcessError where a command fails.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bench-")))
        data = kept if kept is not None else folder / "data"
        (data / "postgres").mkdir(parents=True, exist_ok=True)
        # PostgreSQL works under an account of its own, and has to reach its folder.
        for each in (folder, data):
            each.chmod(0o755)
        _check_kept(data, size)
        say("starting PostgreSQL and Redis")
        database = PostgresServer(data / "postgres", _POSTGRES)
        stack.callback(database.stop)
        (folder / "redis").mkdir()
        redis = RedisServer(folder / "redis")
        stack.callback(redis.stop)
        port = free_port()
        environment = _environment(database, redis, data, port)
        _prepare(database, environment, data, size)
        supervisor = stack.enter_context(Supervisor(folder / "log", working_folder=ROOT))
        web = supervisor.start(Program("web", gunicorn("portal.wsgi", port), environment, _ready(port)))
        supervisor.wait_until_ready(_START_SECONDS)
        yield Site(f"http://{ADDRESS}:{port}", environment, folder, web, database.pid, redis.pid)


@contextmanager
def running_bare(site: Site, bodies: Path) -> Iterator[tuple[str, int]]:
    """Start the bare view (`benchmarks.bare`) on the bodies of a file, under the same gunicorn; yields address and process."""
    port = free_port()
    environment = {**site.environment, "DJANGO_SETTINGS_MODULE": "benchmarks.bare", "BARE_BODIES": str(bodies)}
    with Supervisor(site.folder / "log-bare", working_folder=ROOT) as supervisor:
        web = supervisor.start(Program("bare", gunicorn("benchmarks.bare", port), environment, _ready(port)))
        supervisor.wait_until_ready(_START_SECONDS)
        yield f"http://{ADDRESS}:{port}", web


def gunicorn(application: str, port: int) -> tuple[str, ...]:
    """Return the command of production: the unit's, on another port and with this checkout's Python. Raises CannotMeasure."""
    starts = [line.partition("=")[2] for line in _UNIT.read_text(encoding="utf-8").splitlines() if line.startswith("ExecStart=")]
    words = shlex.split(starts[0].replace("${WEB_THREADS}", web_threads())) if starts else []
    if "portal.wsgi" not in words or "--bind" not in words:
        raise CannotMeasure(f"{_UNIT} starts no gunicorn that can be put on another port: look at its ExecStart")
    words[words.index("portal.wsgi")] = application
    words[words.index("--bind") + 1] = f"{ADDRESS}:{port}"
    return (sys.executable, "-m", "gunicorn", *words[1:], "--no-control-socket")


def web_threads() -> str:
    """Return the number of threads that the unit gives each web process. Raises CannotMeasure."""
    for line in _UNIT.read_text(encoding="utf-8").splitlines():
        if line.startswith("Environment=WEB_THREADS="):
            return line.rpartition("=")[2]
    raise CannotMeasure(f"{_UNIT} does not say WEB_THREADS")


def run(environment: dict[str, str], *words: str, given: str = "") -> str:
    """Run a module of ours in the site's environment; return what it printed. Raises CalledProcessError."""
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, env=environment, cwd=ROOT, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout


def _ready(port: int) -> Callable[[str], bool]:
    return lambda _log: answers(f"http://{ADDRESS}:{port}/")


def _environment(database: PostgresServer, redis: RedisServer, data: Path, port: int) -> dict[str, str]:
    ours = {
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "DATABASE_URL": database.url,
        "REDIS_URL": redis.url,
        "BROKER_URL": f"{redis.url.rpartition('/')[0]}/1",
        "SECRET_KEY": "measured-and-thrown-away",
        "ALLOWED_HOSTS": ADDRESS,
        "PORTAL_URL": f"http://{ADDRESS}:{port}",
        "PORTAL_DATA": str(data / "portal"),
        "PORTAL_LOG_LEVEL": "WARNING",
        "WEB_THREADS": web_threads(),
        # One address asks for everything here: it is counted, as every other is, and never refused.
        "API_LIMIT_ADDRESS": "1000000000",
        "EMAIL_URL": "consolemail://",
        "DEFAULT_FROM_EMAIL": "bench@dur.invalid",
    }
    return {**{key: value for key, value in os.environ.items() if not key.startswith("PORTAL_")}, **ours}


def _check_kept(data: Path, size: Size) -> None:
    note = data / "catalogue.json"
    if note.is_file() and json.loads(note.read_text(encoding="utf-8")) != asdict(size):
        raise CannotMeasure(f"{data} keeps a catalogue of another size: remove it, or give another folder with --data")
    if not note.is_file() and (data / "postgres" / "data").exists():
        raise CannotMeasure(f"{data} holds a catalogue that was not finished: remove it")


def _prepare(database: PostgresServer, environment: dict[str, str], data: Path, size: Size) -> None:
    """Bring the schema up to date, and fill it where it is empty."""
    database.create_database()
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], env=environment, cwd=ROOT, check=True)
    subprocess.run([*manage, "collectstatic", "--noinput", "--verbosity", "0"], env=environment, cwd=ROOT, check=True)
    note = data / "catalogue.json"
    if note.is_file():
        return
    say(f"generating {size.recipes} recipes")
    started = time.monotonic()
    options = [word for key, value in asdict(size).items() for word in (f"--{key}", str(value))]
    subprocess.run([*manage, "generate_catalogue", "--production", *options], env=environment, cwd=ROOT, check=True)
    say(f"generated in {time.monotonic() - started:.0f} s; analysing")
    subprocess.run(["psql", "--quiet", "--no-psqlrc", "-c", "VACUUM ANALYZE", database.url], check=True)
    note.write_text(json.dumps(asdict(size)), encoding="utf-8")
