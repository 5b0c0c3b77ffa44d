"""The header `Idempotency-Key` of a POST: read, and tied to the request that it came with."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import KeptAnswer, User
from recipes_app.services.core import idempotency

from .problems import Problem

_LONGEST = 255
REPLAYED = "Idempotency-Replayed"


class AnsweredBefore(Exception):
    """The act was done for an earlier request with the same key; `row` holds its answer."""

    def __init__(self, row: KeptAnswer) -> None:
        super().__init__(row.key)
        self.row = row

    @property
    def response(self) -> Response:
        """The first answer, once more."""
        response = Response(self.row.body, status=self.row.status, headers={REPLAYED: "true"})
        response.exception = bool(self.row.status and self.row.status >= 400)
        return response


def begin(request: Request, account: User) -> KeptAnswer | None:
    """Reserve the key of `request`; None where it came without one.

    Raises AnsweredBefore, Problem for a header that is none, and what `services.core.idempotency` and the body's reader raise.
    """
    if idempotency.HEADER not in request.headers:
        return None
    row = idempotency.begin(account, _key(request.headers[idempotency.HEADER]), _fingerprint(request))
    if row.status is not None:
        raise AnsweredBefore(row)
    return row


def end(row: KeptAnswer, response: Response) -> None:
    """Keep what the request is answered with; a failure of the portal, or a full hour, is not for ever."""
    if response.status_code >= 500 or response.status_code == 429:
        idempotency.forget(row)
    else:
        idempotency.finish(row, response.status_code, json.loads(JSONRenderer().render(response.data) or "null"))


def _key(value: str) -> str:
    """Return the key: a quoted string (RFC 9651, 3.3.3), or the same without its quotation marks. Raises Problem."""
    quoted = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    if not quoted or len(quoted) > _LONGEST or not (quoted.isascii() and quoted.isprintable()):
        message = f"{idempotency.HEADER}: give 1 to {_LONGEST} printable ASCII characters, such as a UUID"
        raise Problem("invalid-header", message, field=idempotency.HEADER)
    return quoted


def _fingerprint(request: Request) -> str:
    said: Any = [request.method, request.get_full_path(), request.data]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
