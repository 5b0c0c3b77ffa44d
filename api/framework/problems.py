"""Errors as RFC 9457 says: `application/problem+json`, each kind with a stable code that programs can rely on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import SuspiciousOperation
from django.http import Http404
from django.urls import reverse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from recipes_app.limits import RETRY_AFTER_SECONDS
from recipes_app.services.catalogue.names import RecipeMoved
from recipes_app.services.core.errors import Refused, TooOften
from recipes_app.services.core.permissions import PermissionDenied, SwitchedOff
from recipes_app.services.core.retrying import is_unavailable

from .authentication import InsufficientScope

logger = logging.getLogger(__name__)

PROBLEM_MEDIA_TYPE = "application/problem+json"
# A thousand names can be wrong in a thousand ways; who repairs the first fifty knows the pattern.
MAX_ERRORS_SHOWN = 50
# What a moderator turned off is on again when he says so: clients look again after this time.
_SWITCH_SECONDS = 300


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its code never changes, its title is the same each time, `meaning` is for the documentation."""

    code: str
    status: HTTPStatus
    title: str
    meaning: str


_ALL = (
    Kind(
        "invalid-parameter", HTTPStatus.BAD_REQUEST, "A query parameter is wrong",
        "A parameter of the address is unknown, given twice, or has a value that it cannot have; `field` names it.",
    ),
    Kind(
        "invalid-header", HTTPStatus.BAD_REQUEST, "A header is wrong",
        "The header that `field` names has a value that it cannot have.",
    ),
    Kind(
        "invalid-body", HTTPStatus.BAD_REQUEST, "The body's content is wrong",
        "The JSON can be read and does not say what it should; `field` names the first wrong member, `errors` lists them.",
    ),
    Kind(
        "malformed-body", HTTPStatus.BAD_REQUEST, "The body is not JSON",
        "The body is no JSON in UTF-8, ends early, names a member twice or nests too deeply.",
    ),
    Kind(
        "authentication-required", HTTPStatus.UNAUTHORIZED, "An account is needed",
        "Send a token: `Authorization: Bearer TOKEN`.",
    ),
    Kind(
        "invalid-token", HTTPStatus.UNAUTHORIZED, "The token is refused",
        "The token is unknown, expired or revoked; make one on the account page.",
    ),
    Kind(
        "insufficient-scope", HTTPStatus.FORBIDDEN, "The token was not made for this",
        "The token is valid, and lacks the scope that `reason` names, or is for another recipe or account: `detail` says which.",
    ),
    Kind(
        "permission-denied", HTTPStatus.FORBIDDEN, "The account may not do this",
        "`detail` says which role or which step is missing.",
    ),
    Kind(
        "unknown-address", HTTPStatus.NOT_FOUND, "There is nothing at this address",
        "The path is none of the API's; `GET /api/v1/` lists them.",
    ),
    Kind("unknown-recipe", HTTPStatus.NOT_FOUND, "There is no such recipe", "No recipe has the name in the address."),
    Kind(
        "unknown-revision", HTTPStatus.NOT_FOUND, "There is no such revision",
        "The recipe has no revision at the commit in the address, which must be the full 40 hexadecimal digits.",
    ),
    Kind(
        "unknown-account", HTTPStatus.NOT_FOUND, "There is no such account", "No account has the name that was given."
    ),
    Kind(
        "unknown-thing", HTTPStatus.NOT_FOUND, "There is no such comment, flag, request or the like",
        "Nothing of this kind has the number in the address, or it is not yours to read; `detail` says what was looked for.",
    ),
    Kind(
        "unknown-file", HTTPStatus.NOT_FOUND, "There is no such file", "The revision has no file at the path in the address."
    ),
    Kind(
        "held-back", HTTPStatus.FORBIDDEN, "The revision is not handed out",
        "It is quarantined, or waits for a reviewer: `reason` is `quarantined` or `held`. What it says can still be read.",
    ),
    Kind(
        "not-linted", HTTPStatus.NOT_FOUND, "The revision was not linted",
        "Only the tip of each push is linted; this revision came with a later one.",
    ),
    Kind(
        "method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, "The method does not fit the address",
        "The header `Allow` lists the methods that do.",
    ),
    Kind(
        "not-acceptable", HTTPStatus.NOT_ACCEPTABLE, "No such media type can be given",
        "The header `Accept` asks for a type that this address does not have; ask for application/json.",
    ),
    Kind(
        "refused", HTTPStatus.CONFLICT, "This cannot be done as things stand",
        "The request is well-formed and allowed; the state of things is against it. `reason` is a stable word for why.",
    ),
    Kind(
        "invalid-value", HTTPStatus.UNPROCESSABLE_ENTITY, "A value makes no sense here",
        "A member can be read and breaks a rule; `field` names it, `reason` is a stable word for the rule.",
    ),
    Kind(
        "length-required", HTTPStatus.LENGTH_REQUIRED, "The body's length is missing",
        "A body sent in chunks is not read here; send `Content-Length`.",
    ),
    Kind(
        "body-too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large",
        "`detail` says how many bytes may be sent; split the request.",
    ),
    Kind(
        "unsupported-media-type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body's media type is not read here",
        "Send `Content-Type: application/json`, in UTF-8.",
    ),
    Kind(
        "too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "Too many requests",
        "The header `Retry-After` says how many seconds to wait.",
    ),
    Kind(
        "switched-off", HTTPStatus.SERVICE_UNAVAILABLE, "This is turned off at the moment",
        "A moderator has turned it off for all, with the message in `detail`; `Retry-After` says when to look again.",
    ),
    Kind(
        "unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "The portal cannot answer now",
        "The database is busy or away. Nothing was changed; `Retry-After` says when to ask again.",
    ),
    Kind(
        "internal-error", HTTPStatus.INTERNAL_SERVER_ERROR, "The portal made a mistake",
        "It is in the portal's log; the same request may work later, and a report helps.",
    ),
)  # fmt: skip
KINDS = {kind.code: kind for kind in _ALL}


