"""Webhooks of a recipe: who leads it lets other machines be told of what happens to it.

`emit` writes what is to be told into the transaction of the act itself; `webhook_delivery` sends it after the commit. The words
of comments and flags are never copied into a message: they can be hidden later, and a message cannot.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app import outgoing
from recipes_app.limits import (
    MAX_WEBHOOK_URL,
    MAX_WEBHOOKS,
    WEBHOOK_ASKED_PER_ACCOUNT,
    WEBHOOK_ASKED_PER_HOOK,
    WEBHOOK_ASKED_SECONDS,
    WEBHOOK_OVERDUE_MINUTES,
)
from recipes_app.models import Recipe, User, Webhook, WebhookDelivery

from ..core import pace, task_queue
from ..core.errors import Refused
from ..core.event_kinds import EventKind
from ..core.permissions import Action, allowed, require

PUBLISHED = "revision.published"
LINTED = "lint.finished"
COMMENTED = "comment.added"
FLAGGED = "flag.raised"
PING = "webhook.ping"
# Lines of the log that are about no recipe, and the one that is written before it can have a hook.
_OTHERS = ("account.", "name-rule.", "switch.", "recipe.created")
# What a hook can hear of: four events of its own, and every line of the public log about the recipe. A ping is asked for.
EVENTS = (PUBLISHED, LINTED, COMMENTED, FLAGGED, *(kind.value for kind in EventKind if not kind.value.startswith(_OTHERS)))
_OVERDUE = timedelta(minutes=WEBHOOK_OVERDUE_MINUTES)
_SECRET_BYTES = 32
_NOT_PRINTABLE = re.compile(r"[^!-~]")


def emit(recipe: Recipe, event: str, facts: Mapping[str, Any]) -> None:
    """Write a delivery of `event` for each hook of `recipe` that wants it, in the caller's transaction; sent after the commit.

    `facts` are plain JSON types that everybody may read. One query where the recipe has no hooks, two where it has.
    """
    hooks = [hook for hook in Webhook.objects.filter(recipe=recipe, paused_at=None) if event in hook.events]
    if hooks:
        _write(recipe, hooks, event, facts)


def _write(recipe: Recipe, hooks: Iterable[Webhook], event: str, facts: Mapping[str, Any]) -> list[WebhookDelivery]:
    now = timezone.now()
    about = {"recipe": recipe.name, "recipe_url": f"{settings.PORTAL_URL}{recipe.get_absolute_url()}"}
    payload = {"type": event, "timestamp": now.isoformat(), "data": {**about, **facts}}
    rows = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            hook=hook, message_id=f"msg_{secrets.token_hex(16)}", event=event, payload=payload, next_attempt_at=now + _OVERDUE
        )
        for hook in hooks
    )
    _send(rows)
    return rows


def _send(rows: Iterable[WebhookDelivery]) -> None:
    """Hand each message to a worker by itself: a receiver that hangs keeps no other one waiting."""
    for row in rows:
        task_queue.send_on_commit(task_queue.DELIVER_WEBHOOKS, [row.pk])


def add(user: User, recipe: Recipe, url: str, events: Iterable[str]) -> Webhook:
    """Let `url` hear of `events`; the hook has a new secret, to be shown this once. Raises PermissionDenied, Refused."""
    require(Action.MANAGE_WEBHOOKS, user, recipe)
    check_url(url)
    wanted = _checked_events(events)
    with transaction.atomic():
        locked = Recipe.objects.select_for_update(no_key=True, of=("self",)).get(pk=recipe.pk)
        if locked.webhooks.count() >= MAX_WEBHOOKS:
            raise Refused(
                _("%(recipe)s has %(most)s webhooks, which is the most: end one first")
                % {"recipe": locked.name, "most": MAX_WEBHOOKS},
                code="too-many",
            )
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        return Webhook.objects.create(recipe=locked, url=url, secret=secret, events=wanted, created_by=user)


def _checked_events(events: Iterable[str]) -> list[str]:
    """Return `events` in their order, each once. Raises Refused where there is none, or one that is not known."""
    given = set(events)
    if not given:
        raise Refused(_("choose at least one event: a hook without any hears nothing"), field="events", code="blank")
    if unknown := sorted(given - set(EVENTS)):
        raise Refused(
            _("there is no event %(unknown)r: there is %(choices)s") % {"unknown": unknown[0][:80], "choices": ", ".join(EVENTS)},
            field="events",
            code="unknown-event",
        )
    return [event for event in EVENTS if event in given]


def check_url(url: str) -> None:
    """Raise Refused for an address that no message may be sent to."""
    fault = _url_fault(url)
    if fault:
        raise Refused(
            _("%(url)r is no address for a webhook: %(fault)s") % {"url": url[:100], "fault": fault}, field="url", code="bad-url"
        )


def _url_fault(url: str) -> str:
    """Return what is wrong with `url`, empty where nothing is. Names are resolved when a message is sent, not before."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _("its host or its port cannot be read")
    faults = (
        (
            len(url) > MAX_WEBHOOK_URL,
            _("it has %(length)s characters; at most %(most)s are kept") % {"length": len(url), "most": MAX_WEBHOOK_URL},
        ),
        (
            _NOT_PRINTABLE.search(url),
            _("write it in ASCII without blanks (a host's name as xn--…, other characters by their hexadecimal codes)"),
        ),
        (parts.scheme not in ("https", "http") or not host or port == 0, _("write https://host/path")),
        ("@" in parts.netloc, _("it holds a user name: the signature tells the receiver who sends")),
        ("#" in url, _("what stands after # is never sent: leave it out")),
    )
    for is_so, words in faults:
        if is_so:
            return words
    return _plain_http_fault(host, port or 80) if parts.scheme == "http" else _https_fault(host)


