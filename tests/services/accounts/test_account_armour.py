"""What tells an account of whoever opens it: devices, mails, leaked tokens; and the second factor of who leads."""

from __future__ import annotations

import base64
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django.utils import timezone

from api.views import leaks
from recipes_app.limits import FACTOR_FOLLOWERS, FACTOR_REQUIRED_BY, FACTOR_VOTES, MAX_KNOWN_DEVICES
from recipes_app.models import (
    ApiToken,
    BinaryPackage,
    CoMaintainer,
    Follow,
    KnownDevice,
    OutboxMail,
    PackageRelation,
    Recipe,
    Scope,
    SecurityEvent,
    Switch,
    User,
)
from recipes_app.services.accounts import devices, ssh_keys, tokens
from recipes_app.services.catalogue import votes
from recipes_app.services.core import permissions
from recipes_app.services.core.permissions import Action, PermissionDenied, allowed
from recipes_app.services.ownership import ownership
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
HERE = "/api/v1/tokens/leaked/"


@pytest.fixture
def ada() -> User:
    return make_user("ada")


def told() -> list[str]:
    """Return the subjects of the mails that this site has written itself."""
    return [row.content["subject"] for row in OutboxMail.objects.order_by("pk")]


def sign_in(client: Client, **headers: str) -> None:
    answer = client.post("/accounts/login/", {"login": "ada", "password": "correct horse"}, headers=headers)
    assert answer.status_code == 302


class TestDevices:
    def test_the_first_sign_in_is_told_to_nobody(self, ada: User, client: Client) -> None:
        sign_in(client)
        assert told() == []
        assert KnownDevice.objects.get().user == ada

    def test_a_device_is_known_by_its_cookie_whatever_its_browser_says(self, ada: User, client: Client) -> None:
        sign_in(client, user_agent="Firefox 150")
        client.post("/accounts/logout/")
        sign_in(client, user_agent="Firefox 151")
        assert told() == []
        assert KnownDevice.objects.count() == 1

    def test_another_device_is_told_with_its_address(self, ada: User, client: Client) -> None:
        sign_in(client)
        sign_in(Client(), user_agent="Firefox 150")
        assert ["device" in line for line in told()] == [True]
        body = OutboxMail.objects.get().content["body"]
        assert "127.0.0.1" in body
        assert "Firefox 150" in body
        assert "/account/security/" in body
        assert SecurityEvent.objects.filter(kind="new-device").count() == 1

    def test_a_cookie_that_somebody_made_up_is_a_new_device(self, ada: User, client: Client) -> None:
        sign_in(client)
        other = Client()
        other.cookies[devices.COOKIE] = "made-up"
        sign_in(other)
        assert len(told()) == 1
        assert other.cookies[devices.COOKIE].value != "made-up"

    def test_two_accounts_on_one_device_know_it_both(self, ada: User, client: Client) -> None:
        make_user("grace")
        sign_in(client)
        client.post("/accounts/logout/")
        for _ in range(2):
            client.post("/accounts/login/", {"login": "grace", "password": "correct horse"})
            client.post("/accounts/logout/")
        sign_in(client)
        assert told() == []
        assert KnownDevice.objects.values("digest").distinct().count() == 1

    def test_the_cookie_is_for_the_pages_that_sign_in(self, ada: User, client: Client) -> None:
        sign_in(client)
        cookie = client.cookies[devices.COOKIE]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/accounts/", True, "Lax")

    def test_so_many_devices_are_remembered_and_no_more(self, ada: User) -> None:
        for _ in range(MAX_KNOWN_DEVICES + 2):
            devices.note_sign_in(ada, None)
        assert KnownDevice.objects.count() == MAX_KNOWN_DEVICES