class Problem(exceptions.APIException):
    """An error of a kind of KINDS. `detail` says what was found and what to do; `field` names the member or parameter.

    `reason` is a stable word that tells cases of one kind apart.
    """

    def __init__(self, code: str, detail: str, field: str | None = None, reason: str = "") -> None:
        self.kind = KINDS[code]
        self.status_code = self.kind.status
        self.field = field
        self.reason = reason
        super().__init__(detail=detail, code=code)


# What Django and DRF raise, by class; the first that fits is taken, so a subclass stands before its base.
_CODES: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ValidationError, "invalid-body"),
    (exceptions.ParseError, "malformed-body"),
    (exceptions.NotAuthenticated, "authentication-required"),
    (exceptions.AuthenticationFailed, "invalid-token"),
    (InsufficientScope, "insufficient-scope"),
    (exceptions.PermissionDenied, "permission-denied"),
    (DjangoPermissionDenied, "permission-denied"),
    (SwitchedOff, "switched-off"),
    (PermissionDenied, "permission-denied"),
    (exceptions.MethodNotAllowed, "method-not-allowed"),
    (exceptions.NotAcceptable, "not-acceptable"),
    (exceptions.UnsupportedMediaType, "unsupported-media-type"),
    (exceptions.Throttled, "too-many-requests"),
    (exceptions.NotFound, "unknown-address"),
    (Http404, "unknown-address"),
    # For an act: it is not done to another recipe than the one that was named.
    (RecipeMoved, "unknown-recipe"),
    (SuspiciousOperation, "invalid-parameter"),
)


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong with one member of a body or one parameter; `field` is a path like `names.3`."""

    field: str
    detail: str


def field_errors(detail: Any, path: str = "") -> Iterator[FieldError]:
    """Yield the errors in the nested lists and dictionaries of a DRF ValidationError, each with the path of its field."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else str(name)
            yield from field_errors(inner, ".".join(filter(None, (path, step))))
    elif isinstance(detail, list):
        for inner in detail:
            yield from field_errors(inner, path)
    else:
        yield FieldError(path, str(detail))


