"""`./dev bench ssh`: how long sshd waits for the check of a key, on SQLite and on PostgreSQL.

The check is run as sshd runs it: a new process for each key that is offered. Every connection waits for it, an unknown key's too.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from devtools.bootstrap import say
from recipes_app.transports.ssh import authorized_keys
from tests.servers.postgres import PostgresServer

from .push import machine
from .servers import manage, portal_environment

GOAL_SECONDS = 0.100
KEYS = 10_000
_TABLE = "recipes_app_sshkey"
_COLUMNS = "user_id, name, key_type, blob, fingerprint, created_at"
_KNOWN = ("SHA256:key-5000", "ssh-ed25519", "blob-5000")
_UNKNOWN = ("SHA256:nobody", "ssh-ed25519", "nothing")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and return 0 where every median is within the goal, 1 where one is not."""
    parser = argparse.ArgumentParser(prog="./dev bench ssh", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="checks of each kind (default: 40)")
    rounds: int = parser.parse_args(arguments).rounds
    # Each in a folder of its own: the cluster's is given to the account that PostgreSQL runs as.
    with tempfile.TemporaryDirectory(prefix="bench-ssh-") as name, tempfile.TemporaryDirectory(prefix="bench-ssh-") as cluster:
        folder = Path(name)
        server = PostgresServer(Path(cluster))
        try:
            address = server.url.rsplit("/", 1)[0] + "/postgres"
            cases = {"SQLite": _portal(folder / "sqlite", ""), "PostgreSQL": _portal(folder / "postgresql", address)}
            times = {
                (label, known): [_check(file, key, known=known) for _ in range(rounds)]
                for label, file in cases.items()
                for known, key in ((True, _KNOWN), (False, _UNKNOWN))
            }
        finally:
            server.stop()
    return _report(rounds, times)


def _portal(data: Path, database_url: str) -> Path:
    """Make a portal's database with KEYS keys; return the environment file that sshd would be given."""
    say(f"{KEYS} keys in {'PostgreSQL' if database_url else 'SQLite'}")
    data.mkdir()
    environment = portal_environment(data, 0)
    if database_url:
        # The one setting that puts PostgreSQL beneath a portal without mail, Redis and the rest of production.
        environment |= {"DJANGO_SETTINGS_MODULE": "portal.settings.test", "PORTAL_TEST_DATABASE_URL": database_url}
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "create_account", "bench", "bench@dur.invalid", "--verified", "--no-password")
    rows = f"FROM numbers WHERE n <= {KEYS}"
    values = "1, 'laptop', 'ssh-ed25519', 'blob-' || n, 'SHA256:key-' || n, '2026-11-24'"
    statement = (
        f"INSERT INTO {_TABLE} ({_COLUMNS}) WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers"
        f" WHERE n < {KEYS}) SELECT {values} {rows}"
    )
    if database_url:
        with psycopg.connect(database_url) as connection:
            # Literals of a SELECT are text; in a column of time they are read as one.
            connection.execute(statement.replace("'2026-11-24'", "TIMESTAMP '2026-11-24'"))
    else:
        manage(environment, "shell", "-c", f"from django.db import connection as c; c.cursor().execute({statement!r})")
    file = data / "environment"
    lines = [f"PORTAL_DATA={data}\n"] + ([f'DATABASE_URL="{database_url}"\n'] if database_url else [])
    file.write_text("".join(lines), encoding="utf-8")
    return file


def _check(environment_file: Path, key: Sequence[str], *, known: bool) -> float:
    """Return the seconds of one check. Raises RuntimeError where its answer is wrong: a wrong answer's time tells nothing."""
    command = ["/usr/bin/python3", "-I", "-S", authorized_keys.__file__, str(environment_file), *key]
    began = time.perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if result.returncode != 0 or bool(result.stdout) != known:
        raise RuntimeError(f"the check of {key[0]} ended with status {result.returncode} and said {result.stdout!r}")
    return seconds


def _report(rounds: int, times: dict[tuple[str, bool], list[float]]) -> int:
    print(f"\n{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}; {rounds} checks each, median (90th percentile)\n")
    worst = 0.0
    for (label, known), seconds in times.items():
        median = statistics.median(seconds)
        worst = max(worst, median)
        tail = statistics.quantiles(seconds, n=10)[-1]
        print(f"{label:12}{'known key' if known else 'unknown key':14}{median * 1000:6.0f} ({tail * 1000:.0f}) ms")
    met = worst <= GOAL_SECONDS
    verdict = "met     " if met else "MISSED  "
    print(f"\n{verdict}check of a key: {worst * 1000:.0f} ms at the median, at most {GOAL_SECONDS * 1000:.0f}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
