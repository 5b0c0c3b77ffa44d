"""The pages on recipe checks: every one can be read, shows what is found, and shows hostile text without obeying it."""

import pytest
from django.urls import reverse

from recipes_app.lint.checks.registry import CHECKS
from recipes_app.services.lint import checks
from tests.views.pages import add_report, make_page


@pytest.mark.django_db
def test_the_list_names_every_check_and_asks_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get(reverse("checks"))

    assert page.status_code == 200
    text = page.content.decode()
    assert [identifier for identifier in CHECKS if f'href="/checks/{identifier}/"' not in text] == []


@pytest.mark.django_db
@pytest.mark.parametrize("identifier", CHECKS)
def test_every_check_has_a_page_that_shows_what_it_finds(client, django_assert_num_queries, identifier):
    about = CHECKS[identifier].about

    with django_assert_num_queries(0):
        page = client.get(f"/checks/{identifier}/")

    assert page.status_code == 200
    failing = checks.failing_files(about)
    assert sum(len(file.findings) for file in failing) >= 1
    assert [file for file in checks.mending_files(about) if file.findings] == []
    assert page.content.count(b'class="line found"') == sum(len(file.lines) for file in failing)


@pytest.mark.django_db
def test_a_character_that_turns_text_around_is_spelled_out(client):
    page = client.get("/checks/DUR801/").content.decode()

    assert "\u202e" not in page
    assert '<span class="odd" title="RIGHT-TO-LEFT OVERRIDE">U+202E</span>' in page


@pytest.mark.django_db
@pytest.mark.parametrize("identifier", ["DUR199", "DUR1", "dur101", "DUR1010"])
def test_there_is_no_page_for_what_is_no_check(client, identifier):
    assert client.get(f"/checks/{identifier}/").status_code == 404


@pytest.mark.django_db
def test_a_finding_in_a_report_leads_to_its_check_and_a_tag_of_lintians_does_not(client):
    revision = make_page().current
    add_report(revision, {"tag": "DUR101", "severity": "error"}, {"tag": "DUR199"}, {"tag": "some-tag"})

    page = client.get(reverse("lint", args=["hello-dur", revision.commit])).content.decode()

    assert page.count('href="/checks/DUR101/"') == 1
    assert "/checks/DUR199/" not in page
    assert "/checks/some-tag/" not in page
