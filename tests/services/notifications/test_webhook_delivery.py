"""Messages to webhooks, sent to a real receiver: signed, tried again, given up, paused; and to whom nothing is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from recipes_app import limits, outgoing
from recipes_app.models import CoMaintainer, Notification, Webhook, WebhookDelivery
from recipes_app.services.notifications import webhook_delivery, webhooks
from recipes_app.tasks import mail as tasks
from tests.factories import make_recipe, make_user
from tests.servers.receiver import says

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State


@pytest.fixture
def ada():
    return make_user("ada")


@pytest.fixture
def recipe(ada):
    return make_recipe(maintainer=ada)


@pytest.fixture
def hook(ada, recipe, receiver):
    return webhooks.add(ada, recipe, receiver.url, ["comment.added"])


@pytest.fixture
def hook_to(ada, recipe):
    """A hook whose row says any address, as if the name had changed after it was added."""
    return lambda url: Webhook.objects.create(
        recipe=recipe, url=url, secret="whsec_c2VjcmV0", events=["comment.added"], created_by=ada
    )


def sent(hook):
    """Send one ping to the hook; return its row afterwards."""
    row = webhooks.ping(hook.recipe.maintainer, hook)
    webhook_delivery.deliver(row.pk)
    row.refresh_from_db()
    return row


def try_again(row):
    """Let the row's next attempt come, by the sweep's own query."""
    WebhookDelivery.objects.filter(pk=row.pk).update(next_attempt_at=timezone.now(), claimed_at=None)
    webhook_delivery.deliver(row.pk)
    row.refresh_from_db()
    return row


def test_the_message_is_signed_as_the_specification_says(hook, receiver):
    row = sent(hook)

    headers, body = receiver.got[0]
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["webhook-id"] == row.message_id
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["data"]["recipe"] == "hello-dur"
    assert (row.state, row.status, row.error) == (State.DELIVERED, 204, "")
    assert row.duration_ms is not None


def test_the_document_verifies_what_is_sent_and_nothing_else(hook, receiver):
    document = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.+?)^```$", document, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)
    sent(hook)
    headers, body = receiver.got[0]

    assert names["verify"](hook.secret, headers, body)
    assert not names["verify"](hook.secret, headers, body + b" ")
    assert not names["verify"]("whsec_c2VjcmV0", headers, body)
    assert not names["verify"](hook.secret, headers | {"webhook-id": "msg_other"}, body)
    early = int(time.time()) - 3600
    old = webhook_delivery.signature(hook.secret, headers["webhook-id"], early, body)
    assert not names["verify"](hook.secret, headers | {"webhook-timestamp": str(early), "webhook-signature": old}, body)


def test_the_vector_of_the_specification_is_signed_so():
    # From the specification's own libraries.
    made = webhook_delivery.signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_after_a_500_the_same_message_comes_again(hook, receiver):
    receiver.answers = [says(500, b"a disk is full"), says(200, b"thanks")]
    row = sent(hook)
    assert (row.state, row.status, row.answer) == (State.WAITING, 500, "a disk is full")
    pause = row.next_attempt_at - timezone.now()
    assert timedelta(0) < pause <= timedelta(minutes=limits.WEBHOOK_RETRY_MINUTES[0])
    hook.refresh_from_db()
    assert hook.failing_since is not None

    row = try_again(row)

    assert (row.state, row.attempts, row.answer) == (State.DELIVERED, 2, "thanks")
    first, second = receiver.got
    assert first[1] == second[1]
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    hook.refresh_from_db()
    assert hook.failing_since is None


def test_what_is_never_taken_is_given_up(hook, receiver):
    receiver.answers = [says(503)]
    row = sent(hook)
    for _ in limits.WEBHOOK_RETRY_MINUTES:
        assert row.state == State.WAITING
        row = try_again(row)
    assert (row.state, row.attempts) == (State.FAILED, len(limits.WEBHOOK_RETRY_MINUTES) + 1)
    assert "answers 503" in row.error
    assert not webhook_delivery.deliver(row.pk)
    assert len(receiver.got) == row.attempts


def test_a_hook_that_nothing_reaches_is_paused_and_its_team_told_once(ada, recipe, hook, receiver):
    bob = make_user("bob")
    CoMaintainer.objects.create(recipe=recipe, user=bob, role="maintain", position=0, since=timezone.now())
    CoMaintainer.objects.create(recipe=recipe, user=make_user("eve"), role="push", position=1, since=timezone.now())
    receiver.answers = [says(500)]
    waiting = webhooks.ping(ada, hook)
    sent(hook)
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=limits.WEBHOOK_PAUSE_DAYS))
    sent(hook)

    hook.refresh_from_db()
    assert hook.paused_at is not None
    assert "5 days" in hook.paused_reason
    told = Notification.objects.filter(text__contains="paused")
    assert sorted(told.values_list("user__username", flat=True)) == ["ada", "bob"]
    assert f"/recipes/hello-dur/webhooks/{hook.pk}/" in told[0].url
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    webhooks.emit(recipe, "comment.added", {})
    assert hook.deliveries.count() == 3

    webhooks.resume(ada, hook)
    receiver.answers = [says(200)]
    assert sent(hook).state == State.DELIVERED


def test_failures_of_four_days_pause_nothing(hook, receiver):
    receiver.answers = [says(500)]
    sent(hook)
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=limits.WEBHOOK_PAUSE_DAYS - 1))
    sent(hook)
    hook.refresh_from_db()
    assert hook.paused_at is None


def test_a_receiver_that_is_gone_pauses_its_hook(hook, receiver):
    receiver.answers = [says(410)]
    assert sent(hook).state == State.FAILED
    hook.refresh_from_db()
    assert "gone" in hook.paused_reason


def test_a_message_that_waits_while_its_hook_is_paused_is_not_sent(ada, hook, receiver):
    row = webhooks.ping(ada, hook)
    Webhook.objects.update(paused_at=timezone.now())
    assert not webhook_delivery.deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, receiver.got) == (State.FAILED, [])


def test_a_message_is_delivered_again_with_the_same_number(ada, hook, receiver):
    first = sent(hook)
    again = webhooks.redeliver(ada, first)
    webhook_delivery.deliver(again.pk)
    assert receiver.got[0][0]["webhook-id"] == receiver.got[1][0]["webhook-id"]
    assert receiver.got[0][1] == receiver.got[1][1]
    assert hook.deliveries.count() == 2


INSIDE = ["127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254", "localhost", "[::ffff:10.0.0.1]", "2130706433"]


@pytest.mark.parametrize("host", INSIDE)
def test_nothing_is_sent_to_an_address_of_somebodys_own(hook_to, host):
    row = sent(hook_to(f"https://{host}/in"))
    assert (row.status, row.state) == (None, State.WAITING)
    assert "nothing was sent" in row.error


def test_nothing_is_sent_to_a_name_that_is_public_and_private_at_once(hook_to, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("8.8.8.8", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: found)
    assert "192.168.0.1, which is no public address" in sent(hook_to("https://hooks.example.org/in")).error


def test_nothing_goes_over_plain_http_to_a_public_address(hook_to, receiver, settings):
    settings.WEBHOOK_NETWORKS = ["10.0.0.0/8"]
    assert "nothing was sent" in sent(hook_to(receiver.url)).error
    assert "nothing was sent" in sent(hook_to("http://8.8.8.8/in")).error
    assert receiver.got == []


def test_a_redirect_is_not_followed(hook, receiver):
    receiver.answers = [says(302, Location=f"{receiver.url}/elsewhere"), says(200)]
    row = sent(hook)
    assert (row.status, row.state) == (302, State.WAITING)
    assert "redirects are not followed" in row.error
    assert len(receiver.got) == 1


def test_of_a_huge_answer_the_beginning_is_read(hook, receiver):
    written = 0

    def pour(handler):
        nonlocal written
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(1024):
                written += handler.wfile.write(b"\0<x>" + b"y" * 65_532)
        except OSError:
            receiver.over.set()

    receiver.answers = [pour]
    row = sent(hook)
    assert (row.state, len(row.answer)) == (State.DELIVERED, limits.WEBHOOK_ANSWER_SHOWN)
    assert row.answer.startswith("\N{REPLACEMENT CHARACTER}<x>yy")
    assert receiver.over.wait(10)
    assert written < 32 * limits.MIB


def test_a_receiver_that_hangs_is_left(hook, receiver, monkeypatch):
    monkeypatch.setattr(webhook_delivery, "_PATIENCE", outgoing.Patience(5, 0.3, 20))
    receiver.answers = [lambda _handler: receiver.over.wait(10)]
    row = sent(hook)
    assert (row.status, row.error) == (None, "it did not answer in time")
    assert row.duration_ms < 5_000


def test_a_receiver_that_sends_a_byte_at_a_time_is_left(hook, receiver, monkeypatch):
    def drip(handler):
        try:
            while not receiver.over.wait(0.1):
                handler.wfile.write(b"H")
        except OSError:
            receiver.over.set()

    monkeypatch.setattr(webhook_delivery, "_PATIENCE", outgoing.Patience(5, 10, 0.5))
    receiver.answers = [drip]
    row = sent(hook)
    assert (row.status, row.state) == (None, State.WAITING)
    assert row.duration_ms < 5_000


def test_nobody_listens(hook_to, settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        row = sent(hook_to(f"http://127.0.0.1:{taken.getsockname()[1]}/in"))
    assert "nobody listens" in row.error


def test_over_tls_only_a_certificate_that_counts_is_accepted(hook_to, tls_receiver):
    hook = hook_to(tls_receiver.url)
    assert "certificate is not accepted" in sent(hook).error
    assert tls_receiver.got == []
    outcome = webhook_delivery.send(hook, "msg_1", {"type": "x"}, tls=tls_receiver.trust)
    assert (outcome.delivered, outcome.status) == (True, 204)


def test_a_certificate_for_another_name_is_not_accepted(hook_to, tls_receiver, monkeypatch):
    ask = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *more, **options: ask("127.0.0.1", *more, **options))
    hook = hook_to(tls_receiver.url.replace("127.0.0.1", "hooks.example.org"))
    assert "certificate is not accepted" in webhook_delivery.send(hook, "msg_1", {}, tls=tls_receiver.trust).error


def test_a_worker_that_died_leaves_the_message_to_another(ada, hook, receiver):
    row = webhooks.ping(ada, hook)
    WebhookDelivery.objects.update(claimed_at=timezone.now(), attempts=1)
    assert not webhook_delivery.deliver(row.pk)
    long_ago = timezone.now() - timedelta(minutes=limits.WEBHOOK_OVERDUE_MINUTES)
    WebhookDelivery.objects.update(claimed_at=long_ago, next_attempt_at=long_ago)
    assert webhook_delivery.hand_out_due() == 1
    assert webhook_delivery.deliver(row.pk)


def test_a_message_at_which_every_worker_dies_is_given_up(ada, hook, receiver):
    row = webhooks.ping(ada, hook)
    WebhookDelivery.objects.update(attempts=len(limits.WEBHOOK_RETRY_MINUTES) + 1)
    assert not webhook_delivery.deliver(row.pk)
    row.refresh_from_db()
    assert (row.state, receiver.got) == (State.FAILED, [])


def test_the_sweep_hands_out_what_is_due_and_drops_what_is_old(ada, hook, receiver):
    old, due = sent(hook), webhooks.ping(ada, hook)
    assert webhook_delivery.hand_out_due() == 0
    month = timezone.now() - timedelta(days=limits.WEBHOOK_LOG_DAYS + 1)
    WebhookDelivery.objects.update(created_at=month, next_attempt_at=month)
    tasks.sweep_webhooks()
    assert list(hook.deliveries.all()) == [due]
    tasks.deliver_webhooks([old.pk, due.pk])
    assert len(receiver.got) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_message(ada, hook, receiver):
    row = webhooks.ping(ada, hook)

    def work(_number):
        try:
            return webhook_delivery.deliver(row.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(work, range(4))) == [False, False, False, True]
    assert len(receiver.got) == 1
