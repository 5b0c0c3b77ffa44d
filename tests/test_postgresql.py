"""What is tested on SQLite holds on PostgreSQL: the same tests, in a pytest of their own, against a real server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).resolve().parent.parent
# The rooms that write or search the database.
ROOMS = (
    "tests/search",
    "tests/services",
    "tests/generator",
    "tests/dumps",
    "tests/api/test_files.py",
    "tests/api/test_catalogue.py",
    "tests/api/test_conditional.py",
)


@pytest.mark.server
@pytest.mark.parametrize("room", ROOMS)
def test_a_rooms_tests_pass_on_postgresql(room: str, postgres_server: PostgresServer) -> None:
    environment = {**os.environ, "PORTAL_TEST_DATABASE_URL": postgres_server.url}
    # A folder of its own is made by the settings: the two sessions share nothing.
    environment.pop("PORTAL_TEST_DATA", None)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not server", room],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    closing_line = result.stdout.strip().rpartition("\n")[2]
    sys.stdout.write(f"{room} on PostgreSQL: {closing_line}\n")
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-2000:]
    assert " passed" in closing_line