def _https_fault(host: str) -> str:
    """Return why `host`, where it is a bare address, cannot be reached; a name is looked at when a message is sent."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    return "" if may_reach(address) else _("%(host)s is no public address") % {"host": host}


def _plain_http_fault(host: str, port: int) -> str:
    """Return why a message may not go to `host` unencrypted: only networks that the operator names are reached so."""
    only_https = _("write https://: without it anybody on the way could read and change what is sent")
    if not settings.WEBHOOK_NETWORKS:
        return only_https
    try:
        outgoing.resolve(host, port, in_own_networks)
    except (OSError, outgoing.NotAllowed):
        return only_https
    return ""


def in_own_networks(address: outgoing.Address) -> bool:
    """Return whether the operator lets webhooks reach `address`, which he does by WEBHOOK_NETWORKS."""
    return any(address in ipaddress.ip_network(network) for network in settings.WEBHOOK_NETWORKS)


def may_reach(address: outgoing.Address) -> bool:
    """Return whether an encrypted message may go to `address`."""
    return outgoing.is_public(address) or in_own_networks(address)


def of_recipe(user: User, recipe: Recipe) -> QuerySet[Webhook]:
    """Return the hooks of `recipe`, in the order in which they were made. Raises PermissionDenied."""
    require(Action.MANAGE_WEBHOOKS, user, recipe)
    return recipe.webhooks.select_related("created_by", "recipe")


def log_of(user: User, hook: Webhook) -> QuerySet[WebhookDelivery]:
    """Return what was sent to `hook`, newest first. Raises PermissionDenied.

    No switch is asked: `of_recipe`, which gave the hook, has done so.
    """
    if not allowed(Action.MANAGE_WEBHOOKS, user, hook.recipe):
        require(Action.MANAGE_WEBHOOKS, user, hook.recipe)
    return hook.deliveries.select_related("hook__recipe")


def end(user: User, hook: Webhook) -> None:
    """Remove `hook` with its log; what still waits is not sent. Raises PermissionDenied."""
    require(Action.MANAGE_WEBHOOKS, user, hook.recipe)
    hook.delete()


def resume(user: User, hook: Webhook) -> Webhook:
    """Let a paused `hook` be told again, from now on. Raises PermissionDenied, Refused where it is not paused."""
    require(Action.MANAGE_WEBHOOKS, user, hook.recipe)
    resumed = Webhook.objects.filter(pk=hook.pk).exclude(paused_at=None)
    if not resumed.update(paused_at=None, paused_reason="", failing_since=None):
        raise Refused(_("this webhook is not paused"), code="not-paused")
    hook.refresh_from_db()
    return hook


def ping(user: User, hook: Webhook) -> WebhookDelivery:
    """Send a message that tells of nothing, to try `hook` out. Raises PermissionDenied, Refused where it is paused, TooOften."""
    require(Action.MANAGE_WEBHOOKS, user, hook.recipe)
    _refuse_paused(hook)
    _keep_pace(user, hook)
    with transaction.atomic():
        return _write(hook.recipe, [hook], PING, {"actor": user.username})[0]


def redeliver(user: User, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send the message of `delivery` once more, with the same number; return its new row.

    Raises PermissionDenied, Refused, TooOften.
    """
    require(Action.MANAGE_WEBHOOKS, user, delivery.hook.recipe)
    _refuse_paused(delivery.hook)
    if delivery.state == WebhookDelivery.State.WAITING:
        raise Refused(_("this message still waits for its next attempt"), code="waiting")
    _keep_pace(user, delivery.hook)
    with transaction.atomic():
        row = WebhookDelivery.objects.create(
            hook=delivery.hook,
            message_id=delivery.message_id,
            event=delivery.event,
            payload=delivery.payload,
            next_attempt_at=timezone.now() + _OVERDUE,
        )
        _send([row])
    return row


def _keep_pace(user: User, hook: Webhook) -> None:
    """Count a message that somebody asks for: else a hook could be used to knock at a stranger's door. Raises TooOften."""
    words = _("at most %(hook)s messages to a webhook, and %(account)s by one account, are sent on request in an hour: wait") % {
        "hook": WEBHOOK_ASKED_PER_HOOK, "account": WEBHOOK_ASKED_PER_ACCOUNT,
    }  # fmt: skip
    # The account's own number stands for a hook that is ended and made again, too.
    pace.spend(f"webhook-account:{pace.name_of(user)}", WEBHOOK_ASKED_PER_ACCOUNT, WEBHOOK_ASKED_SECONDS, words)
    pace.spend(f"webhook:{hook.pk}-{hook.created_at.timestamp()}", WEBHOOK_ASKED_PER_HOOK, WEBHOOK_ASKED_SECONDS, words)


def _refuse_paused(hook: Webhook) -> None:
    if hook.paused_at is not None:
        raise Refused(_("this webhook is paused: resume it first"), code="paused")
