"""Differences as pages: two views, what a reviewer must see, new findings, and what changed since a version."""

import pytest
from django.utils import timezone

from recipes_app.models import Event
from recipes_app.services.audit import audit
from recipes_app.services.core.event_kinds import EventKind
from recipes_app.services.gates import gate_table
from tests.factories import CHANGELOG, make_user, publish_recipe, recipe_tree
from tests.views.pages import add_report

pytestmark = [pytest.mark.django_db, pytest.mark.server]

SCRIPT = "debian/hello-dur.postinst"


@pytest.fixture(autouse=True)
def settings_of_tests(settings, tmp_path):
    settings.REPOSITORY_ROOT = tmp_path / "repos"
    settings.REVIEW_GATES = dict.fromkeys(gate_table.GATES, "off")


@pytest.fixture
def ada():
    return make_user("ada")


def publish(ada, version, **files):
    return publish_recipe(recipe_tree(version=version, **files), ada).current


def address(old, new):
    return f"/recipes/hello-dur/diff/{old.commit}/{new.commit}/"


@pytest.mark.parametrize("view", ["", "split"])
def test_words_are_marked_by_elements(client, ada, view):
    old, new = publish(ada, "1.0-1"), publish(ada, "1.1-1")
    page = client.get(address(old, new), {"view": view} if view else {}).content.decode()
    assert "1.<del>0</del>-1" in page
    assert "1.<ins>1</ins>-1" in page
    assert ("code diff split" in page) == bool(view)


def test_maintainer_script_is_told_whatever_gates_are_off(client, ada):
    old = publish(ada, "1.0-1", **{SCRIPT: "#!/bin/sh\nset -e\n"})
    new = publish(ada, "1.1-1", **{SCRIPT: "#!/bin/sh\nset -e\nid\n"})
    response = client.get(address(old, new))
    assert [mark.gate for mark in response.context["marks"]] == ["root"]
    assert SCRIPT in response.context["marks"][0].reason


def test_new_host_and_changed_checksum_are_told(client, ada):
    def dur(checksum, host):
        stanza = "Fetch: {0}\nURL: https://{1}/{0}\nSHA256: {2}\nSize: 100\nRole: component\n\n"
        pinned = stanza.format("data-1.bin", "example.org", checksum * 64)
        return "Format: 1\nSource: hello-dur\n\n" + pinned + (stanza.format("more-1.bin", host, "3" * 64) if host else "")

    old = publish(ada, "1.0-1", **{"debian/dur": dur("1", "")})
    new = publish(ada, "1.1-1", **{"debian/dur": dur("2", "elsewhere.example")})
    assert [mark.gate for mark in client.get(address(old, new)).context["marks"]] == ["origin", "origin"]


def test_plain_step_has_no_mark(client, ada):
    response = client.get(address(publish(ada, "1.0-1"), publish(ada, "1.1-1")))
    assert response.context["marks"] == []
    assert "Look at this first" not in response.content.decode()


def test_only_findings_that_are_new_stand_at_their_lines(client, ada, django_assert_num_queries):
    old, new = publish(ada, "1.0-1"), publish(ada, "1.1-1")
    known = {"path": "debian/changelog", "tag": "known", "line": 1, "context": "x"}
    add_report(old, known)
    add_report(new, known | {"line": 2}, {"path": "debian/changelog", "tag": "fresh", "line": 1})
    place = address(old, new)
    with django_assert_num_queries(3):
        response = client.get(place)
    assert response.context["new_findings"] == 1
    [file] = response.context["changes"].files
    assert [hint.tag for line in file.lines for hint in line.findings] == ["fresh"]


def test_reports_of_different_tools_are_not_compared(client, ada):
    old, new = publish(ada, "1.0-1"), publish(ada, "1.1-1")
    add_report(old)
    add_report(new, {"path": "debian/changelog", "tag": "fresh", "line": 1}, tool_version="9")
    assert client.get(address(old, new)).context["new_findings"] == 0


def since(client, version):
    return client.get("/recipes/hello-dur/changes/", {"since": version})


