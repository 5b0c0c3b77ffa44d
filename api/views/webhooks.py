"""A recipe's webhooks: add, list, end, try; the log of what was sent, and sending it again."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import WebhookDelivery
from recipes_app.services.core.permissions import Action
from recipes_app.services.notifications import webhooks

from ..framework import lookups
from ..framework.base import WRITE_PROBLEMS, PortalView, operation
from ..framework.links import absolute
from ..framework.paging import newest_first
from ..framework.parameters import PageParameters
from ..schemas.moderation import DoneSerializer
from ..schemas.requests import WebhookBody
from ..schemas.webhooks import (
    DeliveryListSerializer,
    DeliverySerializer,
    NewWebhookSerializer,
    WebhookListSerializer,
    WebhookSerializer,
)


class DeliveryParameters(PageParameters):
    """What narrows the log down."""

    state = serializers.ChoiceField(required=False, default="", choices=WebhookDelivery.State.choices)


class WebhooksView(PortalView):
    """The webhooks of a recipe."""

    parameters = PageParameters
    actions = {"GET": Action.MANAGE_WEBHOOKS, "POST": Action.MANAGE_WEBHOOKS}

    @operation(
        "webhooks_list", "A recipe's webhooks: for who leads it", WebhookListSerializer,
        parameters=PageParameters, problems=[403, 404],
    )  # fmt: skip
    def get(self, request: Request, name: str) -> Response:
        """Return the hooks, without their secrets."""
        recipe = lookups.recipe_row(name)
        rows = webhooks.of_recipe(self.account(request), recipe)
        return newest_first(self, absolute("api:webhooks", recipe.name), rows, WebhookSerializer)

    @operation("webhook_add", "Add a webhook", NewWebhookSerializer, request=WebhookBody, problems=WRITE_PROBLEMS, status=201)
    def post(self, request: Request, name: str) -> Response:
        """Add a hook; this answer alone has its secret."""
        user, recipe = self.account(request), lookups.recipe_row(name)
        body = self.body(WebhookBody, request)
        return Response(NewWebhookSerializer(webhooks.add(user, recipe, body["url"], body["events"])).data, status=201)


class WebhookView(PortalView):
    """One webhook."""

    actions = {"GET": Action.MANAGE_WEBHOOKS, "DELETE": Action.MANAGE_WEBHOOKS}

    @operation("webhook", "One webhook: for who leads the recipe", WebhookSerializer, problems=[403, 404])
    def get(self, request: Request, name: str, webhook_id: int) -> Response:
        """Return the hook, without its secret."""
        hook = lookups.webhook(self.account(request), name, webhook_id)
        self.unless_known(request, hook)
        return Response(WebhookSerializer(hook).data)

    @operation("webhook_end", "End a webhook", DoneSerializer, problems=WRITE_PROBLEMS)
    def delete(self, request: Request, name: str, webhook_id: int) -> Response:
        """Remove the hook and its log."""
        user = self.account(request)
        webhooks.end(user, lookups.webhook(user, name, webhook_id))
        return Response(DoneSerializer({"done": True}).data)


class DeliveriesView(PortalView):
    """What was sent to a webhook."""

    parameters = DeliveryParameters
    actions = {"GET": Action.MANAGE_WEBHOOKS}

    @operation(
        "deliveries_list", "What was sent to a webhook, newest first: for who leads the recipe", DeliveryListSerializer,
        parameters=DeliveryParameters, problems=[403, 404],
    )  # fmt: skip
    def get(self, request: Request, name: str, webhook_id: int) -> Response:
        """Return a page of the log."""
        user = self.account(request)
        hook = lookups.webhook(user, name, webhook_id)
        wanted = {"state": self.given["state"]} if self.given["state"] else {}
        rows = webhooks.log_of(user, hook).filter(**wanted)
        return newest_first(self, absolute("api:deliveries", hook.recipe.name, str(hook.pk)), rows, DeliverySerializer)


class ResumeView(PortalView):
    """A webhook that is paused."""

    actions = {"POST": Action.MANAGE_WEBHOOKS}

    @operation("webhook_resume", "Resume a webhook that is paused", WebhookSerializer, problems=WRITE_PROBLEMS)
    def post(self, request: Request, **address: Any) -> Response:
        """Let the hook be told again."""
        user = self.account(request)
        return Response(WebhookSerializer(webhooks.resume(user, lookups.webhook(user, **address))).data)


class PingView(PortalView):
    """A webhook that is tried out."""

    actions = {"POST": Action.MANAGE_WEBHOOKS}

    @operation("webhook_ping", "Send a message that tells of nothing", DeliverySerializer, problems=WRITE_PROBLEMS)
    def post(self, request: Request, **address: Any) -> Response:
        """Send a ping."""
        user = self.account(request)
        return Response(DeliverySerializer(webhooks.ping(user, lookups.webhook(user, **address))).data)


class RedeliverView(PortalView):
    """A message that is sent again."""

    actions = {"POST": Action.MANAGE_WEBHOOKS}

    @operation("delivery_again", "Send a message once more", DeliverySerializer, problems=WRITE_PROBLEMS)
    def post(self, request: Request, **address: Any) -> Response:
        """Send it; the answer is the new line of the log."""
        user = self.account(request)
        return Response(DeliverySerializer(webhooks.redeliver(user, lookups.delivery(user, **address))).data)


_HERE = "recipes/<str:name>/webhooks/"
_ONE = f"{_HERE}<int:webhook_id>/"
PATHS = [
    path(_HERE, WebhooksView.as_view(), name="webhooks"),
    path(_ONE, WebhookView.as_view(), name="webhook"),
    path(f"{_ONE}ping/", PingView.as_view(), name="webhook_ping"),
    path(f"{_ONE}resume/", ResumeView.as_view(), name="webhook_resume"),
    path(f"{_ONE}deliveries/", DeliveriesView.as_view(), name="deliveries"),
    path(f"{_ONE}deliveries/<int:delivery_id>/redeliver/", RedeliverView.as_view(), name="delivery_again"),
]
