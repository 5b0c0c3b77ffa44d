"""Files and differences, read from a real repository that was really pushed."""

import pytest

from tests.factories import make_user, publish_recipe, recipe_tree

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture
def ada():
    return make_user("ada")


def files(recipe, path=""):
    return f"/recipes/{recipe.name}/files/{recipe.current.commit}/{path}"


def test_top_lists_folders_and_files(client, ada):
    recipe = publish_recipe(recipe_tree(**{"README.md": "# Hello"}), ada)
    entries = client.get(files(recipe)).context["found"].entries
    assert [(entry.name, entry.is_folder) for entry in entries] == [("debian", True), ("README.md", False)]


def test_file_is_shown_with_numbered_lines(client, ada):
    recipe = publish_recipe(recipe_tree(), ada)
    page = client.get(files(recipe, "debian/rules")).content.decode()
    assert 'id="L1"' in page
    assert 'href="#L3"' in page
    assert 'class="nv"' in page
    assert "executable" in page


def test_latin1_and_empty_files_are_shown(client, ada):
    recipe = publish_recipe(recipe_tree(**{"debian/old": "caf\xe9".encode("latin-1"), "debian/empty": ""}), ada)
    assert "café" in client.get(files(recipe, "debian/old")).content.decode()
    assert "This file is empty" in client.get(files(recipe, "debian/empty")).content.decode()


def test_image_is_not_shown_as_text(client, ada):
    recipe = publish_recipe(recipe_tree(**{"debian/icon.png": b"\x89PNG\r\n\x1a\n" + bytes(40)}), ada)
    assert "This file is binary" in client.get(files(recipe, "debian/icon.png")).content.decode()


def test_hostile_content_and_invisible_characters_are_text(client, ada, settings):
    settings.LINT_GATES = {}
    content = "<script>alert(1)</script> \u202e\u2066 \x1b[31m\n"
    recipe = publish_recipe(recipe_tree(**{"debian/postinst": content}), ada)
    response = client.get(files(recipe, "debian/postinst"))
    page = response.content.decode()
    assert response["Content-Type"].startswith("text/html")
    assert "<script>" not in page
    assert not {"\u202e", "\u2066", "\x1b"} & set(page)


@pytest.mark.parametrize(
    "path", ["debian/none", "debian/rules/x", "../../etc/passwd", "debian/../debian/rules", ".git/config", "%00"]
)
def test_what_is_not_in_the_tree_is_not_found(client, ada, path):
    recipe = publish_recipe(recipe_tree(), ada)
    assert client.get(files(recipe, path)).status_code == 404


def test_commit_of_another_recipe_is_not_found(client, ada):
    first = publish_recipe(recipe_tree("first"), ada)
    second = publish_recipe(recipe_tree("second"), ada)
    assert client.get(f"/recipes/first/files/{second.current.commit}/").status_code == 404
    assert client.get(f"/recipes/first/diff/{first.current.commit}/{second.current.commit}/").status_code == 404


def test_file_takes_three_queries(client, ada, django_assert_num_queries):
    recipe = publish_recipe(recipe_tree(), ada)
    address = files(recipe, "debian/control")
    with django_assert_num_queries(3):
        client.get(address)


def test_readme_is_rendered_and_its_links_lead_into_the_files(client, ada):
    recipe = publish_recipe(recipe_tree(**{"README.md": "# Read\n\n[rules](debian/rules) <b>x</b>"}), ada)
    page = client.get("/recipes/hello-dur/").content.decode()
    assert "<h3>Read</h3>" in page
    assert f'href="{files(recipe, "debian/rules")}"' in page
    assert "<b>x</b>" not in page


def test_difference_of_two_revisions(client, ada, django_assert_num_queries):
    old = publish_recipe(recipe_tree(**{"debian/gone": "x\n"}), ada).current
    new = publish_recipe(recipe_tree(version="1.1-1", **{"debian/added": "<script>\n"}), ada).current
    with django_assert_num_queries(3):
        response = client.get(f"/recipes/hello-dur/diff/{old.commit}/{new.commit}/")
    changes = {file.path: file.status for file in (each.file for each in response.context["changes"].files)}
    assert changes == {"debian/added": "added", "debian/changelog": "changed", "debian/gone": "deleted"}
    assert "&lt;script&gt;" in response.content.decode()
