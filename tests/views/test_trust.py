"""The trust card, and the box of what is stopped, wherever a recipe is shown."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from recipes_app.limits import FACTOR_VOTES
from recipes_app.models import Hold, Recipe, Revision, User
from recipes_app.services.moderation import quarantine
from tests.factories import make_user
from tests.views.pages import add_revision, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipe():
    return make_page(maintainer=make_user("ada"))


@pytest.fixture
def stopped(recipe, settings):
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    quarantine.quarantine(make_user("mira", rank="moderator"), recipe, "It mines <b>coins</b>.")
    recipe.refresh_from_db()
    return recipe


def page_of(client, address="/recipes/hello-dur/"):
    return client.get(address).content.decode()


def card(client):
    return page_of(client).partition('<section class="card trust"')[2].partition("</section>")[0]


def test_nobody_looked_is_grey(client, recipe):
    assert '<span class="badge plain">not reviewed</span>' in card(client)
    assert "published</span>" not in card(client)


def test_a_review_is_green_and_names_who_looked(client, recipe):
    Hold.objects.create(revision=recipe.current, created_at=timezone.now(), released=True, decided_by_name="tess")
    assert '<span class="badge good">reviewed by tess</span>' in card(client)


def test_no_page_calls_published_good(client, recipe):
    for address in ("/recipes/hello-dur/revisions/", recipe.current.get_absolute_url()):
        assert '<span class="badge good">published' not in page_of(client, address)


def test_the_card_speaks_of_people(client, recipe):
    said = card(client)
    for words in (
        "new account</span>",
        "account since",
        "no second factor",
        "1 revision published here",
        "by Ada Lovelace, who pushed it",
        "never",
    ):
        assert words in said
    Authenticator.objects.create(user=recipe.maintainer, type=Authenticator.Type.TOTP, data={})
    assert "no second factor" not in card(client)


def test_the_card_tells_the_author_from_the_pusher(client, recipe):
    grace = make_user("grace")
    Revision.objects.update(pusher=grace, pusher_name="grace")
    assert "by Ada Lovelace, pushed by grace" in card(client)
    assert "not the maintainer" in card(client)


def test_a_quarantined_recipe_is_not_sold(client, stopped):
    page = page_of(client)
    assert "Get it and build it" not in page
    assert "git clone" not in page
    assert 'value="vote"' not in page
    for words in ("Stopped by mira", "It mines &lt;b&gt;coins&lt;/b&gt;.", "sudo apt-get purge hello-dur", "If you have built"):
        assert words in page


def test_the_box_stands_on_the_security_page_too(client, stopped):
    assert "Stopped by mira" in page_of(client, "/recipes/hello-dur/security/")


@pytest.mark.parametrize(
    "address",
    ["/", "/recipes/", "/recipes/?q=greeting", "/recipes/?sort=-created", "/suggest/?q=hello", "/feeds/new/", "/feeds/updated/",
     "/feeds/search/?q=greeting", "/api/v1/recipes/", "/api/v1/recipes/?q=greeting"],
)  # fmt: skip
def test_lists_leave_it_out(client, stopped, address):
    make_page("well-dur")
    assert "hello-dur" not in page_of(client, address).replace("?q=hello", "")


@pytest.mark.parametrize(
    "address", ["/recipes/?q=quarantined:yes", "/api/v1/recipes/?quarantined=yes", "/api/v1/recipes/?q=quarantined:any"]
)
def test_who_asks_for_it_finds_it(client, stopped, address):
    assert "hello-dur" in page_of(client, address)


def test_the_accounts_pages_say_so(client, stopped):
    assert "quarantined</span>" in page_of(client, "/users/ada/")
    client.force_login(stopped.maintainer, backend="django.contrib.auth.backends.ModelBackend")
    assert "quarantined</span>" in page_of(client, "/account/")
    assert "quarantined</span>" in page_of(client, "/dashboard/")


def test_a_frozen_account_is_frozen_on_every_page(client, recipe):
    User.objects.filter(username="ada").update(frozen_at=timezone.now(), frozen_reason="It sold its <i>keys</i>.")
    assert "It sold its &lt;i&gt;keys&lt;/i&gt;." in page_of(client, "/users/ada/")
    assert "maintainer is frozen" in page_of(client, "/users/ada/")
    assert "account is frozen" in page_of(client)
    assert '<span class="badge bad">frozen</span>' in card(client)
    client.force_login(recipe.maintainer, backend="django.contrib.auth.backends.ModelBackend")
    assert "Nothing here can be changed" in page_of(client, "/dashboard/")


def test_a_revision_that_was_taken_out_says_what_to_do(client, recipe):
    bad = add_revision(recipe, "b" * 40, "1.1-1")
    Revision.objects.filter(pk=bad.pk).update(review=Revision.Review.QUARANTINED)
    Recipe.objects.filter(pk=recipe.pk).update(current=recipe.revisions.get(commit="a" * 40))
    page = page_of(client, bad.get_absolute_url())
    assert "Moderators have taken this revision out" in page
    assert "sudo apt-get purge hello-dur" in page
    assert "Get it and build it" in page_of(client)


def test_a_deleted_recipe_is_not_on_its_maintainers_page(client, recipe):
    Recipe.objects.filter(pk=recipe.pk).update(deleted_at=timezone.now())
    assert "hello-dur" not in page_of(client, "/users/ada/")


def test_the_api_has_the_same_facts(client, recipe):
    said = client.get("/api/v1/recipes/hello-dur/").json()["trust"]
    assert (said["pusher"]["username"], said["pusher"]["second_factor"], said["pusher"]["frozen"]) == ("ada", False, False)
    assert (said["published"], said["reviewer"], said["packager"], said["is_own_packaging"]) == (1, "", "Ada Lovelace", True)
    tag = client.get("/api/v1/recipes/hello-dur/")["ETag"]
    Authenticator.objects.create(user=recipe.maintainer, type=Authenticator.Type.TOTP, data={})
    assert client.get("/api/v1/recipes/hello-dur/", headers={"If-None-Match": tag}).status_code == 200


def test_who_leads_without_a_factor_is_told_on_the_recipes_page(client, recipe, settings):
    settings.LEADERS_NEED_SECOND_FACTOR = True
    Recipe.objects.filter(pk=recipe.pk).update(vote_count=FACTOR_VOTES)
    client.force_login(make_user("grace"), backend="django.contrib.auth.backends.ModelBackend")
    assert "Set up a second factor" not in page_of(client)
    client.force_login(recipe.maintainer, backend="django.contrib.auth.backends.ModelBackend")
    assert "Set up a second factor to act on this recipe" in page_of(client)
    answer = client.post("/recipes/hello-dur/team/", {"act": "keywords", "keywords": "x"})
    assert "set up a second factor first" in answer.content.decode()
    Authenticator.objects.create(user=recipe.maintainer, type=Authenticator.Type.TOTP, data={})
    assert "Set up a second factor" not in page_of(client)
