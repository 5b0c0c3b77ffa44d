"""Webhooks by the API: add, list, end, try, the log, and a message once more."""

from __future__ import annotations

import pytest

from recipes_app.limits import WEBHOOK_ASKED_PER_HOOK, WEBHOOK_ASKED_SECONDS
from recipes_app.models import Scope, Webhook
from recipes_app.services.notifications import webhook_delivery, webhooks
from tests.factories import issue_token, make_recipe, make_user

from .test_schema import check

pytestmark = pytest.mark.django_db
HERE = "/api/v1/recipes/hello-dur/webhooks/"
URL = "https://hooks.example.org/in"


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


@pytest.fixture
def ask(client, ada, recipe):
    """Return a function that makes a request as the maintainer, and returns status and body."""
    headers = {"Authorization": f"Bearer {issue_token(ada, Scope.OWN)}"}

    def request(method, address, **body):
        answer = getattr(client, method)(address, body or None, "application/json", headers=headers)
        return answer.status_code, answer.json()

    def get(address):
        answer = client.get(address, headers=headers)
        return answer.status_code, answer.json()

    return lambda method, address, **body: get(address) if method == "get" else request(method, address, **body)


def test_a_hook_is_added_and_its_secret_said_once(ask):
    status, added = ask("post", HERE, url=URL, events=["flag.raised", "comment.added", "flag.raised"])
    assert status == 201
    assert added["secret"] == Webhook.objects.get().secret
    assert added["events"] == ["comment.added", "flag.raised"]
    check(added, "NewWebhook")

    _, listed = ask("get", HERE)
    assert [each["url"] for each in listed["results"]] == [URL]
    check(listed, "WebhookList")
    status, one = ask("get", f"{HERE}{added['id']}/")
    assert status == 200
    check(one, "Webhook")
    assert added["secret"] not in f"{listed} {one}"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"url": "http://x.example.org/", "events": ["comment.added"]}, "url"), ({"url": URL, "events": []}, "events")],
)
def test_what_makes_no_sense_is_a_422_at_its_member(ask, body, field):
    status, problem = ask("post", HERE, **body)
    assert (status, problem["code"], problem["field"]) == (422, "invalid-value", field)


def test_the_log_tells_what_was_sent_and_a_message_goes_once_more(ask, ada, recipe, receiver):
    hook = webhooks.add(ada, recipe, receiver.url, ["comment.added"])
    here = f"{HERE}{hook.pk}/"
    status, ping = ask("post", f"{here}ping/")
    assert (status, ping["state"], ping["event"]) == (200, "waiting", "webhook.ping")
    assert ping["next_attempt_at"] is not None
    assert ask("post", f"{here}deliveries/{ping['id']}/redeliver/")[0] == 409
    webhook_delivery.deliver(ping["id"])

    status, again = ask("post", f"{here}deliveries/{ping['id']}/redeliver/")
    assert (status, again["message_id"]) == (200, ping["message_id"])
    _, log = ask("get", f"{here}deliveries/")
    assert [(each["id"], each["state"]) for each in log["results"]] == [(again["id"], "waiting"), (ping["id"], "delivered")]
    assert log["results"][1]["next_attempt_at"] is None
    check(log, "DeliveryList")
    _, narrowed = ask("get", f"{here}deliveries/?state=delivered")
    assert [each["id"] for each in narrowed["results"]] == [ping["id"]]


def test_a_paused_hook_is_resumed(ask, ada, recipe):
    hook = webhooks.add(ada, recipe, URL, ["comment.added"])
    webhook_delivery._pause(hook, "nobody listens")
    _, shown = ask("get", f"{HERE}{hook.pk}/")
    assert shown["paused_reason"] == "nobody listens"
    assert ask("post", f"{HERE}{hook.pk}/ping/")[0] == 409
    status, resumed = ask("post", f"{HERE}{hook.pk}/resume/")
    assert (status, resumed["paused_at"], resumed["paused_reason"]) == (200, None, "")


def test_an_ended_hook_is_gone(ask, ada, recipe):
    hook = webhooks.add(ada, recipe, URL, ["comment.added"])
    assert ask("delete", f"{HERE}{hook.pk}/") == (200, {"done": True})
    assert ask("get", f"{HERE}{hook.pk}/")[0] == 404


def test_a_hook_of_another_recipe_is_none_of_this_one(ask, ada):
    other = webhooks.add(ada, make_recipe("other", ada), URL, ["comment.added"])
    for method, address in (("get", ""), ("get", "deliveries/"), ("delete", ""), ("post", "ping/")):
        assert ask(method, f"{HERE}{other.pk}/{address}")[0] == 404
    assert Webhook.objects.exists()


def test_others_read_neither_hooks_nor_log(client, ada, recipe):
    hook = webhooks.add(ada, recipe, URL, ["comment.added"])
    headers = {"Authorization": f"Bearer {issue_token(make_user('bob'), Scope.OWN)}"}
    for address in ("", f"{hook.pk}/", f"{hook.pk}/deliveries/"):
        answer = client.get(f"{HERE}{address}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission-denied")


def test_queries(client, ada, recipe, django_assert_max_num_queries):
    hook = webhooks.add(ada, recipe, URL, ["comment.added"])
    for _ in range(5):
        webhooks.ping(ada, hook)
    headers = {"Authorization": f"Bearer {issue_token(ada, Scope.OWN)}"}
    client.get(HERE, headers=headers)
    for address in (HERE, f"{HERE}{hook.pk}/", f"{HERE}{hook.pk}/deliveries/"):
        with django_assert_max_num_queries(6):
            assert client.get(address, headers=headers).status_code == 200


def test_too_many_pings_say_when_to_come_back(client, ada, recipe):
    hook = webhooks.add(ada, recipe, URL, ["comment.added"])
    headers = {"Authorization": f"Bearer {issue_token(ada, Scope.OWN)}"}
    for _ in range(WEBHOOK_ASKED_PER_HOOK):
        assert client.post(f"{HERE}{hook.pk}/ping/", headers=headers).status_code == 200
    answer = client.post(f"{HERE}{hook.pk}/ping/", headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["reason"]) == (429, "too-many-requests", "too-often")
    assert 0 < int(answer["Retry-After"]) <= WEBHOOK_ASKED_SECONDS
