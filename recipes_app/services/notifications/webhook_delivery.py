"""Sending what webhooks are to hear, as the Standard Webhooks specification says (standardwebhooks.com, version 1).

`delivery` claims, puts off and gives up. A message that is sent twice has the same `webhook-id`, by which a receiver knows it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import ssl
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import urllib3
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app import limits, outgoing
from recipes_app.models import CoRole, Notification, User, Webhook, WebhookDelivery

from ..core import task_queue
from . import delivery, notify, webhooks

State = WebhookDelivery.State
_PATIENCE = outgoing.Patience(limits.WEBHOOK_CONNECT_SECONDS, limits.WEBHOOK_READ_SECONDS, limits.WEBHOOK_WALL_SECONDS)
_PAUSED = "the webhook was paused before this message was sent"
# "Gone": the receiver wants nothing more, says the specification.
_GONE = 410
_PREFIX = "whsec_"


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: the receiver's status and words, or an error without them."""

    status: int | None = None
    answer: str = ""
    error: str = ""

    @property
    def delivered(self) -> bool:
        """Whether the receiver has taken the message."""
        return self.status is not None and 200 <= self.status < 300 and not self.error


def body_of(payload: dict[str, Any]) -> bytes:
    """Return the bytes of `payload`: the same in each attempt, whichever database kept it."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header `webhook-signature` of a message: HMAC-SHA256 over number, time and body. Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret of a webhook is whsec_ and base64") from error
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


class _Deliveries(delivery.Queue[WebhookDelivery]):
    """The messages to webhooks that wait."""

    name = "webhook delivery"
    task = task_queue.DELIVER_WEBHOOKS
    waiting = Q(state=State.WAITING)
    overdue = timedelta(minutes=limits.WEBHOOK_OVERDUE_MINUTES)
    pauses = limits.WEBHOOK_RETRY_MINUTES
    unanswered = {"status": None, "answer": ""}

    def rows(self) -> QuerySet[WebhookDelivery]:
        return WebhookDelivery.objects.select_related("hook__recipe__maintainer")

    def attempt(self, row: WebhookDelivery) -> delivery.Attempt:
        """Send the message, unless its webhook was paused meanwhile."""
        if row.hook.paused_at is not None:
            return delivery.Attempt(_PAUSED, is_final=True, columns=self.unanswered)
        began = time.monotonic()
        outcome = send(row.hook, row.message_id, row.payload)
        columns = {"status": outcome.status, "answer": outcome.answer, "duration_ms": int(1000 * (time.monotonic() - began))}
        return delivery.Attempt(outcome.error, outcome.status == _GONE, columns)

    def attempted(self, row: WebhookDelivery, attempt: delivery.Attempt) -> None:
        """Remember since when nothing comes through, and pause a hook that nothing reaches any more."""
        hook = Webhook.objects.filter(pk=row.hook_id)
        if not attempt.error:
            hook.exclude(failing_since=None).update(failing_since=None)
            return
        if row.hook.paused_at is not None:
            return
        now = timezone.now()
        hook.filter(failing_since=None).update(failing_since=now)
        since = hook.values_list("failing_since", flat=True).first()
        if attempt.columns["status"] == _GONE:
            _pause(row.hook, "the receiver says that it is gone (410)")
        elif since is not None and now - since >= timedelta(days=limits.WEBHOOK_PAUSE_DAYS):
            _pause(row.hook, f"nothing came through for {limits.WEBHOOK_PAUSE_DAYS} days; the last time: {attempt.error}")

    def delivered(self, now: datetime) -> dict[str, Any]:
        return {"state": State.DELIVERED, "finished_at": now}

    def given_up(self, now: datetime) -> dict[str, Any]:
        return {"state": State.FAILED, "finished_at": now}


DELIVERIES = _Deliveries()
deliver = DELIVERIES.deliver
hand_out_due = DELIVERIES.hand_out_due


def send(hook: Webhook, message_id: str, payload: dict[str, Any], tls: ssl.SSLContext | None = None) -> Outcome:
    """Send one message to `hook` and return what came of it; whatever the receiver does is no exception."""
    body, timestamp = body_of(payload), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "recipe-portal-webhooks",
        "Accept-Encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(hook.secret, message_id, timestamp, body),
    }
    parts = urlsplit(hook.url)
    is_https = parts.scheme == "https"
    is_allowed = webhooks.may_reach if is_https else webhooks.in_own_networks
    try:
        address = outgoing.resolve(parts.hostname or "", parts.port or (443 if is_https else 80), is_allowed)
        with outgoing.request("POST", hook.url, address, _PATIENCE, headers, body=body, tls=tls) as response:
            return _outcome(response)
    except outgoing.NotAllowed as error:
        return Outcome(error=f"nothing was sent: {error}")
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        return Outcome(error=_words(error))


def _outcome(response: urllib3.BaseHTTPResponse) -> Outcome:
    """Return what the receiver said. Its words are read up to a limit, and are no reason to fail where the status is there."""
    try:
        said = response.read(limits.WEBHOOK_ANSWER_BYTES, decode_content=False)
    except (urllib3.exceptions.HTTPError, OSError):
        said = b""
    answer = _cleaned(said)
    if 300 <= response.status < 400:
        where = _cleaned(response.headers.get("Location", "").encode("latin-1", "replace"))[:200]
        return Outcome(response.status, answer, f"it sends on to {where}: redirects are not followed, give the address itself")
    error = "" if 200 <= response.status < 300 else f"the receiver answers {response.status}"
    return Outcome(response.status, answer, error)


def _cleaned(said: bytes) -> str:
    """Return the beginning of a receiver's words as text that a page can show and PostgreSQL can keep."""
    text = said[: 8 * limits.WEBHOOK_ANSWER_SHOWN].decode("utf-8", "replace")
    shown = "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)
    return shown[: limits.WEBHOOK_ANSWER_SHOWN]


