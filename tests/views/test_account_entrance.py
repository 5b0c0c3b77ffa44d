"""Sign-up, sign-in, reset and change of address: through allauth's real pages, with the portal's rules and limits."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django.views.debug import ExceptionReporter

from recipes_app.models import Rank, Switch, User
from recipes_app.services.accounts import terms
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long and quiet evening"
SECRET = "dur_4711"
NEWCOMER = {
    "email": "ada@example.org", "username": "ada", "password1": PASSWORD, "password2": PASSWORD, "accept_terms": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_limits():
    """Limits are counted in the cache, which no transaction rolls back."""
    cache.clear()


def link_in(mail, path: str) -> str:
    found = re.search(rf"https?://[^/\s]+({path}\S*)", mail.body)
    assert found, mail.body
    return found[1]


def sign_in(client, username="ada", password="correct horse", **extra):
    return client.post("/accounts/login/", {"login": username, "password": password}, **extra)


class TestSignUp:
    def test_account_counts_once_its_address_is_verified(self, client, mailoutbox):
        client.post("/accounts/signup/", NEWCOMER)
        assert not EmailAddress.objects.get().verified
        link = link_in(mailoutbox[0], "/accounts/confirm-email/")
        client.get(link)
        assert not EmailAddress.objects.get().verified
        client.post(link)
        assert EmailAddress.objects.get().verified

    def test_terms_are_accepted_with_it(self, client):
        client.post("/accounts/signup/", NEWCOMER)
        assert User.objects.get().terms_version == terms.in_force()

    def test_without_the_terms_there_is_no_account(self, client):
        answer = client.post("/accounts/signup/", {**NEWCOMER, "accept_terms": ""})
        assert answer.status_code == 200
        assert not User.objects.exists()

    @pytest.mark.parametrize(
        "name", ["Ada", "a", "-ada", "ada.", "a..b", "ada lovelace", "x" * 40, "аda", "root", "deleted-account"]
    )
    def test_username_that_breaks_the_rule_is_refused(self, client, name):
        client.post("/accounts/signup/", {**NEWCOMER, "username": name})
        assert not User.objects.exists()

    def test_name_of_a_deleted_account_is_taken(self, client):
        User.objects.create_user("ada", email="1@deleted.invalid", is_active=False)
        client.post("/accounts/signup/", NEWCOMER)
        assert User.objects.count() == 1

    def test_address_in_use_is_not_told_to_the_stranger_but_to_its_owner(self, client, mailoutbox):
        make_user("grace")
        known = client.post("/accounts/signup/", {**NEWCOMER, "email": "grace@example.org"})
        unknown = Client().post("/accounts/signup/", {**NEWCOMER, "username": "eve", "email": "eve@example.org"})
        assert known["Location"] == unknown["Location"]
        assert User.objects.filter(email="grace@example.org").count() == 1
        assert mailoutbox[0].to == ["grace@example.org"]

    @pytest.mark.parametrize("switch", [Switch.Name.SIGN_UP, Switch.Name.WRITES])
    def test_closed_sign_up_says_the_moderators_words(self, client, switch):
        Switch.objects.create(name=switch, off=True, message="We are moving house.")
        for answer in (client.get("/accounts/signup/"), client.post("/accounts/signup/", NEWCOMER)):
            assert "We are moving house." in answer.content.decode()
        assert not User.objects.exists()

    def test_more_sign_ups_than_the_limit_are_refused(self, client, settings):
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "signup": "2/h/ip"}
        codes = [client.post("/accounts/signup/", {}).status_code for _ in range(3)]
        assert codes == [200, 200, 429]


class TestSignIn:
    def test_username_and_address_both_work(self):
        make_user("ada")
        for login in ("ada", "ada@example.org"):
            assert sign_in(Client(), login)["Location"] == "/dashboard/"

    def test_unverified_account_is_not_let_in(self, client):
        make_user("ada", verified=False)
        assert sign_in(client)["Location"] == "/accounts/confirm-email/"
        assert client.get("/account/").status_code == 302

    def test_guessing_is_stopped_after_five_even_from_other_addresses_and_with_the_right_password(self):
        make_user("ada")
        for number in range(5):
            sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), password="wrong")
        late = sign_in(Client(REMOTE_ADDR="192.0.2.99"))
        assert late.status_code == 200
        assert "Too many failed login attempts" in late.content.decode()

    def test_one_address_that_tries_many_accounts_is_stopped(self, client):
        codes = [sign_in(client, f"user{number}", "x").status_code for number in range(31)]
        assert codes[-1] == 429

    def test_sign_ins_good_and_bad_are_in_the_history(self, client):
        ada = make_user("ada")
        sign_in(client, password="wrong", HTTP_USER_AGENT="Guesser/1.0")
        sign_in(client, HTTP_USER_AGENT="Firefox")
        lines = ada.security_events.values_list("kind", "address", "user_agent")
        assert list(lines) == [("signed-in", "127.0.0.1", "Firefox"), ("sign-in-failed", "127.0.0.1", "Guesser/1.0")]

    def test_password_alone_does_not_open_an_account_with_a_second_factor(self, client):
        ada = make_user("ada")
        totp.TOTP.activate(ada, totp.generate_totp_secret())
        assert sign_in(client)["Location"].startswith("/accounts/2fa/authenticate/")
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
        assert client.get("/account/").status_code == 302
        assert ada.security_events.first().kind == "second-factor-failed"

    def test_fault_8_error_report_carries_no_posted_password(self, rf):
        request = rf.post("/some/view/", {"login": "ada", "password": PASSWORD, "password1": PASSWORD, "token": SECRET})
        with pytest.raises(ZeroDivisionError) as caught:
            view_that_breaks(request)
        reporter = ExceptionReporter(request, caught.type, caught.value, caught.tb.tb_next)
        for report in (reporter.get_traceback_text(), reporter.get_traceback_html()):
            assert "view_that_breaks" in report
            assert PASSWORD not in report
            assert SECRET not in report


def view_that_breaks(request):
    """Like a sign-in that holds the password in a variable when it fails."""
    form = dict(request.POST.items())
    return len(form["password"]) / 0


class TestMaintenance:
    @pytest.fixture(autouse=True)
    def _read_only(self):
        Switch.objects.create(name=Switch.Name.WRITES, off=True, message="Moving house.")

    @pytest.mark.parametrize(
        "address",
        ["/accounts/password/reset/", "/accounts/password/change/", "/accounts/email/", "/accounts/2fa/totp/activate/",
         "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/", "/accounts/sessions/", "/accounts/3rdparty/",
         "/accounts/oidc/oidc/login/?process=connect"],
    )  # fmt: skip
    def test_fault_12_account_pages_write_nothing(self, client, address):
        client.force_login(make_user("ada"))
        answer = client.post(address, {"email": "new@example.org", "action_add": ""})
        assert answer.status_code == 503
        assert "Moving house." in answer.content.decode()

    def test_staff_signs_in_to_end_it(self, client):
        make_user("mod", rank=Rank.MODERATOR)
        assert sign_in(client, "mod").status_code == 302
        assert client.get("/account/").status_code == 200

    def test_staff_may_come_by_another_site(self, client):
        assert client.post("/accounts/oidc/oidc/login/").status_code != 503

    def test_others_are_told_and_not_signed_in(self, client):
        make_user("ada")
        assert sign_in(client).status_code == 503
        assert client.get("/account/").status_code == 302

    def test_pages_are_read_all_the_same(self, client):
        client.force_login(make_user("ada"))
        for address in ("/account/", "/account/profile/", "/account/security/", "/accounts/email/", "/accounts/sessions/"):
            assert client.get(address).status_code == 200, address


class TestReset:
    def request_link(self, client, mailoutbox):
        client.post("/accounts/password/reset/", {"email": "ada@example.org"})
        return link_in(mailoutbox[-1], "/accounts/password/reset/key/")

    def test_link_of_the_mail_sets_a_new_password_once(self, client, mailoutbox):
        ada = make_user("ada")
        link = self.request_link(client, mailoutbox)
        form = client.get(link, follow=True)
        client.post(form.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
        ada.refresh_from_db()
        assert ada.check_password(PASSWORD)
        assert ada.security_events.first().kind == "password-reset"
        assert "password1" not in Client().get(link, follow=True).content.decode()

    def test_fault_11_link_expires(self, client, mailoutbox, settings, monkeypatch):
        make_user("ada")
        link = self.request_link(client, mailoutbox)
        later = timezone.make_naive(timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 60))
        monkeypatch.setattr("django.contrib.auth.tokens.PasswordResetTokenGenerator._now", lambda _self: later)
        page = client.get(link, follow=True).content.decode()
        assert "password1" not in page
        assert "Bad Token" in page

    def test_link_leads_to_the_portal_whatever_host_was_asked(self, client, mailoutbox, settings):
        make_user("ada")
        client.post("/accounts/password/reset/", {"email": "ada@example.org"}, headers={"host": "evil.example"})
        assert f"{settings.PORTAL_URL}/accounts/password/reset/key/" in mailoutbox[0].body
        assert "evil.example" not in mailoutbox[0].body

    def test_more_mails_than_the_limit_are_not_sent(self, client, mailoutbox):
        make_user("ada")
        for _ in range(8):
            client.post("/accounts/password/reset/", {"email": "ada@example.org"})
        assert len(mailoutbox) == 5


class TestChangeOfAddress:
    def test_old_address_stays_until_the_new_one_is_verified_and_is_told(self, client, mailoutbox):
        make_user("ada")
        sign_in(client)
        client.post("/accounts/reauthenticate/", {"password": "correct horse"})
        client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
        ada = User.objects.get()
        assert ada.email == "ada@example.org"
        asked = next(mail for mail in mailoutbox if mail.to == ["new@example.org"])
        client.post(link_in(asked, "/accounts/confirm-email/"))
        ada.refresh_from_db()
        assert ada.email == "new@example.org"
        assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.org", True)]
        told = [mail for mail in mailoutbox if mail.to == ["ada@example.org"]]
        assert "changed" in told[-1].body
        assert ada.security_events.first().kind == "address-changed"

    def test_open_browser_alone_does_not_change_it(self, client):
        client.force_login(make_user("ada"))
        answer = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
        assert answer["Location"].startswith("/accounts/reauthenticate/")
        assert User.objects.get().email == "ada@example.org"
