"""Who asks: a token in the header `Authorization`, in any of the three ways that clients have for it."""

from __future__ import annotations

import base64
import binascii

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from recipes_app.models import ApiToken, User
from recipes_app.services.accounts import tokens

from . import scopes

_REALM = "api"
_BEARER = f'Bearer realm="{_REALM}"'
_HOW = "send 'Authorization: Bearer TOKEN', or the token as the password of Basic"


class TokenAuthentication(BaseAuthentication):
    """`Bearer TOKEN`, `Token TOKEN`, or Basic with the token as password, as git sends it (`curl --user NAME:TOKEN`)."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the account of the token and the token, or None where the request has no Authorization header.

        Raises AuthenticationFailed for a header that cannot be read and for a token that is unknown, revoked or expired,
        InsufficientScope for one that was made for something else.
        """
        words = get_authorization_header(request).split()
        if not words:
            return None
        scheme = words[0].decode("latin-1").lower()
        if scheme not in ("bearer", "token", "basic") or len(words) != 2:
            raise AuthenticationFailed(f"the header Authorization cannot be read: {_HOW}")
        username, secret = _credentials(words[1]) if scheme == "basic" else ("", _text(words[1]))
        try:
            token = tokens.find(secret, scopes.needed(request), _recipe_at_hand(request), username)
        except tokens.TokenTooNarrow as refusal:
            raise InsufficientScope(refusal) from refusal
        except tokens.TokenRefused as refusal:
            raise AuthenticationFailed(str(refusal)) from refusal
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenges of a 401 answer: both schemes, Basic first, since wget reads one.

        A page has Bearer alone: a browser would open a window of its own for Basic.
        """
        is_page = getattr(getattr(request, "accepted_renderer", None), "format", "") == "html"
        return _BEARER if is_page else f'Basic realm="{_REALM}", charset="UTF-8", {_BEARER}'


class InsufficientScope(PermissionDenied):
    """A valid token that was not made for this: 403, with the challenge of RFC 6750, 3.1."""

    def __init__(self, refusal: tokens.TokenTooNarrow) -> None:
        super().__init__(str(refusal))
        self.reason = refusal.scope
        scope = f', scope="{refusal.scope}"' if refusal.scope else ""
        self.auth_header = f'{_BEARER}, error="insufficient_scope"{scope}'


def _recipe_at_hand(request: Request) -> str:
    """Return the name of the recipe in the address, which a token for one recipe must be for; empty where there is none."""
    name = str((request.parser_context or {}).get("kwargs", {}).get("name", ""))
    return "" if "\0" in name else name


def _text(value: bytes) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError as error:
        raise AuthenticationFailed(f"the token holds characters that no token has: {_HOW}") from error


def _credentials(value: bytes) -> tuple[str, str]:
    """Return user name and password of a Basic header (RFC 7617)."""
    try:
        username, colon, secret = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AuthenticationFailed(f"the header Authorization is not Basic's base64 of NAME:TOKEN: {_HOW}") from error
    if not colon:
        raise AuthenticationFailed(f"the header Authorization has no ':' between name and token: {_HOW}")
    return username, secret
