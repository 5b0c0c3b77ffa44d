"""Mail domains that have expired, told by a real name server."""

from __future__ import annotations

import re
import socket
from datetime import timedelta

import dns.rcode
import dns.resolver
import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from recipes_app import name_server as asking
from recipes_app.limits import MAIL_DOMAIN_GONE_DAYS
from recipes_app.models import MailDomain, OutboxMail, SecurityEvent, User
from recipes_app.name_server import MailService, mail_service
from recipes_app.services.accounts import address_proof, mail_domains
from recipes_app.services.core.errors import Refused, TooOften
from tests.factories import make_user
from tests.servers.names import Zone, name_server

WORLD: Zone = {("org.", "NS"): "ns.example.net."}


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ({("example.org.", "MX"): "10 mail.example.net."}, MailService.THERE),
        # A null MX (RFC 7505): it takes no mail, and is somebody's.
        ({("example.org.", "MX"): "0 ."}, MailService.THERE),
        ({("example.org.", "A"): "192.0.2.1"}, MailService.THERE),
        ({("example.org.", "AAAA"): "2001:db8::1"}, MailService.THERE),
        ({}, MailService.GONE),
        ({("example.org.", "TXT"): ""}, MailService.GONE),
    ],
)
def test_a_domain_is_there_or_gone(zone: Zone, said: MailService) -> None:
    with name_server(WORLD | zone) as resolver:
        assert mail_service("example.org", resolver) == said


def test_a_network_that_knows_no_name_at_all_says_nothing() -> None:
    with name_server({}) as resolver:
        assert mail_service("example.org", resolver) == MailService.UNKNOWN


@pytest.mark.parametrize("name", ["localhost", "mail.internal", "portal.test"])
def test_names_of_ones_own_network_are_never_gone(name: str) -> None:
    with name_server(WORLD) as resolver:
        assert mail_service(name, resolver) == MailService.UNKNOWN


@pytest.mark.parametrize("failure", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
def test_a_broken_name_server_says_nothing(failure: int) -> None:
    with name_server(WORLD, failure) as resolver:
        assert mail_service("example.org", resolver) == MailService.UNKNOWN


def test_no_answer_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "DNS_SECONDS", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], silent.getsockname()[1]
        assert mail_service("example.org", resolver) == MailService.UNKNOWN


def test_a_machine_without_a_resolver_says_nothing() -> None:
    assert mail_service("example.org", dns.resolver.Resolver(configure=False)) == MailService.UNKNOWN


def days_pass(number: int) -> None:
    for domain in MailDomain.objects.all():
        domain.checked_at -= timedelta(days=number)
        domain.gone_since = domain.gone_since and domain.gone_since - timedelta(days=number)
        domain.save()


@pytest.fixture
def ada() -> User:
    return make_user("ada")


def lose(user: User) -> None:
    mail_domains.check(lambda _name: MailService.GONE)
    days_pass(MAIL_DOMAIN_GONE_DAYS)
    assert mail_domains.check(lambda _name: MailService.GONE) == ["example.org"]
    user.refresh_from_db()


