"""/dumps/: what there is, and the files themselves."""

from __future__ import annotations

import gzip

import pytest

from recipes_app.services.dumps import making
from tests.api.rows import add_recipe
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def dump(settings, tmp_path):
    settings.PORTAL_DATA = tmp_path
    add_recipe("hello-dur", make_user("ada"))
    return making.make()


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_page_lists_every_file_with_its_checksum(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/dumps/").content.decode()
    sums = (making.folder() / making.CURRENT / making.SUMS).read_text()
    for line in sums.splitlines():
        digest, name = line.split()
        assert f'href="/dumps/{name}"' in page
        assert digest in page


def test_file_is_sent_without_a_query_and_is_known_the_second_time(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/dumps/names.txt.gz")
        content = body(answer)
    assert gzip.decompress(content) == b"hello-dur\n"
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/gzip", "public, max-age=60")
    assert "Content-Encoding" not in answer
    again = client.get("/dumps/names.txt.gz", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    later = client.get("/dumps/names.txt.gz", headers={"If-Modified-Since": answer["Last-Modified"]})
    assert later.status_code == 304


def test_head_says_the_size(client):
    answer = client.head("/dumps/recipes.jsonl.zst")
    assert int(answer["Content-Length"]) == (making.folder() / making.CURRENT / "recipes.jsonl.zst").stat().st_size


@pytest.mark.parametrize("name", ["passwd", ".lock", "..%2Fkeys%2Fdumps", "dumps.pub", "names.txt"])
def test_nothing_else_is_sent(client, name):
    assert client.get(f"/dumps/{name}").status_code == 404


def test_before_the_first_dump_it_says_when_one_comes(client, settings, tmp_path):
    settings.PORTAL_DATA = tmp_path / "new"
    assert "None was made yet" in client.get("/dumps/").content.decode()
    assert client.get("/dumps/names.txt.gz").status_code == 404
