"""What production keeps open: connections to PostgreSQL that are looked at for nothing, and counts in Redis in one step."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from devtools.databases import PostgresServer, RedisServer
from portal.postgresql.base import DatabaseWrapper
from portal.redis_cache import PortalRedisCache

pytestmark = pytest.mark.server


@pytest.fixture
def kept(postgres_server: PostgresServer, django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseWrapper]:
    """A connection as production's settings make it, between two requests."""
    at = urlsplit(postgres_server.url)
    settings = {
        "ENGINE": "portal.postgresql", "NAME": "postgres", "USER": at.username, "PASSWORD": at.password,
        "HOST": at.hostname, "PORT": at.port, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,
    }  # fmt: skip
    # By the alias that no model is read through: django.contrib.postgres then asks this server for no types.
    connection = ConnectionHandler({DEFAULT_DB_ALIAS: {}, NO_DB_ALIAS: settings})[NO_DB_ALIAS]
    with django_db_blocker.unblock():
        yield connection
        connection.close()


def ask(connection: DatabaseWrapper) -> int:
    """Return the process of the server that answers a new request."""
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_connection_that_is_well_is_kept_and_not_asked(kept, postgres_server):
    process = ask(kept)

    assert kept.is_usable()
    with psycopg.connect(postgres_server.url.rsplit("/", 1)[0] + "/postgres") as other:
        last = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [process]).fetchone()
    assert last == ("SELECT pg_backend_pid()",)
    assert ask(kept) == process


def test_a_connection_that_the_server_has_ended_is_made_anew(kept, postgres_server):
    process = ask(kept)
    with psycopg.connect(postgres_server.url.rsplit("/", 1)[0] + "/postgres") as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])

    assert not kept.is_usable()
    assert ask(kept) != process


def test_a_connection_that_was_closed_here_is_made_anew(kept):
    process = ask(kept)
    kept.connection.close()

    assert not kept.is_usable()
    assert ask(kept) != process


def test_a_notice_is_no_reason_to_leave(kept):
    with kept.cursor() as cursor:
        cursor.execute("LISTEN something")
        cursor.execute("NOTIFY something")
    process = ask(kept)
    with kept.cursor() as cursor:
        cursor.execute("NOTIFY something")

    assert kept.is_usable()
    assert ask(kept) == process


def test_counts_in_redis_miss_nothing_and_end(redis_server: RedisServer):
    cache = PortalRedisCache(redis_server.url, {"KEY_PREFIX": "limits"})
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nobody")
    cache.add("asker", 1, 60)

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: cache.incr("asker"), range(200)))

    assert sorted(seen) == list(range(2, 202))
    assert cache.incr("asker", 5) == 206
    cache.add("soon", 1, 0)
    with pytest.raises(ValueError, match="not found"):
        cache.incr("soon")
