"""Who wrote a file's lines, which revisions touched it, and what lint found at its lines."""

import pytest

from recipes_app.limits import MAX_BLAME_LINES, MAX_BLOB_BYTES
from recipes_app.services.lint import lines as lint_lines
from tests.factories import make_user, publish_recipe, recipe_tree
from tests.views.pages import add_report

pytestmark = [pytest.mark.django_db, pytest.mark.server]

NOTES = "debian/notes"


@pytest.fixture(autouse=True)
def empty_store(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def two(ada):
    """Two revisions; the second changed the second of three lines."""
    old = publish_recipe(recipe_tree(**{NOTES: "one\ntwo\nthree\n"}), ada).current
    new = publish_recipe(recipe_tree(version="1.1-1", **{NOTES: "one\n2\nthree\n"}), ada).current
    return old, new


def address(kind, revision, path=NOTES):
    return f"/recipes/{revision.recipe.name}/{kind}/{revision.commit}/{path}"


def test_blame_names_the_revision_of_each_line(client, two, django_assert_num_queries):
    old, new = two
    place = address("blame", new)
    with django_assert_num_queries(3):
        response = client.get(place)
    found = [(origin.first, origin.count, origin.revision.pk) for origin, _ in response.context["blocks"]]
    assert found == [(1, 1, old.pk), (2, 1, new.pk), (3, 1, old.pk)]


def test_blame_leads_to_what_stood_there_before(client, two):
    old, new = two
    page = client.get(address("blame", new)).content.decode()
    assert page.count(f'href="{address("blame", old)}"') == 1
    assert "before this change" not in client.get(address("blame", old)).content.decode()


def test_history_lists_the_revisions_that_touched_the_file(client, ada, two, django_assert_num_queries):
    old, new = two
    third = publish_recipe(recipe_tree(version="1.2-1", **{NOTES: "one\n2\nthree\n"}), ada).current
    place = address("history", third)
    with django_assert_num_queries(3):
        changes = client.get(place).context["changes"]
    assert [(each.pk, before and before.pk) for each, before in changes] == [(new.pk, old.pk), (old.pk, None)]


def test_file_of_an_odd_name_is_no_pathspec(client, ada):
    path = "debian/:(glob)*"
    revision = publish_recipe(recipe_tree(**{path: "x\n"}), ada).current
    assert len(client.get(address("blame", revision, "debian/%3A%28glob%29%2A")).context["blocks"]) == 1
    assert len(client.get(address("history", revision, "debian/%3A%28glob%29%2A")).context["changes"]) == 1


@pytest.mark.parametrize("kind", ["blame", "history"])
@pytest.mark.parametrize("path", ["debian", "debian/none", "../x", "--output=x"])
def test_what_is_no_file_has_no_history(client, two, kind, path):
    assert client.get(address(kind, two[1], path)).status_code == 404


def test_blame_of_what_has_no_lines_says_so(client, ada):
    files = {"debian/icon.png": b"\x89PNG\r\n\x1a\n" + bytes(40), "debian/empty": ""}
    revision = publish_recipe(recipe_tree(**files), ada).current
    for path in files:
        assert "no lines that could be shown" in client.get(address("blame", revision, path)).content.decode()


@pytest.mark.parametrize(
    "content", ["x" * (MAX_BLOB_BYTES - 1), "\n" * 9_999, "\tauthor evil\n" * 5_000, "\u202e" * 20_000, "a\r\nb\rc\x0b\x0c\n"]
)
def test_hostile_content_is_blamed_line_by_line(client, ada, content, settings):
    settings.LINT_GATES = {}
    revision = publish_recipe(recipe_tree(**{NOTES: content}), ada).current
    response = client.get(address("blame", revision))
    [(origin, lines)] = response.context["blocks"]
    assert len(lines) == len(response.context["shown"].lines)
    assert "evil" not in origin.author
    assert not {"\u202e", "\x0b"} & set(response.content.decode())


def test_file_of_very_many_lines_is_not_blamed(client, ada):
    revision = publish_recipe(recipe_tree(**{NOTES: "\n" * (MAX_BLAME_LINES + 1)}), ada).current
    response = client.get(address("blame", revision))
    assert "history is too long" in response.content.decode()
    assert len(response.content) < 20_000


def test_history_that_takes_too_long_is_told(client, two, monkeypatch):
    monkeypatch.setattr("recipes_app.repos.history.MAX_BLAME_OUTPUT", 10)
    for kind in ("blame", "history"):
        assert "history is too long" in client.get(address(kind, two[1])).content.decode()


def test_finding_stands_at_its_line_and_leads_to_the_report(client, two):
    add_report(two[1], {"path": NOTES, "line": 2, "tag": "odd-number"}, {"path": NOTES, "line": 9, "tag": "beyond"})
    response = client.get(address("files", two[1]))
    assert [[hint.tag for hint in hints] for _, _, hints, _ in response.context["lines"]] == [[], ["odd-number"], []]
    assert [hint.tag for hint in response.context["about_file"]] == ["beyond"]
    assert f'href="/recipes/hello-dur/revisions/{two[1].commit}/lint/#tag-odd-number"' in response.content.decode()


def test_only_what_counts_and_stands_is_marked(two):
    revision = two[1]
    add_report(revision, {"path": NOTES, "line": 1, "tag": "of-the-older-job"})
    add_report(
        revision,
        {"path": NOTES, "line": 1, "overridden": True},
        {"path": NOTES, "line": 1, "reason": "archive only"},
        {"path": NOTES, "line": 1, "severity": "classification"},
        {"path": "debian/rules", "line": 1},
        tool_version="2.117.0",
    )
    assert lint_lines.at_lines(revision, NOTES) == {}


@pytest.mark.parametrize(("query", "chosen"), [("2", [2]), ("2-3", [2, 3]), ("3-2", []), ("x", []), ("1-9999999", [1, 2, 3])])
def test_lines_can_be_chosen_by_the_address(client, two, query, chosen):
    lines = client.get(address("files", two[1]), {"lines": query}).context["lines"]
    assert [number for number, _, _, is_chosen in lines if is_chosen] == chosen
