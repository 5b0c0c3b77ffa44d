"""What stands in the dumps: the same as everywhere, in the same bytes each time."""

from __future__ import annotations

import json
import subprocess

import pytest
from debian.deb822 import Sources
from django.db import connection

from recipes_app.services.catalogue import votes
from recipes_app.services.dumps import files, making
from recipes_app.services.moderation import quarantine
from tests.api.rows import add_recipe
from tests.dumps.reading import text_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in text_of(name).splitlines()]


def test_names_stand_in_the_order_of_their_bytes(recipes):
    making.make()
    assert text_of("names.txt.gz") == b"hello-2\nhello-dur\nzsh-theme\n"
    assert [line["name"] for line in lines("recipes.jsonl.zst")] == ["hello-2", "hello-dur", "zsh-theme"]


@pytest.mark.parametrize("text", files.TEXTS)
def test_each_compression_holds_the_same_text(recipes, text):
    making.make()
    one, other = (text_of(f"{text}.{suffix}") for suffix in files.TEXTS[text])
    assert one == other != b""


def test_fault_7_dump_and_api_say_the_same(client, ada, recipes):
    votes.vote(ada, recipes[1])
    making.make()
    [dumped] = [line for line in lines("recipes-full.jsonl.gz") if line["name"] == "hello-dur"]
    answer = client.get("/api/v1/recipes/hello-dur/").json()
    same = dumped.keys() & answer.keys()
    assert {
        "name",
        "version",
        "maintainer",
        "votes",
        "metadata",
        "head_commit",
        "created_at",
        "licence_class",
        "lint_state",
    } <= same
    assert {key: dumped[key] for key in same} == {key: answer[key] for key in same}
    [short] = [line for line in lines("recipes.jsonl.gz") if line["name"] == "hello-dur"]
    assert short.items() <= dumped.items()
    assert votes.popularity(float(short["vote_weight"])) == pytest.approx(answer["popularity"], abs=1e-3)


def test_same_catalogue_gives_the_same_bytes(recipes):
    making.make()
    first = {path.name: path.read_bytes() for path in (making.folder() / making.CURRENT).iterdir()}
    # As after a restore: the files are gone, the catalogue and the key are there.
    (making.folder() / making.CURRENT).unlink()
    making.make()
    assert {path.name: path.read_bytes() for path in (making.folder() / making.CURRENT).iterdir()} == first


def test_sources_are_read_by_python_debian(recipes):
    making.make()
    packages = list(Sources.iter_paragraphs(text_of("Sources.xz").decode(), use_apt_pkg=False))
    assert [package["Package"] for package in packages] == ["hello-2", "hello-dur", "zsh-theme"]
    assert packages[1]["Dur-Account"] == "ada"
    assert packages[1]["Dur-Clone"].endswith("/git/hello-dur.git")
    assert packages[1]["Version"] == recipes[1].version


@pytest.mark.server
def test_sources_are_read_by_grep_dctrl(recipes):
    making.make()
    command = ["grep-dctrl", "--exact-match", "--field=Package", "--show-field=Package,Binary", "hello-dur"]
    found = subprocess.run(command, input=text_of("Sources.gz"), capture_output=True, check=True)
    assert found.stdout.decode().splitlines()[:2] == ["Package: hello-dur", "Binary: hello-dur"]


def test_hostile_words_stay_in_their_line_and_field(ada):
    add_recipe("hello-evil", ada, homepage="https://example.org/\nPackage: forged", keywords=("a\u2028b", 'quote"', "\x1f"))
    making.make()
    assert len(text_of("recipes.jsonl.gz").splitlines(keepends=False)) >= 1
    assert len(text_of("recipes.jsonl.gz").split(b"\n")) == 2
    assert [package["Package"] for package in Sources.iter_paragraphs(text_of("Sources.gz").decode(), use_apt_pkg=False)] == [
        "hello-evil"
    ]


def test_deleted_recipes_are_left_out_and_quarantined_ones_marked(recipes, django_user_model):
    moderator = make_user("mod", rank="moderator")
    with_words = recipes[0]
    quarantine.quarantine(moderator, with_words, "calls home")
    recipes[2].deleted_at = recipes[2].created_at
    recipes[2].save()
    making.make()
    assert [(line["name"], line["quarantined"]) for line in lines("recipes.jsonl.gz")] == [
        ("hello-dur", False),
        ("zsh-theme", True),
    ]


def test_queries_do_not_grow_within_a_chunk(recipes, ada, django_assert_num_queries):
    # COPY goes into a table beside, which is made, read and dropped again.
    queries = 10 if connection.vendor == "postgresql" else 7
    with django_assert_num_queries(queries):
        making.make()
    for number in range(20):
        add_recipe(f"hello-more-{number}", ada)
    with django_assert_num_queries(queries):
        making.make()
