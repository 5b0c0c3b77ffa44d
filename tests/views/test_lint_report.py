"""The lint report's page."""

import pytest

from recipes_app.limits import MAX_HINTS_SHOWN
from recipes_app.models import LintState, LintTag
from tests.views.pages import add_report, add_revision, make_page

pytestmark = pytest.mark.django_db
COMMIT = "a" * 40
ADDRESS = f"/recipes/hello-dur/revisions/{COMMIT}/lint/"


@pytest.fixture
def revision():
    return make_page().current


def page_of(client):
    return client.get(ADDRESS).content.decode()


def test_revision_that_was_not_linted_says_so(client, revision):
    assert "No check has been asked for" in page_of(client)


@pytest.mark.parametrize(
    ("state", "word"), [(LintState.QUEUED, "lint queued"), (LintState.PASSED, "lint passed"), (LintState.FAILED, "lint failed")]
)
def test_state_is_shown(client, revision, state, word):
    add_report(revision, state=state)
    assert word in page_of(client)


def test_error_of_the_runner_is_shown_as_text(client, revision):
    add_report(revision, state=LintState.ERROR, error="lintian ended: <b>\x1b[31m")
    page = page_of(client)
    assert "&lt;b&gt;" in page
    assert "\x1b" not in page


def test_hints_are_grouped_worst_first(client, revision):
    add_report(revision, {"severity": "info", "tag": "b"}, {"severity": "error", "tag": "a"}, {"severity": "info", "tag": "c"})
    groups = client.get(ADDRESS).context["groups"]
    assert [(group.severity, [tag.tag for tag in group.tags]) for group in groups] == [("error", ["a"]), ("info", ["b", "c"])]


def test_hint_leads_to_its_line(client, revision):
    add_report(revision, {"path": "debian/control", "line": 7, "context": "some context"})
    page = page_of(client)
    assert f'href="/recipes/hello-dur/files/{COMMIT}/debian/control#L7"' in page
    assert "some context" in page


def test_path_that_no_address_can_hold_is_text(client, revision):
    add_report(revision, {"path": "debian/a\nb", "line": 7})
    assert client.get(ADDRESS).status_code == 200


def test_explanation_stands_once_beside_its_tag(client, revision):
    LintTag.objects.create(
        tool="lintian", tool_version="2.116.3", tag="some-tag", severity="warning", explanation="<p>Because.</p>"
    )
    add_report(revision, {"context": "one"}, {"context": "two"})
    assert page_of(client).count("<p>Because.</p>") == 1


def test_overridden_hint_stays_visible_with_its_justification(client, revision):
    add_report(revision, {"overridden": True, "justification": "upstream wants it"}, state=LintState.PASSED)
    response = client.get(ADDRESS)
    assert response.context["groups"] == []
    assert "upstream wants it" in response.content.decode()


def test_hostile_context_is_text(client, revision):
    add_report(revision, {"context": "<img src=x onerror=alert(1)>", "justification": "<script>"})
    page = page_of(client)
    assert "<img" not in page
    assert "<script>" not in page


def test_severity_of_a_newer_tool_is_shown_last(client, revision):
    add_report(revision, {"severity": "catastrophe"}, {"severity": "pedantic"})
    assert [group.severity for group in client.get(ADDRESS).context["groups"]] == ["pedantic", "catastrophe"]


def test_report_that_is_too_long_is_cut_and_says_so(client, revision):
    add_report(revision, *({"context": str(number)} for number in range(MAX_HINTS_SHOWN + 1)))
    response = client.get(ADDRESS)
    assert sum(group.number for group in response.context["groups"]) == MAX_HINTS_SHOWN
    assert "the API gives all" in response.content.decode()


def test_hint_that_only_concerns_the_archive_stands_apart_with_its_reason(client, revision):
    add_report(revision, {"tag": "initial-upload-closes-no-bugs", "reason": "No <b>bugs</b> here."}, state=LintState.PASSED)
    response = client.get(ADDRESS)
    assert response.context["groups"] == []
    assert [group.tags[0].tag for group in response.context["discounted"]] == ["initial-upload-closes-no-bugs"]
    assert "No &lt;b&gt;bugs&lt;/b&gt; here." in response.content.decode()


def test_facts_are_shown_as_facts(client, revision):
    add_report(revision, {"severity": "classification", "tag": "source-format", "context": "3.0 (quilt)"}, state=LintState.PASSED)
    page = page_of(client)
    assert "<dt>Source format</dt><dd>3.0 (quilt)</dd>" in page
    assert "The checks have nothing to say" in page


def test_new_and_gone_hints_are_named(client, revision):
    add_report(revision, {"tag": "kept"}, {"tag": "mended", "context": "<script>"})
    newer = add_revision(revision.recipe, "b" * 40, "1.0-2")
    add_report(newer, {"tag": "kept", "line": 9}, {"tag": "broken"})
    response = client.get(ADDRESS.replace(COMMIT, newer.commit))
    changes = response.context["changes"]
    assert [hint.tag for hint in changes.new] == ["broken"]
    assert [hint.tag for hint in changes.gone] == ["mended"]
    assert "Since 1.0-1" in response.content.decode()
    assert "<script>" not in response.content.decode()


def test_trend_is_a_picture_with_title_words_and_table(client, revision):
    add_report(revision, {"tag": "a"}, {"tag": "b", "severity": "error"})
    newer = add_revision(revision.recipe, "b" * 40, "1.0-2")
    add_report(newer, {"tag": "a"})
    page = client.get(ADDRESS.replace(COMMIT, newer.commit)).content.decode()
    assert "Hints that count at 2 revisions</title>" in page
    assert "From 2 at 1.0-1 to 1 at 1.0-2." in page
    assert page.count("<rect ") == 3
    assert "style=" not in page


def test_report_takes_nine_queries_whatever_its_history(client, revision, django_assert_num_queries):
    add_report(revision, {"tag": "a"}, {"tag": "b"}, {"tag": "c"})
    for number in range(5):
        newest = add_revision(revision.recipe, f"{number:040x}", f"1.0-{number + 2}")
        add_report(newest, *({"tag": f"tag-{each}"} for each in range(30)))
    with django_assert_num_queries(9):
        client.get(ADDRESS.replace(COMMIT, newest.commit))
