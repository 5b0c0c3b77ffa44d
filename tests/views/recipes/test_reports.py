"""Reports: filed from a recipe, a comment and an account; read by moderators and nobody else."""

import pytest
from django.urls import reverse

from recipes_app.models import Rank, Report
from recipes_app.services.community import comments
from recipes_app.services.moderation import reports
from recipes_app.services.moderation.reports import Subject
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
WORDS = "it sends my keys away"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def grace(client):
    user = make_user("grace")
    client.force_login(user)
    return user


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


def test_recipe_is_reported(client, grace, recipe):
    client.post(reverse("report_recipe", args=[recipe.name]), {"kind": "malware", "text": WORDS})
    report = Report.objects.get()
    assert (report.recipe, report.reporter, report.text) == (recipe, grace, WORDS)


def test_comment_is_reported(client, ada, grace, recipe):
    comment = comments.add(ada, recipe, "buy now")
    client.post(reverse("report_comment", args=[recipe.name, comment.pk]), {"kind": "spam", "text": "spam"})
    assert Report.objects.get().comment == comment


def test_account_is_reported(client, ada, grace):
    client.post(reverse("report_account", args=["ada"]), {"kind": "abuse", "text": "insults"})
    assert Report.objects.get().account == ada


def test_same_report_twice_is_refused_with_its_words_kept(client, grace, recipe):
    reports.file(grace, Report.Kind.MALWARE, Subject(recipe=recipe), WORDS)
    answer = client.post(reverse("report_recipe", args=[recipe.name]), {"kind": "malware", "text": "again"})
    assert answer.status_code == 400
    assert "you have reported this already" in answer.content.decode()
    assert "again</textarea>" in answer.content.decode()


def test_visitor_signs_in_first(client, recipe):
    assert client.get(reverse("report_recipe", args=[recipe.name])).status_code == 302


def test_words_of_a_report_stand_on_no_public_page(client, grace, recipe, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    report = reports.file(grace, Report.Kind.MALWARE, Subject(recipe=recipe), WORDS)
    reports.decide(make_user("mod", rank=Rank.MODERATOR), report, uphold=True, decision="quarantined")
    client.force_login(make_user("linus"))
    for address in (recipe.get_absolute_url(), reverse("team", args=[recipe.name]), reverse("log")):
        page = client.get(address).content.decode()
        assert WORDS not in page
        assert "grace" not in page
