"""What is tested on SQLite holds on PostgreSQL: the same tests, in a pytest of their own, against a real server."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.servers.migrated import migrate
from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).resolve().parent.parent
# The rooms that write or search the database, and a session for each: they spread over the workers.
ROOMS = (
    "tests/search",
    "tests/services/accounts tests/services/audit tests/services/builds tests/services/catalogue",
    "tests/services/community tests/services/core tests/services/gates",
    "tests/services/lint tests/services/moderation tests/services/test_housekeeping.py",
    "tests/services/notifications tests/services/operations tests/services/ownership tests/services/publishing",
    "tests/generator tests/dumps tests/api/test_files.py tests/api/test_catalogue.py tests/api/test_conditional.py",
)


@pytest.fixture(scope="session")
def migrated(postgres_server: PostgresServer) -> str:
    """A database with all tables, of which the sessions make theirs."""
    address = postgres_server.url.rsplit("/", 1)[0]
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE migrated")
    with tempfile.TemporaryDirectory(prefix="portal-migrated-") as data:
        migrate({"PORTAL_DATA": data, "PORTAL_TEST_DATABASE_URL": f"{address}/migrated"}, settings="portal.settings.test")
    return "migrated"


def test_every_room_of_the_services_is_one_of_these() -> None:
    folder = ROOT / "tests" / "services"
    parts = [path for path in folder.iterdir() if path.name.startswith("test_") or (path / "__init__.py").is_file()]
    assert {f"tests/services/{path.name}" for path in parts} <= {word for room in ROOMS for word in room.split()}


@pytest.mark.server
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.split()[0].rpartition("/")[2])
def test_a_rooms_tests_pass_on_postgresql(room: str, postgres_server: PostgresServer, migrated: str) -> None:
    environment = {**os.environ, "PORTAL_TEST_DATABASE_URL": postgres_server.url, "PORTAL_TEST_TEMPLATE": migrated}
    # A folder of its own is made by the settings: the two sessions share nothing.
    environment.pop("PORTAL_TEST_DATA", None)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not server", *room.split()],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    closing_line = result.stdout.strip().rpartition("\n")[2]
    sys.stdout.write(f"{room} on PostgreSQL: {closing_line}\n")
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert " passed" in closing_line
