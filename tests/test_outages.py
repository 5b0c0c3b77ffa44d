"""What a broker, a cache or a database that is away costs: nothing that a request could do without. Real servers are ended."""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis
import requests

from devtools.databases import PostgresServer, RedisServer
from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import PortalServer, start_portal
from tests.test_production import production_environment

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("outages")]
# Far above what anything here takes, far below what was without an end.
_PATIENCE = 90
_READ = ["/", "/recipes/", "/recipes/{name}/", "/recipes/?q=greeting", "/api/v1/recipes/", "/api/v1/recipes/{name}/",
         "/api/v1/suggest/?q=hel", "/accounts/login/", "/feeds/new/"]  # fmt: skip


_SWEEP = (
    "from recipes_app.services.core import sending; from recipes_app.services.lint import jobs; "
    "jobs.sweep(); sending.wait_until_sent(30)"
)


class Site:
    """A production portal with servers of its own, and one recipe in it."""

    def __init__(self, folder: Path, postgres: PostgresServer) -> None:
        self.redis = RedisServer(_folder(folder, "redis"))
        self.folder = folder
        with psycopg.connect(postgres.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE outages")
        data = _folder(folder, "data")
        environment = production_environment(data, postgres.url.rsplit("/", 1)[0] + "/outages", self.redis.url)
        environment |= {"API_LIMIT_ADDRESS": "100000", "RESPONSE_CACHE_MIB": "0", "REVIEW_GATES": "observe"}
        PortalServer(data, environment).manage("collectstatic", "--noinput", "--verbosity", "0")
        self.portal = start_portal(data, **environment)
        self.token = self.portal.create_account("ada")
        self.voter = self.portal.manage("create_token", "ada", "--scope", "comment", "--scope", "read").strip()
        self.name = "hello-outage"
        self.checkout = _folder(folder, "checkout")
        self.version = 0
        assert self.push().status == 0

    def push(self):
        """Push the next version."""
        self.version += 1
        tree = recipe_tree(self.name, version=f"1.{self.version}-1")
        commit_tree(tree, self.checkout)
        return self.portal.git("push", self.portal.git_url(self.name, "ada", self.token), "HEAD:main", cwd=self.checkout)

    def get(self, path):
        return requests.get(self.portal.url + path.format(name=self.name), timeout=_PATIENCE)

    def vote(self, method="PUT"):
        return requests.request(
            method, f"{self.portal.url}/api/v1/recipes/{self.name}/vote/", timeout=_PATIENCE,
            headers={"Authorization": f"Bearer {self.voter}"},
        )  # fmt: skip


def _folder(above: Path, name: str) -> Path:
    made = above / name
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def site(postgres_server) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="portal-outages-") as folder:
        made = Site(Path(folder), postgres_server)
        yield made
        made.portal.stop()
        if made.redis._process.poll() is None:
            made.redis.stop()


def _is_answered(site: Site) -> None:
    for path in _READ:
        answer = site.get(path)
        assert answer.status_code == 200, (path, answer.status_code, site.portal.log[-3000:])
    for method in ("PUT", "DELETE"):
        assert site.vote(method).status_code in (200, 201, 204), site.portal.log[-3000:]


def _push_supersedes_a_queued_job(site: Site) -> None:
    """Each push recalls the message of the job before it, which no runner takes here."""
    for _ in range(2):
        pushed = site.push()
        assert pushed.status == 0, pushed.output
        assert any(line.startswith("published") for line in pushed.remote), pushed.output


def test_a_server_that_hangs_holds_nobody(site):
    os.kill(site.redis.pid, signal.SIGSTOP)
    try:
        _push_supersedes_a_queued_job(site)
        _is_answered(site)
    finally:
        os.kill(site.redis.pid, signal.SIGCONT)


def test_a_server_that_is_dead_holds_nobody(site):
    site.redis._process.kill()
    site.redis._process.wait()
    _push_supersedes_a_queued_job(site)
    _is_answered(site)
    # No lock is left behind, not in the store either.
    site.portal.manage("reconcile")


def test_what_no_broker_took_is_handed_out_later(site):
    """After the tests above: the jobs wait in the database, and another Redis gets them."""
    if site.redis._process.poll() is None:
        site.redis._process.kill()
    with tempfile.TemporaryDirectory(prefix="portal-redis-") as folder:
        environment = site.portal.environment
        other = RedisServer(Path(folder))
        try:
            server = PortalServer(site.portal.data, environment | {"REDIS_URL": other.url, "BROKER_URL": f"{other.url[:-1]}1"})
            until = time.monotonic() + _PATIENCE
            client = redis.Redis.from_url(f"{other.url[:-1]}1")
            while not client.llen("lint") and time.monotonic() < until:
                server.manage("shell", "--verbosity", "0", "--command", _SWEEP)
            assert client.llen("lint")
            client.close()
        finally:
            other.stop()


def test_a_database_that_is_away_is_no_mistake_of_ours(site, postgres_server):
    """Pages, API and git say 503 and when to come again."""
    with psycopg.connect(postgres_server.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
        connection.execute("ALTER DATABASE outages ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'outages'")
        try:
            page, record = site.get("/recipes/{name}/"), site.get("/api/v1/recipes/{name}/")
            advertised = site.get("/git/{name}.git/info/refs?service=git-upload-pack")
            vote, pushed = site.vote(), site.push()
        finally:
            connection.execute("ALTER DATABASE outages ALLOW_CONNECTIONS true")
    for answer, kind in ((page, "text/html"), (record, "application/problem+json"), (vote, "application/problem+json"),
                         (advertised, "text/plain")):  # fmt: skip
        assert answer.status_code == 503, (answer.url, answer.text, site.portal.log[-3000:])
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Content-Type"].startswith(kind)
    assert record.json()["code"] == "unavailable"
    assert "503" in pushed.output
    assert site.get("/").status_code == 200


def test_a_lock_that_is_held_for_long_is_told_as_well(site, postgres_server):
    with psycopg.connect(postgres_server.url.rsplit("/", 1)[0] + "/outages") as connection, ThreadPoolExecutor(1) as pool:
        connection.execute("LOCK TABLE recipes_app_vote IN ACCESS EXCLUSIVE MODE")
        answer = pool.submit(site.vote).result(_PATIENCE)
        connection.rollback()
    assert answer.status_code == 503, answer.text
    assert answer.headers["Retry-After"]


def test_a_locked_sqlite_is_told_as_well(tmp_path):
    server = start_portal(tmp_path, RESPONSE_CACHE_MIB="0")
    try:
        token = server.create_account("ada")
        voter = server.manage("create_token", "ada", "--scope", "comment", "--scope", "read").strip()
        commit = _folder(tmp_path, "checkout")
        commit_tree(recipe_tree("hello-locked"), commit)
        assert server.git("push", server.git_url("hello-locked", "ada", token), "HEAD:main", cwd=commit).status == 0
        with sqlite3.connect(tmp_path / "portal.sqlite3", isolation_level=None) as holder:
            holder.execute("BEGIN IMMEDIATE")
            answer = requests.put(
                f"{server.url}/api/v1/recipes/hello-locked/vote/", timeout=180, headers={"Authorization": f"Bearer {voter}"}
            )
            holder.execute("ROLLBACK")
        assert answer.status_code == 503, answer.text
        assert answer.headers["Retry-After"]
    finally:
        server.stop()