def _words(error: Exception) -> str:
    """Return what went wrong, short and without the addresses of objects that urllib3 prints."""
    if isinstance(error, urllib3.exceptions.SSLError):
        return f"its certificate is not accepted: {error}"[: delivery.ERROR_LENGTH]
    if isinstance(error, urllib3.exceptions.NewConnectionError | ConnectionError):
        return "nobody listens there, or the connection was closed"
    if isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError):
        return "it did not answer in time"
    if isinstance(error, urllib3.exceptions.HTTPError):
        return f"the connection failed ({type(error).__name__})"
    return str(error)[: delivery.ERROR_LENGTH] or type(error).__name__


def _pause(hook: Webhook, reason: str) -> None:
    """Tell `hook` nothing more until somebody resumes it; those who can do so hear of it, once."""
    with transaction.atomic():
        paused = Webhook.objects.filter(pk=hook.pk, paused_at=None)
        if not paused.update(paused_at=timezone.now(), paused_reason=reason[: delivery.ERROR_LENGTH]):
            return
        waiting = WebhookDelivery.objects.filter(hook=hook, state=State.WAITING, claimed_at=None)
        waiting.update(error=_PAUSED, **DELIVERIES.given_up(timezone.now()))
        recipe = hook.recipe
        leads = User.objects.filter(co_maintained__recipe=recipe, co_maintained__role=CoRole.MAINTAIN)
        team = [*([recipe.maintainer] if recipe.maintainer else []), *leads]
        values = {"recipe": recipe.name, "host": urlsplit(hook.url).hostname, "reason": reason}
        notify.notify(
            Notification.Kind.OWNERSHIP, team, recipe=recipe, url=reverse("webhook", args=[recipe.name, hook.pk]),
            text=lambda: _("The webhook of %(recipe)s to %(host)s is paused: %(reason)s") % values,
        )  # fmt: skip


def prune() -> int:
    """Delete from the log what was written long ago and does not wait any more; return how many."""
    before = timezone.now() - timedelta(days=limits.WEBHOOK_LOG_DAYS)
    return DELIVERIES.prune(Q(created_at__lt=before))
