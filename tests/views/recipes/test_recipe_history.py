"""The security page and the activity of a recipe."""

import pytest
from django.utils import timezone

from recipes_app.models import Flag, Hold, Recipe, Revision
from recipes_app.services.community import comments
from recipes_app.services.moderation import flags
from tests.factories import make_user
from tests.views.pages import add_revision, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipe():
    found = make_page(maintainer=make_user("ada"))
    revision = add_revision(found, "b" * 40, "2.0-1")
    Revision.objects.filter(pk=revision.pk).update(review=Revision.Review.HELD)
    Hold.objects.create(revision=revision, reasons=["the account is young"], created_at=timezone.now())
    return found


def test_security_page_tells_hands_holds_and_quarantine(client, recipe):
    Recipe.objects.filter(pk=recipe.pk).update(
        quarantined_at=timezone.now(), quarantine_reason="It mines coins.", adopted_at=timezone.now(),
        ownership_changed_at=timezone.now(), previous_maintainer_name="grace",
    )  # fmt: skip
    page = client.get("/recipes/hello-dur/security/").content.decode()
    for said in ("It mines coins.", "the account is young", "held for review", "adopted", "grace"):
        assert said in page


def test_security_page_takes_three_queries(client, recipe, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get("/recipes/hello-dur/security/")


def test_activity_has_pushes_words_and_flags_newest_first(client, recipe):
    user = make_user("grace")
    comments.add(user, recipe, "a word")
    flags.raise_flag(user, recipe, Flag.Kind.OUT_OF_DATE, flags.FlagText("3.0 is out"))
    page = client.get("/recipes/hello-dur/activity/").content.decode()
    events = client.get("/recipes/hello-dur/activity/").context["events"]
    assert [event.kind for event in events] == ["flag", "comment", "push", "push"]
    assert "held for review" in page


def test_activity_takes_five_queries(client, recipe, django_assert_num_queries):
    with django_assert_num_queries(5):
        client.get("/recipes/hello-dur/activity/")


def test_trust_strip_says_what_is_wrong(client, recipe):
    Recipe.objects.filter(pk=recipe.pk).update(maintainer=None, open_flags=0, lint_state="failed", quarantined_at=timezone.now())
    page = client.get("/recipes/hello-dur/").content.decode()
    strip = page[page.index('id="trust"') : page.index("Flags</dt>")]
    for said in ("orphaned", "quarantined", "lint failed", "a newer one is held"):
        assert said in strip