def problem_body(kind: Kind, detail: str, errors: list[FieldError] | None = None, field: str | None = None) -> dict[str, Any]:
    """Return the members of a problem document: RFC 9457 3.1, with our extensions `code`, `field` and `errors`."""
    body: dict[str, Any] = {
        "type": f"{settings.PORTAL_URL}{reverse('api:problems')}#{kind.code}",
        "title": kind.title,
        "status": int(kind.status),
        "code": kind.code,
        "detail": detail,
    }
    if errors:
        body["field"] = errors[0].field or None
        body["errors"] = [{"field": each.field or None, "detail": each.detail} for each in errors[:MAX_ERRORS_SHOWN]]
    elif field is not None:
        body["field"] = field
    return body


def problem_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Return the answer to any exception of a view: DRF's EXCEPTION_HANDLER. What nobody expected is logged and a 500."""
    set_rollback()
    if isinstance(error, RecipeMoved) and context["request"].method in ("GET", "HEAD"):
        return _lead_on(error.new_name, context)
    kind = _kind_of(error)
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    elif isinstance(error, SwitchedOff):
        headers["Retry-After"] = str(_SWITCH_SECONDS)
    elif kind is KINDS["unavailable"]:
        logger.warning("the database is busy or away: %s", error)
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return Response(problem_body(kind, kind.meaning), status=kind.status, headers=headers)
    if kind is KINDS["internal-error"]:
        request = context["request"]
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        # What Django itself sends for an error that reaches it: error trackers and the test client listen.
        signals.got_request_exception.send(sender=problem_handler, request=request)
        body = problem_body(kind, "The portal failed to answer; its log has the reason.")
    elif isinstance(error, exceptions.ValidationError):
        found = list(field_errors(error.detail))
        body = problem_body(kind, "; ".join(_as_line(each) for each in found[:3]), found)
    else:
        body = problem_body(kind, _detail_of(error, kind, context), field=getattr(error, "field", None) or None)
    if reason := error.code if isinstance(error, Refused) else getattr(error, "reason", ""):
        body["reason"] = reason
    return Response(body, status=kind.status, headers=headers)


def _lead_on(new_name: str, context: dict[str, Any]) -> Response:
    """Return the redirect to the same address of the recipe as it is called now."""
    request = context["request"]
    address = reverse(f"api:{request.resolver_match.url_name}", kwargs={**context["kwargs"], "name": new_name})
    query = request.META.get("QUERY_STRING", "")
    return Response(status=HTTPStatus.MOVED_PERMANENTLY, headers={"Location": f"{address}?{query}" if query else address})


def _kind_of(error: Exception) -> Kind:
    if isinstance(error, Problem):
        return error.kind
    if isinstance(error, TooOften):
        return KINDS["too-many-requests"]
    if isinstance(error, Refused):
        return KINDS["invalid-value" if error.field else "refused"]
    if is_unavailable(error):
        return KINDS["unavailable"]
    code = next((code for base, code in _CODES if isinstance(error, base)), "internal-error")
    return KINDS[code]


def _as_line(error: FieldError) -> str:
    return f"{error.field}: {error.detail}" if error.field else error.detail


def _detail_of(error: Exception, kind: Kind, context: dict[str, Any]) -> str:
    """Return what to tell: the error's own words where they are ours, else words that say what to do."""
    request = context["request"]
    if isinstance(error, exceptions.MethodNotAllowed):
        return f"{request.method} is not possible here; allowed: {', '.join(context['view'].allowed_methods)}."
    if isinstance(error, exceptions.UnsupportedMediaType):
        return f"{request.content_type!r} is not read here: send the body as JSON with 'Content-Type: application/json'."
    if isinstance(error, exceptions.NotAcceptable):
        types = ", ".join(renderer.media_type for renderer in context["view"].renderer_classes)
        return f"{request.headers.get('Accept', '')!r} cannot be given here: ask for one of {types}."
    return str(getattr(error, "detail", "") or error) or kind.meaning
