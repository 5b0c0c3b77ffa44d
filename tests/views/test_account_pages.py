"""The account's own pages: profile, keys, sessions, history, terms, deletion, and what follows from them on every page."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from recipes_app.limits import SESSION_SEEN_MINUTES
from recipes_app.models import ApiToken, Rank, SshKey, Switch, User
from recipes_app.services.accounts import terms
from tests.factories import make_recipe, make_user
from tests.services.accounts.test_ssh_keys import ED25519

pytestmark = pytest.mark.django_db
OWN_PAGES = ["/account/profile/", "/account/keys/", "/account/security/", "/account/delete/", "/accounts/sessions/"]


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def ada(client):
    """Ada, who has signed in and has just given her password again."""
    user = make_user("ada")
    client.post("/accounts/login/", {"login": "ada", "password": "correct horse"})
    client.post("/accounts/reauthenticate/", {"password": "correct horse"})
    return user


@pytest.mark.parametrize("address", OWN_PAGES)
def test_visitor_is_sent_to_sign_in(client, address):
    assert client.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", OWN_PAGES)
def test_page_is_kept_by_no_cache(client, ada, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


class TestProfile:
    def test_profile_is_kept_and_shown_to_all(self, client, ada):
        said = {"about": "I pack <b>games</b>.", "homepage": "https://example.org/", "openpgp_fingerprint": "ab" * 20}
        client.post("/account/profile/", said)
        page = Client().get("/users/ada/").content.decode()
        assert "I pack &lt;b&gt;games&lt;/b&gt;." in page
        assert "AB" * 20 in page
        assert 'href="https://example.org/" rel="nofollow ugc noopener"' in page

    def test_wrong_fingerprint_is_said_beside_its_field(self, client, ada):
        answer = client.post("/account/profile/", {"openpgp_fingerprint": "DEADBEEF"})
        assert answer.status_code == 400
        assert "40 hexadecimal digits" in str(answer.context["form"].errors["openpgp_fingerprint"])

    def test_pages_come_in_the_chosen_language(self, client, ada):
        User.objects.filter(pk=ada.pk).update(language="de")
        assert '<html lang="de"' in client.get("/account/profile/").content.decode()
        assert '<html lang="en"' in Client().get("/").content.decode()

    def test_times_come_in_the_chosen_zone_and_for_the_next_reader_in_utc(self, client, ada):
        User.objects.filter(pk=ada.pk).update(time_zone="Asia/Tokyo")
        assert "+09:00" in client.get("/account/security/").content.decode()
        other = Client()
        other.force_login(make_user("bob"))
        assert timezone.get_current_timezone_name() == "UTC"


class TestSshKeys:
    def test_key_is_added_shown_and_removed(self, client, ada):
        client.post("/account/keys/", {"name": "laptop", "key": ED25519})
        key = SshKey.objects.get()
        assert key.fingerprint in client.get("/account/keys/").content.decode()
        client.post(f"/account/keys/{key.pk}/remove/")
        assert not SshKey.objects.exists()

    def test_bad_key_is_explained(self, client, ada):
        answer = client.post("/account/keys/", {"key": "ssh-dss AAAA"})
        assert answer.status_code == 400
        assert "no type of key" in answer.content.decode()

    def test_open_browser_alone_adds_none(self, client):
        client.force_login(make_user("ada"))
        answer = client.post("/account/keys/", {"name": "mine", "key": ED25519})
        assert answer["Location"].startswith("/accounts/reauthenticate/")
        assert not SshKey.objects.exists()

    def test_password_given_again_lets_the_key_in(self, client):
        client.force_login(make_user("ada"))
        asked = client.post("/account/keys/", {"name": "mine", "key": ED25519})
        client.post(asked["Location"], {"password": "correct horse"}, follow=True)
        assert SshKey.objects.get().name == "mine"


class TestSessions:
    def test_session_elsewhere_is_ended_by_its_button(self, client, ada):
        elsewhere = Client(HTTP_USER_AGENT="Stolen laptop")
        elsewhere.post("/accounts/login/", {"login": "ada", "password": "correct horse"})
        assert "Stolen laptop" in client.get("/accounts/sessions/").content.decode()
        stolen = UserSession.objects.get(user_agent="Stolen laptop")
        client.post(f"/account/sessions/{stolen.pk}/end/")
        assert elsewhere.get("/account/").status_code == 302
        assert client.get("/account/").status_code == 200
        assert ada.security_events.first().kind == "session-ended"

    def test_session_of_somebody_else_goes_on(self, client, ada):
        make_user("bob")
        other = Client()
        other.post("/accounts/login/", {"login": "bob", "password": "correct horse"})
        client.post(f"/account/sessions/{UserSession.objects.get(user__username='bob').pk}/end/")
        assert other.get("/account/").status_code == 200

    def test_last_seen_is_written_once_in_some_minutes(self, client, ada, monkeypatch):
        signed_in = UserSession.objects.get().last_seen_at
        client.get("/account/")
        later = timezone.now() + timezone.timedelta(minutes=SESSION_SEEN_MINUTES)
        monkeypatch.setattr("django.utils.timezone.now", lambda: later)
        client.get("/account/")
        assert UserSession.objects.get().last_seen_at == later > signed_in


class TestHistory:
    def test_owner_reads_it_in_words(self, client, ada):
        assert "Signed in" in client.get("/account/security/").content.decode()

    def test_nobody_reads_anothers(self, client, ada):
        client.post("/account/keys/", {"name": "laptop", "key": ED25519})
        other = Client()
        other.force_login(make_user("bob"))
        assert "laptop" not in other.get("/account/security/").content.decode()

    def test_page_takes_a_fixed_number_of_queries(self, client, ada, django_assert_max_num_queries):
        for _ in range(30):
            ada.security_events.create(kind="signed-in")
        with django_assert_max_num_queries(6):
            client.get("/account/security/")


class TestTerms:
    def test_anybody_reads_them(self, client):
        page = client.get("/terms/").content.decode()
        assert "What you publish" in page
        assert "I accept these terms" not in page

    def test_fault_5_each_account_is_asked_once_before_it_writes_and_then_never_again(self, settings):
        settings.TERMS_VERSION = "next"
        for name in ("ada", "bob"):
            make_user(name)
            User.objects.update(terms_version="old")
            client = Client()
            client.post("/accounts/login/", {"login": name, "password": "correct horse"})
            asked = client.post(
                "/account/profile/", {"about": "Hello."}, headers={"referer": "http://testserver/account/profile/"}
            )
            assert asked["Location"].startswith("/terms/?next=")
            page = client.get(asked["Location"])
            accepted = client.post("/terms/", {"version": "next", "next": page.context["next"]})
            assert accepted["Location"] == "http://testserver/account/profile/"
            assert client.post("/account/profile/", {"about": "Hello."})["Location"] == "/account/profile/"
            assert "I accept these terms" not in client.get("/terms/").content.decode()

    def test_browser_does_not_get_round_them_by_the_api(self, client, ada):
        make_recipe("hello-dur")
        User.objects.update(terms_version="old")
        assert client.put("/api/v1/recipes/hello-dur/vote/")["Location"].startswith("/terms/")
        assert not ada.votes.exists()

    def test_accepting_leads_to_no_other_site(self, client, ada):
        User.objects.update(terms_version="old")
        answer = client.post("/terms/", {"version": terms.in_force(), "next": "https://evil.example/"})
        assert answer["Location"] == "/account/"

    def test_reading_and_signing_out_go_on_without_them(self, client, ada):
        User.objects.update(terms_version="old")
        assert "have a new version" in client.get("/account/").content.decode()
        assert client.post("/accounts/logout/")["Location"] == "/"


class TestTokens:
    def test_token_for_one_recipe_is_made_and_shown_as_such(self, client, ada):
        make_recipe("hello-dur", ada)
        asked = {"name": "robot", "scopes_chosen": ["push"], "lifetime": "30", "recipe": "hello-dur"}
        assert "only hello-dur" in client.post("/account/tokens/", asked).content.decode()
        assert ApiToken.objects.get().recipe.name == "hello-dur"

    def test_recipe_that_is_none_is_explained(self, client, ada):
        asked = {"name": "robot", "scopes_chosen": ["push"], "lifetime": "30", "recipe": "nothing"}
        assert "no recipe of this name" in client.post("/account/tokens/", asked).content.decode()


class TestSecondFactorOfStaff:
    def test_moderator_without_one_is_told_on_every_page(self, client, settings):
        settings.STAFF_NEEDS_SECOND_FACTOR = True
        moderator = make_user("mod", rank=Rank.MODERATOR)
        client.force_login(moderator)
        assert "/accounts/2fa/" in client.get("/terms/").content.decode()
        Authenticator.objects.create(user=moderator, type=Authenticator.Type.TOTP, data={})
        assert "/accounts/2fa/" not in client.get("/terms/").content.decode()

    def test_others_are_not(self, client, ada, settings):
        settings.STAFF_NEEDS_SECOND_FACTOR = True
        assert "/accounts/2fa/" not in client.get("/terms/").content.decode()


class TestDeletion:
    def test_page_says_before_what_happens(self, client, ada):
        make_recipe("lonely", ada)
        page = client.get("/account/delete/").content.decode()
        assert "lonely" in page
        assert "becomes an orphan" in page
        assert User.objects.get().is_active

    def test_typed_name_deletes_and_signs_out(self, client, ada):
        answer = client.post("/account/delete/", {"username": "ada"}, follow=True)
        assert "Your account is deleted." in answer.content.decode()
        assert not User.objects.get().is_active
        assert client.get("/account/").status_code == 302

    def test_page_of_a_deleted_account_says_so_and_nothing_else(self, client, ada):
        User.objects.filter(pk=ada.pk).update(is_active=False, about="Left over.")
        page = Client().get("/users/ada/")
        assert page.status_code == 410
        assert "This account was deleted." in page.content.decode()
        assert "Left over." not in page.content.decode()

    def test_wrong_name_deletes_nothing(self, client, ada):
        assert client.post("/account/delete/", {"username": "bob"}).status_code == 400
        assert User.objects.get().is_active

    def test_open_browser_alone_deletes_nothing(self, client):
        client.force_login(make_user("ada"))
        assert client.post("/account/delete/", {"username": "ada"})["Location"].startswith("/accounts/reauthenticate/")
        assert User.objects.get().is_active

    def test_maintenance_mode_is_said_on_the_page(self, client, ada):
        Switch.objects.create(name=Switch.Name.WRITES, off=True, message="Moving house.")
        assert "Moving house." in client.post("/account/delete/", {"username": "ada"}).content.decode()
        assert User.objects.get().is_active
