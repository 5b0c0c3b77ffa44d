"""Acts: a POST that does one thing to one thing by one service call. Each is a row of a table beside the views of its room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from recipes_app.models import User
from recipes_app.services.core.permissions import Action

from .base import WRITE_PROBLEMS, PortalView, operation
from .parameters import NoParameters, StrictSerializer


@dataclass(frozen=True)
class Act:
    """One act. `find` takes the address's arguments and returns what is acted on; `run` takes the account, that, and the body.

    `name` is the operation's id and the address's name. `answer` describes what `run` returns.
    """

    name: str
    address: str
    summary: str
    action: Action
    find: Callable[..., Any]
    run: Callable[[User, Any, dict[str, Any]], Any]
    answer: type[Serializer[Any]]
    body: type[StrictSerializer] = NoParameters


def act_path(act: Act) -> URLPattern:
    """Return the address of `act`, with a view made for it."""

    class ActView(PortalView):
        """One act."""

        actions = {"POST": act.action}
        name = act.summary

        @operation(
            act.name,
            act.summary,
            act.answer,
            request=act.body if act.body is not NoParameters else None,
            problems=WRITE_PROBLEMS,
        )
        def post(self, request: Request, **arguments: Any) -> Response:
            """Do it, and return how things stand then."""
            account = self.account(request)
            found = act.find(**arguments)
            result = act.run(account, found, self.body(act.body, request))
            return Response(act.answer(result).data)

    return path(act.address, ActView.as_view(), name=act.name)
