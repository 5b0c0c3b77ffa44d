"""Acts that meet each other wait for each other, and none of them fails: on a real PostgreSQL."""

from __future__ import annotations

import json

import psycopg
import pytest

from tests.servers.portal import PortalServer
from tests.test_production import production_environment


@pytest.mark.server
def test_nobody_waits_for_one_who_waits_for_them(postgres_server, redis_server, tmp_path):
    with psycopg.connect(postgres_server.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE pairs")
    environment = production_environment(tmp_path, postgres_server.url.rsplit("/", 1)[0] + "/pairs", redis_server.url)
    server = PortalServer(tmp_path, environment | {"STAFF_NEEDS_SECOND_FACTOR": "no"})
    server.manage("migrate", "--verbosity", "0")
    printed = server.manage("shell", "--verbosity", "0", "--command", "from tests.concurrency import pairs; pairs.main()")
    done = json.loads(printed.strip().splitlines()[-1])
    assert not any(done["found"].values()), done
    assert done["deadlocks"] == 0, done
