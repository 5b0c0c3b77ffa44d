"""Which language a page is in, the switch in the footer, and that programs are answered in English."""

import json

import pytest
from django.test import Client
from django.utils import translation

from api.framework.schema import portal_schema
from recipes_app.models import User
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de-AT,de;q=0.8,en;q=0.5"}


def test_page_is_in_the_language_that_the_browser_prefers_and_says_so(client):
    answer = client.get("/", **GERMAN)
    assert '<html lang="de"' in answer.content.decode()
    assert answer["Content-Language"] == "de"
    assert {"accept-language", "cookie"} <= {each.strip().lower() for each in answer["Vary"].split(",")}


def test_each_language_is_called_by_its_own_name(client):
    page = client.get("/", **GERMAN).content.decode()
    assert 'value="en" lang="en">English</button>' in page
    assert 'value="de" lang="de" aria-current="true">Deutsch</button>' in page


def test_language_that_the_site_has_not_is_answered_in_english(client):
    assert '<html lang="en"' in client.get("/", HTTP_ACCEPT_LANGUAGE="xx, fr;q=0.9").content.decode()


def test_visitor_switches_in_the_footer_and_is_led_back(client):
    answer = client.post("/language/", {"language": "de"}, HTTP_REFERER="http://testserver/recipes/?q=hello")
    assert answer["Location"] == "http://testserver/recipes/?q=hello"
    assert '<html lang="de"' in client.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_the_switch_leads_to_no_other_site(client):
    answer = client.post(
        "/language/", {"language": "de", "next": "https://elsewhere.example/"}, HTTP_REFERER="https://elsewhere.example/"
    )
    assert answer["Location"] == "/"


def test_account_keeps_its_choice_and_has_it_in_every_browser(client):
    user = make_user("ada")
    client.force_login(user)
    client.post("/language/", {"language": "de"})
    user.refresh_from_db()
    assert user.language == "de"
    other = Client()
    other.force_login(user)
    assert '<html lang="de"' in other.get("/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_what_is_kept_with_an_account_takes_the_token_against_forged_requests():
    user = make_user("ada")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    assert browser.post("/language/", {"language": "de"}).status_code == 403
    assert User.objects.get().language == ""
    page = browser.get("/recipes/").content.decode()
    assert page.count("csrfmiddlewaretoken") == 2  # to sign out, and the languages
    token = browser.cookies["csrftoken"].value
    assert browser.post("/language/", {"language": "de", "csrfmiddlewaretoken": token}).status_code == 302
    assert User.objects.get().language == "de"


def test_visitor_needs_no_token_and_gets_no_cookie_before_he_chooses():
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.get("/")
    assert page.cookies == {}
    assert 'name="language" value="de"' in page.content.decode()
    assert visitor.post("/language/", {"language": "de"}).status_code == 302


@pytest.mark.parametrize("wrong", ["", "fr", "de'"])
def test_language_that_is_not_there_is_not_kept(client, wrong):
    user = make_user("ada")
    client.force_login(user)
    client.post("/language/", {"language": wrong})
    user.refresh_from_db()
    assert user.language == ""


def test_account_that_may_write_nothing_chooses_for_its_browser(client):
    user = make_user("newcomer", verified=False)
    client.force_login(user)
    page = client.post("/language/", {"language": "de"}, follow=True).content.decode()
    user.refresh_from_db()
    assert user.language == ""
    assert '<html lang="de"' in page


def test_switch_is_a_form_only(client):
    assert client.get("/language/?language=de").status_code == 405


class TestPrograms:
    """The texts of the API and of git are promises: programs and scripts compare them."""

    @pytest.mark.parametrize(
        "address", ["/api/v1/", "/api/v1/recipes/nothing-here/", "/api/v1/nowhere/", "/api/v1/recipes/?q=bad:x"]
    )
    def test_api_has_the_same_bytes_in_every_language(self, client, address):
        english = client.get(address, HTTP_ACCEPT="application/json")
        german = client.get(address, HTTP_ACCEPT="application/json", **GERMAN)
        assert german.content == english.content
        assert german["Content-Language"] == "en"
        assert "accept-language" not in german.get("Vary", "").lower()

    def test_refused_act_is_told_in_english_to_an_account_that_reads_german(self, client):
        ada = make_user("ada")
        User.objects.filter(pk=ada.pk).update(language="de")
        client.force_login(ada)
        recipe = make_recipe("hello-dur", make_user("grace"))
        answer = client.post(
            f"/api/v1/recipes/{recipe.name}/flags/", {"kind": "broken", "text": " "}, content_type="application/json", **GERMAN
        )
        assert "say what is wrong: a flag without words cannot be answered" in answer.content.decode()

    def test_git_is_answered_in_english(self, client):
        answer = client.get("/git/nothing-here.git/info/refs?service=git-upload-pack", **GERMAN)
        assert "there is no recipe 'nothing-here' here" in answer.content.decode()

    def test_schema_is_in_english_whoever_asks_first(self, client):
        portal_schema.cache_clear()
        english = json.dumps(portal_schema())
        portal_schema.cache_clear()
        with translation.override("de"):
            assert json.dumps(portal_schema()) == english


class TestZone:
    def test_times_are_in_the_zone_and_the_form_of_the_account(self, client):
        user = make_user("ada")
        User.objects.filter(pk=user.pk).update(language="de", time_zone="Asia/Kathmandu", date_joined="2026-05-31T20:00:00Z")
        client.force_login(user)
        page = client.get("/users/ada/").content.decode()
        assert '<time datetime="2026-06-01T01:45:00+05:45"' in page
        assert 'data-zone="Asia/Kathmandu"' in page
        assert ">1. Juni 2026</time>" in page

    def test_visitor_reads_utc(self, client):
        user = make_user("ada")
        User.objects.filter(pk=user.pk).update(date_joined="2026-05-31T20:00:00Z")
        page = client.get("/users/ada/").content.decode()
        assert ">31 May 2026</time>" in page
        assert "data-zone" not in page
