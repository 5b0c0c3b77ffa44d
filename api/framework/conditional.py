"""Answers that a client has already: ETags from what an answer is made of, before it is made (RFC 9110, 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from rest_framework.request import Request

from recipes_app.etags import etag_of


class NotModified(Exception):
    """The client has the answer already."""


@dataclass(frozen=True)
class Validators:
    """What says whether two answers of one address are the same."""

    etag: str
    modified: datetime | None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of an answer that has them."""
        headers = {"ETag": self.etag}
        if self.modified is not None:
            headers["Last-Modified"] = http_date(self.modified.timestamp())
        return headers


def validators(request: Request, facts: Iterable[Any], modified: datetime | None, *, exact: bool) -> Validators:
    """Return the validators of an answer that follows from `facts`: rows, plain values, and what is made of them.

    Who asks, in which media type, is a part of them. The tag is weak but for `exact` answers, whose bytes never change.
    """
    asked = (settings.SPECTACULAR_SETTINGS["VERSION"], request.accepted_media_type, getattr(request.user, "pk", None))
    return Validators(etag_of(asked, tuple(facts), weak=not exact), modified)


def check(request: Request, known: Validators, *, by_time: bool) -> None:
    """Raise NotModified where the request says that the client has this answer.

    Its time alone proves that only with `by_time`: a vote changes an answer and no time in it.
    """
    seconds = int(known.modified.timestamp()) if by_time and known.modified else None
    answer = get_conditional_response(request._request, etag=known.etag, last_modified=seconds)
    if answer is not None and answer.status_code == 304:
        raise NotModified
