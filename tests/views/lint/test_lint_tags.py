"""The pages of lint's tags."""

import pytest
from django.urls import reverse

from recipes_app.limits import PAGE_SIZE
from recipes_app.lint.protocol import profile
from recipes_app.models import LintState, LintTag
from tests.views.pages import add_report, add_revision, make_page

pytestmark = pytest.mark.django_db
LIST = "/lint/tags/"


def explain(tag, version="2.116.3", **columns):
    values = {"severity": "warning", "explanation": "<p>Because.</p>", "see_also": ["policy 1.1"], **columns}
    return LintTag.objects.create(tool="lintian", tool_version=version, tag=tag, **values)


def listed(client, **query):
    return [(line.tag, line.recipes) for line in client.get(LIST, query).context["page"]]


def test_tags_are_listed_by_name_with_the_recipes_that_draw_them(client):
    explain("bad-thing")
    explain("another-thing")
    add_report(make_page().current, {"tag": "bad-thing"}, {"tag": "bad-thing"})
    add_report(make_page("other").current, {"tag": "bad-thing"})
    assert listed(client) == [("another-thing", 0), ("bad-thing", 2)]
    assert listed(client, sort="recipes") == [("bad-thing", 2), ("another-thing", 0)]
    assert listed(client, drawn="on") == [("bad-thing", 2)]


def test_list_is_narrowed_by_severity_and_by_parts_of_the_name(client):
    explain("bad-thing", severity="error")
    explain("bad-word")
    assert listed(client, severity="error") == [("bad-thing", 0)]
    assert listed(client, q="word BAD") == [("bad-word", 0)]
    assert listed(client, severity="nonsense") == [("bad-thing", 0), ("bad-word", 0)]


def test_only_the_newest_explanations_of_a_tool_are_listed(client):
    explain("gone-thing", version="2.116.3")
    explain("new-thing", version="2.122.0")
    assert listed(client) == [("new-thing", 0)]


def test_what_is_past_is_not_counted(client):
    """Neither older revisions, nor older reports of the same stage, nor overridden hints, nor deleted recipes."""
    explain("past")
    recipe = make_page()
    add_report(recipe.current, {"tag": "past"})
    newer = add_revision(recipe, "b" * 40, "1.0-2")
    add_report(newer, {"tag": "past"}, tool_version="2.115")
    add_report(newer, {"tag": "past", "overridden": True}, mode="full")
    deleted = make_page("deleted")
    add_report(deleted.current, {"tag": "past"})
    deleted.deleted_at = deleted.updated_at
    deleted.save()
    assert listed(client) == [("past", 0)]


def test_a_running_job_leaves_the_report_before_it(client):
    explain("here")
    revision = make_page().current
    add_report(revision, {"tag": "here"})
    add_report(revision, mode="full", state=LintState.RUNNING)
    assert listed(client) == [("here", 1)]


def test_tag_that_no_tool_explains_has_a_line_and_a_page(client):
    add_report(make_page().current, {"tag": "unheard-of"})
    assert listed(client) == [("unheard-of", 1)]
    assert "has sent no explanation" in client.get("/lint/tags/unheard-of/").content.decode()


def test_page_of_a_check_of_ours_leads_to_its_explanation(client):
    add_report(make_page().current, {"tag": "DUR101", "origin": "recipe-checks"})
    assert 'href="/checks/DUR101/"' in client.get("/lint/tags/DUR101/").content.decode()


def test_page_explains_and_leads_to_the_reports(client):
    explain("team/pkg-perl/vcs/no-git", renamed_from=["old-name"], check_name="team/pkg-perl/vcs", show_always=True)
    recipe = make_page()
    add_report(recipe.current, {"tag": "team/pkg-perl/vcs/no-git"})
    response = client.get("/lint/tags/team/pkg-perl/vcs/no-git/")
    page = response.content.decode()
    assert "<p>Because.</p>" in page
    assert "policy 1.1" in page
    assert profile.NOT_COUNTED["team/pkg-perl/vcs/no-git"] in page
    assert "It cannot be overridden." in page
    assert f'href="/recipes/hello-dur/revisions/{recipe.current.commit}/lint/#tag-team/pkg-perl/vcs/no-git"' in page


def test_former_name_leads_on(client):
    explain("new-name", renamed_from=["old-name", "older-name"])
    response = client.get("/lint/tags/older-name/")
    assert (response.status_code, response["Location"]) == (302, "/lint/tags/new-name/")


def test_unknown_tag_is_no_page(client):
    assert client.get("/lint/tags/never-heard/").status_code == 404


@pytest.mark.parametrize("address", ["<script>", "-x", "a b", "a//b", "x" * 130])
def test_what_is_no_name_of_a_tag_is_no_page(client, address):
    assert client.get(f"/lint/tags/{address}/").status_code == 404


def test_hostile_words_are_text(client):
    page = client.get(LIST, {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


def test_tag_that_no_address_can_hold_is_listed_without_a_link(client):
    add_report(make_page().current, {"tag": "odd//name<b>"})
    page = client.get(LIST).content.decode()
    assert "odd//name&lt;b&gt;" in page
    assert "/lint/tags/odd" not in page


def test_recipes_are_paged(client):
    explain("common")
    for number in range(PAGE_SIZE + 1):
        add_report(make_page(f"recipe-{number:02}").current, {"tag": "common"})
    first, second = (client.get(f"/lint/tags/common/?page={number}").context["page"] for number in (1, 2))
    assert (len(first.object_list), [recipe.name for recipe in second]) == (PAGE_SIZE, [f"recipe-{PAGE_SIZE:02}"])


def test_list_takes_three_queries_whatever_its_size(client, django_assert_num_queries):
    for number in range(30):
        explain(f"tag-{number}")
        add_report(make_page(f"recipe-{number:02}").current, {"tag": f"tag-{number}"}, {"tag": f"tag-{number // 2}"})
    with django_assert_num_queries(3):
        client.get(LIST)


def test_page_takes_six_queries_whatever_its_recipes(client, django_assert_num_queries):
    explain("common")
    for number in range(30):
        add_report(make_page(f"recipe-{number:02}").current, {"tag": "common"})
    with django_assert_num_queries(6):
        client.get("/lint/tags/common/")


def test_tag_that_the_newest_version_has_not_keeps_its_page(client):
    LintTag.objects.create(tool="lintian", tool_version="1", tag="was-there", severity="info", explanation="<p>Once.</p>")
    LintTag.objects.create(tool="lintian", tool_version="2", tag="other", severity="info", explanation="<p>Now.</p>")
    page = client.get(reverse("lint_tag", args=["was-there"])).content.decode()
    assert "Once." in page
    assert "lintian 1" in page
    assert "was-there" not in client.get(reverse("lint_tags")).content.decode()
