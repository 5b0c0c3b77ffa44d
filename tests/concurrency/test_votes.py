"""Fifty clients vote and take back at once: no vote is lost, none counts twice, and popularity is the sum of what is there."""

from __future__ import annotations

import http.client
import json
import math
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from tests.servers.portal import PortalServer, start_portal
from tests.test_production import production_environment

CLIENTS = 50
RECIPE = "voted"
ADDRESS = f"/api/v1/recipes/{RECIPE}/vote/"
# What every client does, one request after the other; those with an even number take their vote back at the end.
STEPS = ("PUT", "PUT", "DELETE", "DELETE", "PUT")
# The same services as everywhere else, run beside the server: fifty times manage.py would take minutes.
PREPARE = f"""
import json
from allauth.account.models import EmailAddress
from django.utils import timezone
from recipes_app.models import Recipe, Scope, User
from recipes_app.services.accounts import tokens
now = timezone.now()
Recipe.objects.create(name={RECIPE!r}, storage_name={RECIPE!r}, submitter_name="ada", created_at=now, updated_at=now)
secrets = []
for number in range({CLIENTS}):
    user = User.objects.create_user(username=f"voter-{{number}}", email=f"voter-{{number}}@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    secrets.append(tokens.issue(user, "test", [Scope.COMMENT])[1])
print(json.dumps(secrets))
"""
READ_BACK = f"""
import json
from django.db import connection
from recipes_app.models import Recipe
recipe = Recipe.objects.get(name={RECIPE!r})
votes = recipe.votes.order_by("user__username").values_list("user__username", "at")
print(json.dumps({{
    "database": connection.vendor, "count": recipe.vote_count, "votes": [[name, at.isoformat()] for name, at in votes],
}}))
"""


@dataclass
class Answer:
    """What one request was answered with, and how long it took."""

    status: int
    body: dict[str, object]
    seconds: float


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PortalServer]:
    """A served portal on the database that the test is for: embedded settings on SQLite, production's on PostgreSQL."""
    environment = {}
    if request.param == "postgresql":
        base = request.getfixturevalue("postgres_server").url.rpartition("/")[0]
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE voters")
        environment = production_environment(tmp_path, f"{base}/voters", request.getfixturevalue("redis_server").url)
    portal = start_portal(tmp_path, **environment)
    yield portal
    portal.stop()


def printed(server: PortalServer, code: str) -> object:
    """Return what `code` prints last, run with the server's settings, as JSON."""
    return json.loads(server.manage("shell", "--verbosity", "0", "-c", code).strip().splitlines()[-1])


def vote(server: PortalServer, number: int, secret: str, start: threading.Barrier) -> list[Answer]:
    """Be one client: do all steps over one connection; return the answers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    answers = []
    start.wait()
    for method in (*STEPS, *(["DELETE"] if number % 2 == 0 else [])):
        begun = time.monotonic()
        connection.request(method, ADDRESS, headers={"Authorization": f"Bearer {secret}"})
        response = connection.getresponse()
        body = json.loads(response.read())
        answers.append(Answer(response.status, body, time.monotonic() - begun))
        assert response.status != 200 or body["voted"] == (method == "PUT")
    connection.close()
    return answers


@pytest.mark.server
@pytest.mark.parametrize("server", ["sqlite", "postgresql"], indirect=True)
def test_fifty_voters_at_once_are_counted_exactly(server: PortalServer, request: pytest.FixtureRequest) -> None:
    secrets = printed(server, PREPARE)
    assert isinstance(secrets, list)
    start = threading.Barrier(CLIENTS)

    begun = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        jobs = [clients.submit(vote, server, number, secret, start) for number, secret in enumerate(secrets)]
        answers = [answer for job in jobs for answer in job.result()]
    seconds = time.monotonic() - begun

    refused = [answer for answer in answers if answer.status != 200]
    assert refused == [], server.log[-3000:]
    stored = printed(server, READ_BACK)
    assert isinstance(stored, dict)
    assert stored["database"] == request.node.callspec.id
    assert {name for name, _ in stored["votes"]} == {f"voter-{number}" for number in range(1, CLIENTS, 2)}
    assert stored["count"] == len(stored["votes"]) == CLIENTS // 2
    # The definition itself, not the portal's formula: each vote counts 0.98 to the power of its age in days.
    shown, now = public(server), time.time()
    expected = math.fsum(0.98 ** ((now - datetime.fromisoformat(at).timestamp()) / 86_400) for _, at in stored["votes"])
    assert shown["votes"] == CLIENTS // 2
    assert shown["popularity"] == pytest.approx(expected, rel=1e-6)
    median, worst = statistics.median(each.seconds for each in answers), max(each.seconds for each in answers)
    sys.stdout.write(
        f"{request.node.callspec.id}: {len(answers)} requests of {CLIENTS} clients in {seconds:.1f} s "
        f"({len(answers) / seconds:.0f}/s), median {median * 1000:.0f} ms, longest {worst * 1000:.0f} ms\n"
    )


def public(server: PortalServer) -> dict[str, object]:
    """Return what the API tells everybody of the recipe."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", f"/api/v1/recipes/{RECIPE}/")
    body: dict[str, object] = json.loads(connection.getresponse().read())
    connection.close()
    return body
