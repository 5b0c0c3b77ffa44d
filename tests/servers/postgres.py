"""A real PostgreSQL for tests: a cluster of its own on loopback, in a folder that is thrown away."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.databases import PostgresServer

__all__ = ["PostgresServer", "postgres_server"]


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
