"""What every view of the API shares: parameters are read strictly, problems have their media type, lists have one shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated, Throttled
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recipes_app.models import KeptAnswer, User
from recipes_app.services.core.permissions import Action

from ..schemas.recipes import ProblemSerializer
from . import conditional, idempotency, limits
from .conditional import NotModified, Validators
from .idempotency import AnsweredBefore
from .limits import Count
from .parameters import NoParameters, StrictSerializer, read_parameters
from .problems import KINDS, PROBLEM_MEDIA_TYPE, Problem
from .scopes import action_of

_JSON = "application/json"
# What any method that changes something can be answered with, beside what every answer can be.
WRITE_PROBLEMS = (403, 404, 409, 411, 413, 415, 422, 503)
# What asking for bytes out of git can be answered with: the revision may be held back.
FILE_PROBLEMS = (403, 404)
# Bytes, in the schema.
BINARY = OpenApiTypes.BINARY
_Shape = type[serializers.Serializer[Any]] | serializers.ListSerializer[Any] | OpenApiTypes
_Method = TypeVar("_Method", bound=Callable[..., Any])


class PortalView(APIView):
    """A view of the API. `parameters` describes the query parameters of GET; `given` holds them once they are read.

    `actions` names, for each method that takes an account, what it does: the token's scope follows from it.
    """

    parameters: type[StrictSerializer] = NoParameters
    actions: ClassVar[Mapping[str, Action]] = {}
    # For how many seconds a cache may keep what GET answers; at 0 it asks again each time. No answer is kept for ever: even the
    # files of a commit can be taken back.
    max_age: ClassVar[int] = 0
    given: dict[str, Any]
    counted: Count | None = None
    reserved: KeptAnswer | None = None
    known_by: Validators | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read the parameters, after DRF has found out who asks.

        Raises Problem for what cannot be read, NotAuthenticated where the method takes an account and none is there.
        """
        super().initial(request, *args, **kwargs)
        if action_of(request) is not None:
            self.account(request)
        if request.headers.get("Transfer-Encoding"):
            # DRF would take such a body for an empty one and complain of what is missing in it.
            raise Problem("length-required", "a body sent in chunks is not read here: send Content-Length")
        if request.method != "OPTIONS":
            shape = self.parameters if request.method in ("GET", "HEAD") else NoParameters
            self.given = read_parameters(shape, request)
        if request.method == "POST" and action_of(request) is not None:
            self.reserved = idempotency.begin(request, self.account(request))

    def perform_authentication(self, request: Request) -> None:
        """Find out who asks, and count it: a token that is refused counts for the address that sent it. Raises Throttled."""
        account: User | None = None
        try:
            super().perform_authentication(request)
            account = request.user if isinstance(request.user, User) else None
        finally:
            self.counted = limits.count(request, account)
            if self.counted is not None and self.counted.exceeded:
                raise Throttled(self.counted.seconds_left)

    def unless_known(self, request: Request, *facts: Any, modified: datetime | None = None, exact: bool = False) -> None:
        """Spare the answer that follows from `facts` where the client has it: call it before the answer is made.

        `modified` is when what is answered changed last; with `exact` nothing else can change it. Raises NotModified.
        """
        if request.accepted_renderer.format == "html":
            # Around the answer stands the frame of the site, with the inbox's number in it.
            return
        self.known_by = conditional.validators(request, facts, modified, exact=exact)
        conditional.check(request, self.known_by, by_time=exact)

    def handle_exception(self, exc: Exception) -> Response:
        """Return the answer to an exception: an answer that is known already is none that went wrong."""
        if isinstance(exc, AnsweredBefore):
            return exc.response
        return Response(status=304) if isinstance(exc, NotModified) else super().handle_exception(exc)

    def account(self, request: Request) -> User:
        """Return who asks. Raises NotAuthenticated for a visitor."""
        if not isinstance(request.user, User):
            raise NotAuthenticated("this takes an account: send 'Authorization: Bearer TOKEN'")
        return request.user

    def body(self, shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
        """Return the members of the body, read as `shape` says. Raises ValidationError that names the wrong ones."""
        serializer = shape(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the answer; a problem is JSON of RFC 9457's media type wherever no page or YAML was asked for."""
        if self.reserved is not None:
            idempotency.end(self.reserved, response)
        renderer = getattr(request, "accepted_renderer", None)
        if getattr(response, "exception", False) and getattr(renderer, "problems_as_json", False):
            request.accepted_renderer, request.accepted_media_type = JSONRenderer(), _JSON
        answer = super().finalize_response(request, response, *args, **kwargs)
        if getattr(answer, "exception", False) and answer.accepted_renderer.media_type == _JSON:
            answer.content_type = PROBLEM_MEDIA_TYPE
        for name, value in (self.counted.headers if self.counted else {}).items():
            answer[name] = value
        self._say_how_to_keep(request, answer)
        return answer

    def _say_how_to_keep(self, request: Request, answer: HttpResponseBase) -> None:
        """Set the headers for caches. What is sent to an account is kept by nobody else; what refuses or acts is not kept."""
        patch_vary_headers(answer, ["Accept", "Authorization", "Cookie"])
        if request.method not in ("GET", "HEAD") or answer.status_code not in (200, 304):
            answer["Cache-Control"] = "no-store"
            return
        for name, value in (self.known_by.headers if self.known_by else {}).items():
            answer[name] = value
        # Not `request.user`, which would look the account up now where nothing has needed it.
        is_private = isinstance(getattr(request, "_user", None), User) or request.accepted_renderer.format == "html"
        kept = f"max-age={self.max_age}" if self.max_age else "no-cache"
        answer["Cache-Control"] = f"{'private' if is_private else 'public'}, {kept}"


def list_answer(
    view: PortalView, address: str, results: Any, total: int | None, next_after: str | int | None, **more: Any
) -> Response:
    """Return a page of the list at `address`: how many there are in all, the page, where the next one is, and what is `more`."""
    following, next_cursor = None, None if next_after is None else str(next_after)
    if next_cursor:
        following = f"{address}?{urlencode({**view.request.query_params.dict(), 'cursor': next_cursor})}"
    return Response({"total": total, "next": following, "next_cursor": next_cursor, "results": results, **more})


def operation(
    operation_id: str,
    summary: str,
    answer: _Shape | Mapping[str, _Shape],
    *,
    parameters: type[StrictSerializer] = NoParameters,
    problems: Sequence[int] = (),
    request: type[StrictSerializer] | None = None,
    status: int = 200,
) -> Callable[[_Method], _Method]:
    """Return the decorator that describes a view's method in the schema; any operation can refuse token and parameters.

    `answer` is the shape of the JSON, or shapes by media type where there are others.
    """
    answers = answer if isinstance(answer, Mapping) else {_JSON: answer}
    refusals = {(status, PROBLEM_MEDIA_TYPE): _refusal(status) for status in sorted({400, 401, 403, 406, 429, *problems})}
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        parameters=[parameters] if parameters is not NoParameters else [],
        request={_JSON: request} if request else None,
        responses={
            **{(status, media): OpenApiResponse(shape, description=summary) for media, shape in answers.items()},
            **refusals,
        },
    )


def _refusal(status: int) -> OpenApiResponse:
    """Return the description of the problems that have `status`."""
    titles = (kind.title for kind in KINDS.values() if kind.status == status)
    return OpenApiResponse(ProblemSerializer, description="; ".join(titles))
