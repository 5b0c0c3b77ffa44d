"""The form that makes a recipe of answers: every finding at its field, nothing lost, and a commit that enters as a push."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client

from recipes_app.models import Recipe, Revision
from recipes_app.repos import browse
from recipes_app.repos.browse import read_tree
from recipes_app.repos.store import store
from tests.factories import make_recipe, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]

ANSWERS = {
    "name": "lunar-maps", "version": "1.4.2", "synopsis": "viewer for lunar maps",
    "description": "Shows maps of the moon, with the names of its seas.", "homepage": "https://example.org/lunar-maps",
    "source_url": "https://example.org/lunar-maps-1.4.2.tar.xz", "sha256": hashlib.sha256(b"maps").hexdigest(), "size": "48213",
    "build_system": "meson", "architecture": "any", "licence": "GPL-3.0-or-later", "holders": "2019 Grace Hopper",
    "suites": ["trixie"], "maintainer": "Ada", "email": "ada@example.org", "provenance": "human",
}  # fmt: skip


@pytest.fixture
def ada(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    return make_user("ada")


@pytest.fixture
def client(ada):
    client = Client()
    client.force_login(ada)
    return client


def send(client, act="commit", **answers):
    return client.post("/submit/questions/", {**ANSWERS, **answers, "act": act})


def errors_of(response):
    return response.context["form"].errors


def test_answers_become_a_recipe_that_is_pushed(client, ada):
    response = send(client)
    revision = Revision.objects.get()
    assert response.headers["Location"] == revision.get_absolute_url()
    assert (revision.recipe.name, revision.version, revision.recipe.maintainer) == ("lunar-maps", "1.4.2-1", ada)
    assert revision.review == Revision.Review.PUBLISHED
    assert b"--buildsystem=meson" in read_tree(store().intake("lunar-maps"), revision.commit)["debian/rules"]


def test_files_are_shown_and_nothing_is_stored(client):
    response = send(client, act="show")
    assert response.status_code == 200
    page = response.content.decode()
    assert "Description: viewer for lunar maps" in page
    assert 'value="lunar-maps"' in page
    assert store().names() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Bad Name"), ("version", "one"), ("source_url", "ftp://example.org/x.tar.gz"), ("sha256", "a" * 64),
        ("source_url", "https://example.org/x.zip"), ("sha256", "abc"), ("size", "many"), ("homepage", "javascript:alert(1)"),
        ("email", "nobody"), ("build_system", "bazel"), ("licence", "other"), ("architecture", "../any"), ("synopsis", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_the_rest_is_kept(client, field, value):
    response = send(client, **{field: value})
    assert response.status_code == 400
    assert set(errors_of(response)) <= {field, "licence_name", "licence_text"}
    assert errors_of(response)
    assert "with the names of its seas" in response.content.decode()
    assert store().names() == []


def test_all_that_is_wrong_is_said_at_once(client):
    response = send(client, name="Bad Name", source_url="ftp://example.org/x.tar.gz", sha256="abc")
    assert {"name", "source_url", "sha256"} <= set(errors_of(response))


def test_what_parser_and_check_both_say_is_said_once(client):
    assert len(errors_of(send(client, sha256="abc"))["sha256"]) == 1


def test_name_that_is_taken_is_said_at_the_name(client):
    make_recipe("lunar-maps")
    assert "is taken" in str(errors_of(send(client))["name"])


def test_other_licence_needs_its_text(client):
    response = send(client, licence="other", licence_name="LicenseRef-Moon")
    assert "licence_text" in errors_of(response)
    assert send(client, licence="other", licence_name="LicenseRef-Moon", licence_text="Look up.").status_code == 302


def test_answers_are_text_on_the_page(client):
    page = send(client, act="show", description="<script>alert(1)</script> shows maps").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_line_breaks_in_an_answer_make_no_fields(client):
    send(client, synopsis="viewer\nEssential: yes")
    revision = Revision.objects.get()
    assert b"\nEssential" not in read_tree(store().intake("lunar-maps"), revision.commit)["debian/control"]


def test_unverified_account_gets_no_form():
    client = Client()
    client.force_login(make_user("grace", verified=False))
    assert client.get("/submit/questions/").status_code == 403
    assert send(client).status_code == 403
    assert not Recipe.objects.exists()


def test_visitor_signs_in_first():
    assert Client().get("/submit/questions/").headers["Location"].startswith("/accounts/login/")


def test_name_comes_from_the_page_before(client):
    assert client.get("/submit/questions/?name=lunar-maps").context["form"].initial["name"] == "lunar-maps"


def test_rules_can_be_run(client):
    send(client)
    found = browse.look(store().intake("lunar-maps"), Revision.objects.get().commit, "debian/rules")
    assert isinstance(found, browse.File)
    assert found.is_executable


def test_queries(client, django_assert_num_queries):
    client.get("/submit/questions/")
    with django_assert_num_queries(5):
        client.get("/submit/questions/")
