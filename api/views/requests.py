"""Requests to delete, orphan, merge or adopt a recipe."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.limits import MAX_NAME_LENGTH
from recipes_app.models import OwnershipRequest, User
from recipes_app.services.core.permissions import Action
from recipes_app.services.moderation import requests

from ..framework import lookups
from ..framework.actions import Act, act_path
from ..framework.base import WRITE_PROBLEMS, PortalView, operation
from ..framework.links import absolute
from ..framework.paging import newest_first
from ..framework.parameters import PageParameters
from ..schemas.ownership import RequestListSerializer, RequestSerializer
from ..schemas.requests import AcceptBody, RequestBody, TextBody


class RequestParameters(PageParameters):
    """What narrows the requests down."""

    state = serializers.ChoiceField(required=False, default="", choices=OwnershipRequest.State.choices)
    kind = serializers.ChoiceField(required=False, default="", choices=OwnershipRequest.Kind.choices)
    recipe = serializers.CharField(required=False, default="", max_length=MAX_NAME_LENGTH, help_text="The recipe's name.")


class RequestsView(PortalView):
    """All requests."""

    parameters = RequestParameters

    @operation("requests_list", "Requests, newest first", RequestListSerializer, parameters=RequestParameters)
    def get(self, request: Request) -> Response:
        """Return a page of the requests, decided ones too."""
        columns = {"state": "state", "kind": "kind", "recipe": "recipe_name"}
        wanted = {column: self.given[name] for name, column in columns.items() if self.given[name]}
        return newest_first(self, absolute("api:requests"), OwnershipRequest.objects.filter(**wanted), RequestSerializer)


class RequestView(PortalView):
    """One request."""

    @operation("request", "One request", RequestSerializer, problems=[404])
    def get(self, request: Request, request_id: int) -> Response:
        """Return the request."""
        found = lookups.request(request_id)
        self.unless_known(request, found)
        return Response(RequestSerializer(found).data)


class FileView(PortalView):
    """Filing a request about a recipe."""

    actions = {"POST": Action.REQUEST}

    @operation(
        "request_file", "Ask to delete, orphan or merge a recipe", RequestSerializer,
        request=RequestBody, problems=WRITE_PROBLEMS, status=201,
    )  # fmt: skip
    def post(self, request: Request, name: str) -> Response:
        """File a request; by the rules it may be accepted at once."""
        user, recipe, body = self.account(request), lookups.recipe_row(name), self.body(RequestBody, request)
        target = lookups.recipe_row(body["target"]) if body["target"] else None
        filed = requests.file(user, recipe, OwnershipRequest.Kind(body["kind"]), body["text"], target=target)
        return Response(RequestSerializer(filed).data, status=201)


def _decide(user: User, request: OwnershipRequest, body: dict[str, Any]) -> OwnershipRequest:
    requests.decide(user, request, accept=body["accept"], reason=body["reason"])
    return lookups.request(request.pk)


def _object(user: User, request: OwnershipRequest, body: dict[str, Any]) -> OwnershipRequest:
    requests.object_to(user, request, body["text"])
    return lookups.request(request.pk)


def _withdraw(user: User, request: OwnershipRequest, _body: dict[str, Any]) -> OwnershipRequest:
    requests.withdraw(user, request)
    return lookups.request(request.pk)


_HERE = "requests/<int:request_id>/"
_ACTS = (
    Act(
        "request_decide", f"{_HERE}decide/", "Accept or reject a request",
        Action.DECIDE_REQUEST, lookups.request, _decide, RequestSerializer, AcceptBody,
    ),
    Act(
        "request_object", f"{_HERE}object/", "Object to a request, for the maintainers",
        Action.ANSWER_FLAG, lookups.request, _object, RequestSerializer, TextBody,
    ),
    Act(
        "request_withdraw", f"{_HERE}withdraw/", "Take one's request back",
        Action.WITHDRAW_REQUEST, lookups.request, _withdraw, RequestSerializer,
    ),
)  # fmt: skip
PATHS = [
    path("requests/", RequestsView.as_view(), name="requests"),
    path("recipes/<str:name>/requests/", FileView.as_view(), name="request_file"),
    path(_HERE, RequestView.as_view(), name="request"),
    *map(act_path, _ACTS),
]
