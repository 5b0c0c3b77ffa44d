"""A real Redis for tests, on loopback, which keeps nothing on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.databases import RedisServer

__all__ = ["RedisServer", "redis_server"]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A server for the whole session, started when the first test asks for it."""
    with tempfile.TemporaryDirectory(prefix="portal-redis-") as folder:
        server = RedisServer(Path(folder))
        yield server
        server.stop()
