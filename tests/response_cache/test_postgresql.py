"""Ready answers as production has them: PostgreSQL tells the web process what another process has written."""

import time

import psycopg
import pytest
import requests

from tests.response_cache.test_changes import notices
from tests.servers.portal import PortalServer, start_portal
from tests.test_production import production_environment

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("ready-answers")]

# Far above what a notice takes, and what the documentation promises.
_PROMISED_SECONDS = 2.0
_MAKE = """
from tests.search.catalogue import add_recipe, binary
add_recipe("hello-ready", binary("hello-ready", synopsis="friendly greeting"))
"""
_QUARANTINE = """
from django.utils import timezone
from recipes_app.models import Recipe
Recipe.objects.filter(name="hello-ready").update(quarantined_at=timezone.now(), quarantine_reason="it calls home")
"""
# A line of the log about a recipe, or about none.
_LINE = """
INSERT INTO recipes_app_event
    (at, kind, actor_name, recipe_name, account_name, public, private, private_digest, previous_hash, hash)
VALUES (now(), 'pushed', '', %s, '', '{}', '{}', '', '', %s)
"""


@pytest.fixture(scope="module")
def site(postgres_server, redis_server, tmp_path_factory):
    with psycopg.connect(postgres_server.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE ready")
    data = tmp_path_factory.mktemp("ready")
    environment = production_environment(data, postgres_server.url.rsplit("/", 1)[0] + "/ready", redis_server.url)
    environment |= {"API_LIMIT_ADDRESS": "0"}
    PortalServer(data, environment).manage("collectstatic", "--noinput", "--verbosity", "0")
    server = start_portal(data, **environment)
    server.manage("shell", "-c", _MAKE)
    yield server
    server.stop()


def ask(site: PortalServer, path: str = "/api/v1/recipes/hello-ready/") -> dict:
    return requests.get(f"{site.url}{path}", headers={"Accept": "application/json"}, timeout=10).json()


def given(site: PortalServer) -> float:
    """Return how many requests the worker that answers has answered with what it kept."""
    lines = requests.get(f"{site.url}/metrics", timeout=10).text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("portal_ready_answers_given_total"))


def test_answers_are_kept_and_a_write_of_another_process_ends_that_in_time(site):
    deadline = time.monotonic() + 20
    while given(site) == 0 and time.monotonic() < deadline:
        ask(site)
    assert given(site) > 0
    assert not ask(site)["quarantined"]
    site.manage("shell", "-c", _QUARANTINE)
    written = time.monotonic()
    while time.monotonic() < written + _PROMISED_SECONDS:
        ask(site)
    assert [ask(site)["quarantined"] for _ in range(20)] == [True] * 20


def test_every_watched_table_tells(site, postgres_server):
    """A row that is touched sends a notice from each watched table; an untouched table sends none."""
    url = postgres_server.url.rsplit("/", 1)[0] + "/ready"
    with psycopg.connect(url, autocommit=True) as listener, psycopg.connect(url, autocommit=True) as writer:
        listener.execute(f"LISTEN {notices.CHANNEL}")
        for table in notices.BY_STATEMENT:
            column = "username = username" if table == "user" else _any_column(writer, table)
            writer.execute(f"UPDATE recipes_app_{table} SET {column} WHERE false")
            assert [each.payload for each in listener.notifies(timeout=5, stop_after=1)] == [""], table
        writer.execute("UPDATE recipes_app_revision SET version = version")
        assert [each.payload for each in listener.notifies(timeout=5, stop_after=1)] == ["hello-ready"]
        writer.execute("UPDATE recipes_app_recipe SET name = 'hello-again' WHERE name = 'hello-ready'")
        assert sorted(each.payload for each in listener.notifies(timeout=5, stop_after=2)) == ["hello-again", "hello-ready"]
        for name in ("hello-again", ""):
            writer.execute(_LINE, [name, f"hash of {name}"])
            assert [each.payload for each in listener.notifies(timeout=5, stop_after=1)] == [name]
        writer.execute("UPDATE recipes_app_user SET last_login = now() WHERE false")
        assert list(listener.notifies(timeout=0.5)) == []
        triggers = writer.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'recipes_app_tell'").fetchall()
        assert {name for (name,) in triggers} == {
            f"recipes_app_{table}" for table in ("recipe", "event", *notices.BY_ROW, *notices.BY_STATEMENT)
        }


def _any_column(connection: psycopg.Connection, table: str) -> str:
    name = connection.execute(
        "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum LIMIT 1",
        [f"recipes_app_{table}"],
    ).fetchone()[0]
    return f"{name} = {name}"


def test_the_listener_comes_back_after_the_server_has_thrown_it_out(site, postgres_server):
    url = postgres_server.url.rsplit("/", 1)[0] + "/ready"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'ready' AND pid <> pg_backend_pid()"
        )
        connection.execute("UPDATE recipes_app_recipe SET vote_count = 7")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        answers = [ask(site, "/api/v1/recipes/?limit=1&quarantined=any")["results"][0]["votes"] for _ in range(10)]
        if answers == [7] * 10:
            break
    assert answers == [7] * 10
    before = given(site)
    while given(site) <= before and time.monotonic() < deadline:
        ask(site, "/api/v1/recipes/?limit=1&quarantined=any")
    assert given(site) > before
