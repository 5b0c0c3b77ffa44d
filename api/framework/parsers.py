"""Reading a body: JSON, strictly, and never more of it than the portal takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from .problems import Problem


class StrictJSONParser(BaseParser):
    """JSON in UTF-8 (RFC 8259), without the extensions that Python's reader has: no NaN, no member named twice.

    DRF's own reader takes a body of any size: Django's limit guards forms only.
    """

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return the body's value. Raises Problem for a body that is too large, ParseError for one that is not JSON."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        try:
            body = stream.read(limit + 1)
        except OSError as error:
            raise ParseError("the body ended before its Content-Length") from error
        if len(body) > limit:
            raise Problem("body-too-large", f"the body is larger than {limit} bytes: split the request")
        try:
            return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_object)
        except UnicodeDecodeError as error:
            raise ParseError(f"the body is not UTF-8: byte {error.start} is 0x{body[error.start]:02x}") from error
        except RecursionError as error:
            raise ParseError("the body nests too deeply") from error
        except ValueError as error:
            raise ParseError(f"the body is not JSON: {error}") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ParseError(f"the body is not JSON: {name} is no number there")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"the body names the member {twice[:80]!r} twice")
    return result
