"""The list of revisions, and one revision's page."""

import pytest

from recipes_app.limits import PAGE_SIZE
from recipes_app.models import SuiteBranch
from tests.factories import make_user
from tests.views.pages import add_report, add_revision, make_page

pytestmark = pytest.mark.django_db
OLD, NEW = "a" * 40, "b" * 40


@pytest.fixture
def recipe():
    found = make_page(maintainer=make_user("ada"))
    add_revision(found, NEW, "1.1-1")
    return found


def test_revisions_stand_newest_first(client, recipe):
    page = client.get("/recipes/hello-dur/revisions/").content.decode()
    assert page.index(NEW[:10]) < page.index(OLD[:10])


def test_branches_are_listed(client, recipe):
    SuiteBranch.objects.create(recipe=recipe, name="debian/bookworm", revision=recipe.current)
    assert "debian/bookworm" in client.get("/recipes/hello-dur/revisions/").content.decode()


def test_long_history_has_pages_and_the_same_number_of_queries(client, recipe, django_assert_num_queries):
    for number in range(PAGE_SIZE + 1):
        add_revision(recipe, f"{number:040x}", f"2.{number}-1")
    with django_assert_num_queries(3):
        response = client.get("/recipes/hello-dur/revisions/", {"page": 2})
    assert len(response.context["page"]) == 3


def test_revision_page_tells_who_pushed_what(client, recipe):
    page = client.get(f"/recipes/hello-dur/revisions/{NEW}/").content.decode()
    assert NEW in page
    assert '<a href="/users/ada/">ada</a>' in page
    assert "1.1-1" in page


def test_revision_page_leads_to_the_difference_from_the_one_before(client, recipe):
    page = client.get(f"/recipes/hello-dur/revisions/{NEW}/").content.decode()
    assert f"/recipes/hello-dur/diff/{OLD}/{NEW}/" in page


def test_one_before_is_of_the_same_branch(client, recipe):
    add_revision(recipe, "c" * 40, "1.0-1+deb12u1", branch="debian/bookworm")
    assert client.get(f"/recipes/hello-dur/revisions/{'c' * 40}/").context["previous"] is None


def test_findings_of_the_parser_are_shown_with_their_place(client):
    make_page(**{"debian/copyright": "Copyright by somebody.\n"})
    page = client.get(f"/recipes/hello-dur/revisions/{OLD}/").content.decode()
    assert "What the parser noticed" in page
    assert f"/recipes/hello-dur/files/{OLD}/debian/copyright" in page


def test_commit_that_was_never_pushed_is_not_found(client, recipe):
    assert client.get(f"/recipes/hello-dur/revisions/{'f' * 40}/").status_code == 404


@pytest.mark.parametrize("commit", ["a" * 10, "A" * 40, "HEAD", "main", "--help"])
def test_names_that_are_no_full_commit_are_no_page(client, recipe, commit):
    assert client.get(f"/recipes/hello-dur/revisions/{commit}/").status_code == 404


def test_revision_page_takes_six_queries(client, recipe, django_assert_num_queries):
    add_report(recipe.current, {"severity": "error"})
    with django_assert_num_queries(6):
        client.get(f"/recipes/hello-dur/revisions/{NEW}/")
