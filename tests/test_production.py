"""The production settings as deploy/ starts them: PostgreSQL, Redis, gunicorn, worker and runner, from push to lint report."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
import requests

from devtools.databases import RedisServer
from tests.factories import commit_tree, recipe_tree
from tests.servers.portal import ROOT, PortalServer, start_portal

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("production")]

_LINT_SECONDS = 90


def production_environment(data: Path, database_url: str, redis_url: str) -> dict[str, str]:
    """What an operator writes into deploy/portal.env."""
    return {
        "DJANGO_SETTINGS_MODULE": "portal.settings.production",
        "PORTAL_DATA": str(data),
        "SECRET_KEY": "a long secret of the test",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "BROKER_URL": f"{redis_url.rpartition('/')[0]}/1",
        "EMAIL_URL": "dummymail://",
        "DEFAULT_FROM_EMAIL": "portal@example.org",
        "REVIEW_GATES": "young-account=off,newcomer=off",
    }


@pytest.fixture(scope="module")
def guarded_redis(tmp_path_factory) -> Iterator[RedisServer]:
    """Redis with the users of deploy/users.acl; their passwords are what stands there."""
    folder = tmp_path_factory.mktemp("redis")
    shutil.copy(ROOT / "deploy" / "users.acl", folder)
    server = RedisServer(folder, "--aclfile", str(folder / "users.acl"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def production(postgres_server, guarded_redis, tmp_path_factory) -> Iterator[PortalServer]:
    """The whole portal with the production settings."""
    with psycopg.connect(postgres_server.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE production")
    data = tmp_path_factory.mktemp("production")
    database_url = postgres_server.url.rsplit("/", 1)[0] + "/production"
    environment = production_environment(data, database_url, guarded_redis.url_of("portal", "PORTAL-PASSWORD", 0))
    environment |= {"RUNNER_BROKER_URL": guarded_redis.url_of("runner", "RUNNER-PASSWORD", 1)}
    PortalServer(data, environment).manage("collectstatic", "--noinput", "--verbosity", "0")
    server = start_portal(data, **environment)
    workers = [
        start_worker(server, "portal.celery", "portal"),
        start_worker(server, "recipes_app.lint.runner_app", "lint"),
        start_reports(server),
    ]
    yield server
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.wait(timeout=30)
    server.stop()


def start_worker(server: PortalServer, application: str, queue: str) -> subprocess.Popen[bytes]:
    """Start one Celery worker as deploy/'s units do; the runner with its own user of Redis."""
    command = [
        sys.executable, "-m", "celery", "--app", application, "worker",
        "--queues", queue, "--concurrency", "1", "--loglevel", "INFO",
    ]  # fmt: skip
    environment = server.environ()
    if queue == "lint":
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        environment["BROKER_URL"] = environment["RUNNER_BROKER_URL"]
        for name in ("DJANGO_SETTINGS_MODULE", "REDIS_URL", "DATABASE_URL", "SECRET_KEY"):
            del environment[name]
    with (server.data / f"{queue}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def start_reports(server: PortalServer) -> subprocess.Popen[bytes]:
    """Start what records the runners' reports."""
    with (server.data / "reports.log").open("ab") as log:
        command = [sys.executable, "manage.py", "take_reports"]
        return subprocess.Popen(command, cwd=ROOT, env=server.environ(), stdout=log, stderr=log)


def wait_for_lint(server: PortalServer, name: str) -> dict[str, object]:
    """Return the lint summary of a recipe once it has a verdict."""
    deadline = time.monotonic() + _LINT_SECONDS
    while time.monotonic() < deadline:
        summary: dict[str, object] = requests.get(f"{server.url}/api/v1/recipes/{name}/", timeout=10).json()["lint_summary"]
        if summary["state"] not in ("queued", "running"):
            return summary
        time.sleep(0.3)
        logs = "\n".join((server.data / f"{name}.log").read_text()[-3000:] for name in ("lint", "reports"))
    raise AssertionError(f"no verdict within {_LINT_SECONDS} s:\n{logs}")


def test_push_is_published_searched_and_linted(production, tmp_path):
    token = production.create_account("ada")
    commit = commit_tree(recipe_tree("hello-production"), tmp_path)
    pushed = production.git("push", production.git_url("hello-production", "ada", token), "HEAD:main", cwd=tmp_path)
    assert pushed.status == 0, pushed.output
    found = requests.get(f"{production.url}/api/v1/recipes/", params={"q": "greeting"}, timeout=10).json()
    assert [recipe["name"] for recipe in found["results"]] == ["hello-production"]
    assert "hello-production" in requests.get(f"{production.url}/", timeout=10).text
    summary = wait_for_lint(production, "hello-production")
    assert summary["state"] in ("passed", "failed")
    assert summary["tool"] == "lintian"
    cloned = production.git("clone", "-q", production.git_url("hello-production"), "cloned", cwd=tmp_path)
    assert cloned.status == 0, cloned.output
    assert production.git("rev-parse", "HEAD", cwd=tmp_path / "cloned").output.strip() == commit


def test_style_sheet_is_served_with_a_name_that_is_cached_for_ever(production):
    page = requests.get(f"{production.url}/", timeout=10).text
    address = page.split('rel="stylesheet" href="', 1)[1].split('"', 1)[0]
    answer = requests.get(production.url + address, timeout=10)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "BROKER_URL", "EMAIL_URL"])
def test_missing_setting_stops_the_start_with_its_name(production, missing):
    server = PortalServer(production.data, {key: value for key, value in production.environment.items() if key != missing})
    with pytest.raises(RuntimeError, match=missing):
        server.manage("check")


def test_cache_and_broker_in_one_database_stop_the_start(production):
    both = {**production.environment, "BROKER_URL": production.environment["REDIS_URL"]}
    with pytest.raises(RuntimeError, match="name the same database of the same Redis"):
        PortalServer(production.data, both).manage("check")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("GET", (":1:counts:course",)), ("GET", ("cache:1:counts:course",)), ("SET", ("cache:1:x", "1")), ("KEYS", ("*",)),
        ("FLUSHALL", ()), ("LPUSH", ("portal", "{}")), ("RPOP", ("portal",)), ("LPUSH", ("webhooks", "{}")),
        ("BRPOP", ("reports", "1")), ("LRANGE", ("reports", "0", "9")), ("DEL", ("reports",)), ("HGETALL", ("unacked",)),
        ("PUBLISH", ("/1.celery.pidbox", "{}")), ("SADD", ("_kombu.binding.portal", "x")), ("CONFIG", ("GET", "*")),
        ("ACL", ("LIST",)), ("MONITOR", ()), ("SCRIPT", ("FLUSH",)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("database", [0, 1])
def test_a_runners_secret_opens_nothing_but_its_queue(guarded_redis, command, arguments, database):
    client = redis.Redis.from_url(guarded_redis.url_of("runner", "RUNNER-PASSWORD", database))
    with client, pytest.raises((redis.exceptions.NoPermissionError, redis.exceptions.ResponseError), match=r"(?i)no permissions"):
        client.execute_command(command, *arguments)


def test_redis_knows_nobody_without_a_password(guarded_redis):
    client = redis.Redis.from_url(guarded_redis.url)
    with client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