class TestMails:
    def test_a_new_token_and_a_new_key_are_told(self, ada: User) -> None:
        tokens.issue(ada, "laptop", [Scope.PUSH])
        blob = b"".join(struct.pack(">I", len(part)) + part for part in (b"ssh-ed25519", bytes(32)))
        ssh_keys.add(ada, "desk", f"ssh-ed25519 {base64.b64encode(blob).decode()}")
        assert told() == ["[DUR] A token was made for your account.", "[DUR] An SSH key was added to your account."]
        bodies = [row.content["body"] for row in OutboxMail.objects.order_by("pk")]
        assert "laptop (dur_" in bodies[0]
        assert "desk SHA256:" in bodies[1]
        assert all("ada@example.org" in row.content["to"] for row in OutboxMail.objects.all())

    def test_they_are_in_the_accounts_language(self, ada: User) -> None:
        User.objects.filter(pk=ada.pk).update(language="de")
        ada.refresh_from_db()
        tokens.issue(ada, "laptop", [Scope.PUSH])
        assert "Token" in told()[0]
        assert "was made" not in told()[0]

    def test_no_secret_is_in_a_mail(self, ada: User) -> None:
        _token, secret = tokens.issue(ada, "laptop", [Scope.PUSH])
        assert secret not in str(OutboxMail.objects.get().content)

    @pytest.mark.django_db(transaction=True)
    def test_a_new_second_factor_is_told(self, ada: User, client: Client) -> None:
        sign_in(client)
        client.post("/accounts/reauthenticate/", {"password": "correct horse"})
        secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
        code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
        client.post("/accounts/2fa/totp/activate/", {"code": code})
        assert Authenticator.objects.filter(user=ada, type=Authenticator.Type.TOTP).exists()
        assert ["ada@example.org"] in [sent.to for sent in mail.outbox]


