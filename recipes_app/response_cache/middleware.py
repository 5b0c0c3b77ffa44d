"""The mark on answers that may be kept: set within Django, which knows the view, and read outside of it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .policy import KEPT, Keeping, Scope

Handler = Callable[[HttpRequest], HttpResponseBase]
_MARK = "may_be_kept"


def mark(get_response: Handler) -> Handler:
    """Mark each success of a view that the policy names. The first of all, so that it sees the answer as it goes out."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        found = request.resolver_match
        if found is not None and response.status_code == 200 and isinstance(response, HttpResponse):
            keeping = KEPT.get(found.view_name)
            if keeping is not None:
                recipe = "" if keeping.scope is Scope.CATALOGUE else str(found.kwargs["name"])
                setattr(response, _MARK, (keeping, recipe))
        return response

    return middleware


def marked(response: object) -> tuple[Keeping, str] | None:
    """Return how the answer may be kept and the recipe that it is about; None where it may not be kept."""
    found: tuple[Keeping, str] | None = getattr(response, _MARK, None)
    return found