def test_since_a_version_shows_changelog_and_difference(client, ada, django_assert_num_queries):
    old = publish(ada, "1.0-1")
    text = CHANGELOG.format(name="hello-dur", version="1.10-1") + "\n" + CHANGELOG.format(name="hello-dur", version="1.9-1")
    text += "\n" + CHANGELOG.format(name="hello-dur", version="1.0-1")
    new = publish(ada, "1.10-1", **{"debian/changelog": text})
    with django_assert_num_queries(5):
        response = since(client, "1.0-1")
    assert (response.context["old"].pk, response.context["new"].pk) == (old.pk, new.pk)
    assert [entry.version for entry in response.context["story"].entries] == ["1.10-1", "1.9-1"]
    assert [each.file.path for each in response.context["changes"].files] == ["debian/changelog"]


def test_order_is_debians_and_the_nearest_older_version_is_said(client, ada):
    for version in ("1.0~rc1-1", "1.0-1", "1.9-1", "1.10-1"):
        publish(ada, version)
    response = since(client, "1.9-1+local1")
    assert response.context["old"].version == "1.9-1"
    assert "the newest that is not greater" in response.content.decode()
    assert since(client, "1.0~rc2-1").context["old"].version == "1.0~rc1-1"


def test_current_version_has_nothing_new(client, ada):
    publish(ada, "1.0-1")
    for version in ("1.0-1", "2.0-1"):
        assert "nothing has changed since" in since(client, version).content.decode()


@pytest.mark.parametrize(
    ("version", "words"),
    [("0.1-1", "No published revision is as old as 0.1-1"), ("<b>", "is no version"), ("1" * 300, "is no version")],
)
def test_unknown_version_gets_a_page_that_says_so(client, ada, version, words):
    publish(ada, "1.0-1")
    response = since(client, version)
    page = response.content.decode()
    assert response.status_code == 404
    assert words in page
    assert 'href="?since=1.0-1"' in page
    assert "<b>" not in page


def test_without_a_version_the_form_is_shown(client, ada, django_assert_num_queries):
    publish(ada, "1.0-1")
    with django_assert_num_queries(2):
        assert client.get("/recipes/hello-dur/changes/").status_code == 200


def test_hands_and_classes_since_then_are_told(client, ada):
    publish(ada, "1.0-1")
    recipe = publish_recipe(recipe_tree(version="1.1-1", **{"debian/copyright": "free text\n"}), ada)
    audit.record(EventKind.OWNER_ADOPTED, ada, recipe=recipe, public={})
    audit.record(EventKind.COMMENT_HIDDEN, ada, recipe=recipe, public={})
    story = since(client, "1.0-1").context["story"]
    assert [line.kind for line in story.log] == ["owner.adopted"]
    assert [(change.field, change.old, change.new) for change in story.classes] == [
        ("licence", "dfsg-free", "unknown"),
        ("redistribution", "permitted", "unknown"),
    ]
    assert Event.objects.filter(at__lte=timezone.now()).count() >= 2


def test_held_revision_is_no_version_that_was_built(client, ada, settings):
    publish(ada, "1.0-1")
    settings.REVIEW_GATES = gate_table.at_home()
    publish_recipe(recipe_tree(version="1.1-1", **{SCRIPT: "#!/bin/sh\nset -e\n"}), ada)
    assert since(client, "1.1-1").context["found"].versions == ("1.0-1",)


def test_hostile_difference_is_text_and_small(client, ada, settings):
    settings.LINT_GATES = {}
    nasty = "<script>\u202e" + "x" * 200_000 + "\n"
    old = publish(ada, "1.0-1")
    new = publish(ada, "1.1-1", **{f"debian/f{number}": nasty for number in range(300)})
    for view in ("", "split"):
        response = client.get(address(old, new), {"view": view} if view else {})
        page = response.content.decode()
        assert len(page) < 1024 * 1024
        assert "\u202e" not in page
        assert "<script>\u202e" not in page
        assert response.context["changes"].is_cut