@pytest.mark.django_db
class TestRecovery:
    def test_a_domain_is_gone_after_days_and_not_at_once(self, ada: User) -> None:
        assert mail_domains.check(lambda _name: MailService.GONE) == []
        assert mail_domains.check(lambda _name: MailService.GONE) == []
        ada.refresh_from_db()
        assert mail_domains.may_recover(ada)
        lose(ada)
        assert not mail_domains.may_recover(ada)
        assert SecurityEvent.objects.filter(user=ada, kind="recovery-lost").count() == 1

    def test_a_domain_that_is_back_in_time_is_forgiven(self, ada: User) -> None:
        mail_domains.check(lambda _name: MailService.GONE)
        mail_domains.check(lambda _name: MailService.THERE)
        days_pass(MAIL_DOMAIN_GONE_DAYS)
        days_pass(30)
        assert mail_domains.check(lambda _name: MailService.GONE) == []

    def test_what_nobody_can_tell_changes_nothing(self, ada: User) -> None:
        mail_domains.check(lambda _name: MailService.GONE)
        days_pass(MAIL_DOMAIN_GONE_DAYS)
        assert mail_domains.check(lambda _name: MailService.UNKNOWN) == []
        ada.refresh_from_db()
        assert mail_domains.may_recover(ada)

    def test_a_domain_that_comes_back_may_be_somebody_elses(self, ada: User) -> None:
        lose(ada)
        days_pass(30)
        mail_domains.check(lambda _name: MailService.THERE)
        ada.refresh_from_db()
        assert not mail_domains.may_recover(ada)

    def test_a_domain_is_not_asked_for_at_each_run(self, ada: User) -> None:
        asked: list[str] = []
        for _ in range(3):
            mail_domains.check(lambda name: asked.append(name) or MailService.THERE)
        assert asked == ["example.org"]

    def test_domains_that_nobody_can_tell_of_keep_no_other_waiting(self, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mail_domains, "MAIL_DOMAINS_PER_RUN", 1)
        EmailAddress.objects.filter(user=ada).update(email="ada@a.test")
        make_user("bob")
        asked: list[str] = []
        for _ in range(3):
            mail_domains.check(lambda name: asked.append(name) or MailService.UNKNOWN)
        assert asked == ["a.test", "example.org"]

    def test_no_mail_resets_the_password_and_nobody_can_tell(self, ada: User, client: Client) -> None:
        answers = [client.post("/accounts/password/reset/", {"email": "ada@example.org"})]
        assert len(mail.outbox) == 1
        lose(ada)
        answers.append(client.post("/accounts/password/reset/", {"email": "ada@example.org"}))
        assert len(mail.outbox) == 1
        assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/accounts/password/reset/done/")}

    def test_a_link_of_before_opens_nothing(self, ada: User, client: Client) -> None:
        client.post("/accounts/password/reset/", {"email": "ada@example.org"})
        link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
        assert link is not None
        assert client.get(link[0]).status_code == 302
        lose(ada)
        assert client.get(link[0]).status_code == 200
        assert "set-password" not in client.get(link[0]).content.decode()

    def test_who_is_signed_in_proves_the_address_again(self, ada: User, client: Client) -> None:
        lose(ada)
        client.post("/accounts/login/", {"login": "ada", "password": "correct horse"})
        client.post("/accounts/reauthenticate/", {"password": "correct horse"})
        assert "Send me a link" in client.get("/account/").content.decode()
        client.post("/account/address/")
        link = re.search(r"/account/address/\S+/", OutboxMail.objects.latest("pk").content["body"])
        assert link is not None
        assert client.get(link[0]).status_code == 200
        client.post(link[0])
        ada.refresh_from_db()
        assert mail_domains.may_recover(ada)

    def test_who_reads_the_mail_alone_proves_nothing(self, ada: User, client: Client) -> None:
        lose(ada)
        address_proof.send(ada)
        link = re.search(r"/account/address/(\S+)/", OutboxMail.objects.latest("pk").content["body"])
        assert link is not None
        assert client.post(link[0])["Location"].startswith("/accounts/login/")
        eve = make_user("eve")
        with pytest.raises(Refused):
            address_proof.accept(eve, link[1])
        with pytest.raises(Refused):
            address_proof.accept(ada, link[1][:-2])

    def test_links_are_not_sent_without_end(self, ada: User) -> None:
        lose(ada)
        for _ in range(5):
            address_proof.send(ada)
        with pytest.raises(TooOften):
            address_proof.send(ada)

    def test_another_address_recovers(self, ada: User, client: Client) -> None:
        lose(ada)
        client.post("/accounts/login/", {"login": "ada", "password": "correct horse"})
        client.post("/accounts/reauthenticate/", {"password": "correct horse"})
        client.post("/accounts/email/", {"email": "ada@example.net", "action_add": ""})
        link = re.search(r"/accounts/confirm-email/\S+/", str(mail.outbox[-1].body))
        assert link is not None
        client.post(link[0])
        ada.refresh_from_db()
        assert (ada.email, mail_domains.may_recover(ada)) == ("ada@example.net", True)


@pytest.mark.django_db
class TestOneMailboxIsOneAccount:
    @pytest.mark.parametrize("spelling", ["ada@BÜCHER.example", " ada@xn--bcher-kva.example ", "ADA@bücher.example."])
    def test_a_second_account_with_the_same_mailbox_is_none(self, client: Client, spelling: str) -> None:
        ada = make_user("ada")
        ada.email = "ada@bücher.example"
        ada.save()
        EmailAddress.objects.filter(user=ada).delete()
        EmailAddress.objects.create(user=ada, email="ada@bücher.example", primary=True, verified=True)
        assert EmailAddress.objects.get().email == ada.email == "ada@xn--bcher-kva.example"
        form = {
            "email": spelling, "username": "bob", "password1": "a long one, really", "password2": "a long one, really",
            "accept_terms": "on",
        }  # fmt: skip
        client.post("/accounts/signup/", form)
        assert not User.objects.filter(username="bob").exists()

    def test_one_signs_in_and_resets_by_any_spelling(self, client: Client) -> None:
        ada = make_user("ada")
        EmailAddress.objects.filter(user=ada).delete()
        EmailAddress.objects.create(user=ada, email="ada@bücher.example", primary=True, verified=True)
        ada.email = "ada@bücher.example"
        ada.save()
        answer = client.post("/accounts/login/", {"login": "Ada@BÜCHER.example", "password": "correct horse"})
        assert answer["Location"] == "/dashboard/"
        client.logout()
        client.post("/accounts/password/reset/", {"email": "ada@Bücher.example"})
        assert mail.outbox[-1].to == ["ada@xn--bcher-kva.example"]