class TestLeaks:
    def test_a_leaked_token_is_ended_and_its_owner_told(self, ada: User, client: Client) -> None:
        token, secret = tokens.issue(ada, "ci", [Scope.PUSH])
        answer = client.post(HERE, {"tokens": [secret]}, content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, {"done": True})
        assert not ApiToken.objects.filter(pk=token.pk).exists()
        assert told()[-1] == "[DUR] A token of your account was found in the open, and is ended."
        assert SecurityEvent.objects.filter(user=ada, kind="token-leaked", detail__startswith="ci (dur_").exists()

    def test_nobody_can_tell_a_known_token_from_an_unknown_one(self, ada: User, client: Client) -> None:
        _token, secret = tokens.issue(ada, "ci", [Scope.PUSH])
        given = [[secret], [secret], [tokens.new_secret()], ["dur_nonsense"], ["ghp_" + "x" * 36], [secret, tokens.new_secret()]]
        answers = [client.post(HERE, {"tokens": each}, content_type="application/json") for each in given]
        assert {(answer.status_code, answer.content) for answer in answers} == {(200, b'{"done":true}')}

    def test_it_takes_no_account_and_works_while_the_site_is_read_only(self, ada: User, client: Client) -> None:
        _token, secret = tokens.issue(ada, "ci", [Scope.PUSH])
        Switch.objects.create(name=Switch.Name.WRITES, off=True, message="a new disk", changed_by_name="mod")
        assert client.post(HERE, {"tokens": [secret]}, content_type="application/json").status_code == 200
        assert not ApiToken.objects.exists()

    @pytest.mark.parametrize("tokens_given", [[], ["x"] * 101, "dur_x", [1], ["x" * 201], None])
    def test_bodies_are_bounded(self, client: Client, tokens_given: object) -> None:
        answer = client.post(HERE, {"tokens": tokens_given}, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-body")

    def test_an_address_is_limited(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(leaks, "LEAK_REPORTS_PER_ADDRESS", 2)
        sent = [
            client.post(HERE, {"tokens": ["x"]}, content_type="application/json", REMOTE_ADDR=f"2001:db8:7:7::{number}")
            for number in range(1, 4)
        ]
        assert [answer.status_code for answer in sent] == [200, 200, 429]
        assert int(sent[-1]["Retry-After"]) > 0


class TestSecondFactorOfWhoLeads:
    @pytest.fixture(autouse=True)
    def required(self, settings) -> None:
        settings.LEADERS_NEED_SECOND_FACTOR = True

    @pytest.fixture
    def recipe(self, ada: User) -> Recipe:
        return make_recipe(maintainer=ada, vote_count=FACTOR_VOTES)

    def again(self, user: User) -> User:
        return User.objects.get(pk=user.pk)

    def test_a_small_recipe_needs_none(self, ada: User) -> None:
        assert allowed(Action.PUSH, ada, make_recipe(maintainer=ada, vote_count=FACTOR_VOTES - 1))

    @pytest.mark.parametrize("action", [Action.PUSH, Action.TRANSFER, Action.DISOWN, Action.INVITE, Action.MANAGE_WEBHOOKS])
    def test_acts_say_what_to_set_up(self, ada: User, recipe: Recipe, action: Action) -> None:
        with pytest.raises(PermissionDenied, match=r"set up a second factor first: many use hello-dur.*/accounts/2fa/"):
            permissions.require(action, ada, recipe)

    def test_one_reads_and_votes_all_the_same(self, ada: User, recipe: Recipe) -> None:
        assert allowed(Action.READ, ada, recipe)
        votes.vote(ada, recipe)

    def test_with_a_factor_everything_is_as_before(self, ada: User, recipe: Recipe) -> None:
        Authenticator.objects.create(user=ada, type=Authenticator.Type.TOTP, data={})
        ownership.disown(self.again(ada), recipe)

    @pytest.mark.parametrize(("role", "may"), [("maintain", False), ("push", False), ("triage", True)])
    def test_the_team_is_asked_too(self, recipe: Recipe, role: str, may: bool) -> None:
        grace = make_user("grace")
        CoMaintainer.objects.create(recipe=recipe, user=grace, role=role, position=0, since=timezone.now())
        assert allowed(Action.ANSWER_FLAG, grace, recipe) == may

    def test_a_stranger_is_told_of_his_role_and_not_of_factors(self, recipe: Recipe) -> None:
        with pytest.raises(PermissionDenied, match="it takes the role"):
            permissions.require(Action.PUSH, make_user("eve"), recipe)

    def test_followers_count(self, ada: User) -> None:
        recipe = make_recipe(maintainer=ada)
        people = [User(username=f"reader-{number}", email=f"r{number}@example.org") for number in range(FACTOR_FOLLOWERS)]
        User.objects.bulk_create(people)
        Follow.objects.bulk_create(Follow(recipe=recipe, user=user) for user in people[1:])
        assert allowed(Action.PUSH, self.again(ada), recipe)
        Follow.objects.create(recipe=recipe, user=people[0])
        assert not allowed(Action.PUSH, self.again(ada), recipe)

    def test_recipes_that_need_it_count(self, ada: User) -> None:
        recipe = make_recipe(maintainer=ada)
        BinaryPackage.objects.create(recipe=recipe, name="libhello")
        for number in range(FACTOR_REQUIRED_BY):
            assert allowed(Action.PUSH, self.again(ada), recipe)
            other = make_recipe(f"needy-{number}")
            for kind in ("Depends", "Recommends"):
                PackageRelation.objects.create(recipe=other, kind=kind, target="libhello", text="libhello")
        assert not allowed(Action.PUSH, self.again(ada), recipe)

    def test_a_site_may_do_without(self, ada: User, recipe: Recipe, settings) -> None:
        settings.LEADERS_NEED_SECOND_FACTOR = False
        assert allowed(Action.PUSH, ada, recipe)

    def test_strangers_cost_no_query_more(self, ada: User, recipe: Recipe, django_assert_num_queries) -> None:
        eve = make_user("eve")
        permissions.is_verified(eve)
        with django_assert_num_queries(1):
            allowed(Action.PUSH, eve, recipe)
        permissions.is_verified(ada)
        with django_assert_num_queries(1):
            allowed(Action.PUSH, ada, recipe)
            allowed(Action.TRANSFER, ada, recipe)
