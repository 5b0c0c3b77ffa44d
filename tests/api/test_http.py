"""Compression, pages elsewhere, and how often one may ask."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard
from django.core.cache import caches

from api.framework.compression import preferred
from portal.file_cache import CountingFileCache
from recipes_app.models import Scope
from tests.factories import issue_token, make_user

from .rows import add_recipe

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/"
MINUTE = 60
CHECKOUT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("coding", "read"), [("gzip", gzip.decompress), ("zstd", lambda body: zstandard.ZstdDecompressor().decompress(body))]
)
def test_an_answer_is_compressed_where_that_is_asked_for(client, coding, read):
    plain = client.get(ROOT)
    answer = client.get(ROOT, headers={"Accept-Encoding": coding})

    assert (answer["Content-Encoding"], plain.has_header("Content-Encoding")) == (coding, False)
    assert read(answer.content) == plain.content
    assert int(answer["Content-Length"]) == len(answer.content) < len(plain.content)
    assert "Accept-Encoding" in answer["Vary"]
    assert "Accept-Encoding" in plain["Vary"]
    assert client.get(ROOT, headers={"If-None-Match": answer["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""), ("identity", ""), ("br", ""), ("gzip", "gzip"), ("GZIP", "gzip"), ("zstd", "zstd"), ("gzip, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"), ("zstd;q=0, gzip", "gzip"), ("zstd;q=0, gzip;q=0", ""), ("*", "zstd"),
        ("*;q=0", ""), ("gzip;q=x", ""), ("gzip; q=0.1", "gzip"), ("gzip;level=9", "gzip"), (",;,=", ""), ("gzip;q=-1", ""),
    ],
)  # fmt: skip
def test_the_coding_is_the_one_that_is_liked_best(accepted, coding):
    assert preferred(accepted) == coding


def test_a_small_answer_is_left_as_it_is(client):
    assert not client.get(f"{ROOT}suggest/?q=x", headers={"Accept-Encoding": "gzip"}).has_header("Content-Encoding")


def test_what_a_session_sees_is_not_compressed(client):
    client.force_login(make_user("ada"))

    assert not client.get(ROOT, headers={"Accept-Encoding": "gzip, zstd"}).has_header("Content-Encoding")


def test_a_page_elsewhere_may_read_and_not_act(client):
    elsewhere = {"Origin": "https://elsewhere.example"}
    answer = client.get(ROOT, headers=elsewhere)
    asked = client.options(f"{ROOT}lookup/", headers={**elsewhere, "Access-Control-Request-Method": "POST"})

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.has_header("Access-Control-Allow-Credentials")
    assert "ETag" in answer["Access-Control-Expose-Headers"]
    assert "POST" in asked["Access-Control-Allow-Methods"]
    assert "PUT" not in asked["Access-Control-Allow-Methods"]
    assert "authorization" not in asked["Access-Control-Allow-Headers"].lower()


def test_the_pages_of_the_site_are_for_the_site(client):
    assert not client.get("/", headers={"Origin": "https://elsewhere.example"}).has_header("Access-Control-Allow-Origin")


@pytest.fixture
def limited(settings):
    """An address may ask three times a minute, an account five times."""
    settings.API_LIMITS = {"address": 3, "account": 5}
    caches["limits"].clear()


def test_an_address_is_told_where_it_stands_and_stopped(client, limited):
    answers = [client.get(ROOT) for _number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0]["RateLimit-Policy"] == '"address";q=3;w=60'
    assert [answer["RateLimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0"]
    problem = answers[3]
    assert (problem["Content-Type"], problem.json()["code"]) == ("application/problem+json", "too-many-requests")
    assert 0 < int(problem["Retry-After"]) <= MINUTE
    assert client.get(ROOT, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_an_ipv6_network_is_one_address(client, limited):
    for number in range(3):
        client.get(ROOT, REMOTE_ADDR=f"2001:db8::{number}")

    assert client.get(ROOT, REMOTE_ADDR="2001:db8:0:0:ffff::1").status_code == 429
    assert client.get(ROOT, REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_an_account_is_counted_wherever_it_asks_from(client, limited):
    headers = {"Authorization": f"Bearer {issue_token(make_user('ada'), Scope.READ)}"}
    statuses = [client.get(ROOT, headers=headers, REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(6)]

    assert statuses == [200] * 5 + [429]
    assert client.get(ROOT, headers=headers)["RateLimit-Policy"] == '"account";q=5;w=60'


def test_who_guesses_tokens_is_stopped(client, limited):
    headers = {"Authorization": "Bearer dur_guessed"}

    assert [client.get(ROOT, headers=headers).status_code for _number in range(4)] == [401, 401, 401, 429]


def test_a_refusal_is_counted_as_well(client, limited):
    for _number in range(3):
        client.get(f"{ROOT}recipes/nobody/")

    assert client.get(ROOT).status_code == 429


COUNTING = """
import sys
from portal.file_cache import CountingFileCache

cache = CountingFileCache(sys.argv[1], {"TIMEOUT": 60})
for _number in range(50):
    try:
        cache.incr("key")
    except ValueError:
        if not cache.add("key", 1, 60):
            cache.incr("key")
"""


def test_processes_count_together(tmp_path):
    folder = str(tmp_path / "limits")
    processes = [subprocess.Popen([sys.executable, "-c", COUNTING, folder], cwd=CHECKOUT) for _number in range(3)]

    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert CountingFileCache(folder, {}).get("key") == 150


def test_a_large_answer_with_rows_is_compressed_whole(client):
    for number in range(10):
        add_recipe(f"recipe-{number}")

    answer = client.get(f"{ROOT}recipes/", headers={"Accept-Encoding": "zstd"})

    assert zstandard.ZstdDecompressor().decompress(answer.content) == client.get(f"{ROOT}recipes/").content
