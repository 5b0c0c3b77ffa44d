"""Who asks: a token in the header `Authorization`, in any of the three ways that clients have for it."""

from __future__ import annotations

import base64
import binascii

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from recipes_app.models import ApiToken, User
from recipes_app.services import tokens

from . import scopes

_HOW = "send 'Authorization: Bearer TOKEN', or the token as the password of Basic"


class TokenAuthentication(BaseAuthentication):
    """`Bearer TOKEN`, `Token TOKEN`, or Basic with the token as password, as git sends it (`curl --user NAME:TOKEN`)."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the account of the token and the token, or None where the request has no Authorization header.

        Raises AuthenticationFailed for a header that cannot be read, and for a token that is refused or lacks the scope.
        """
        words = get_authorization_header(request).split()
        if not words:
            return None
        scheme = words[0].decode("latin-1").lower()
        if scheme not in ("bearer", "token", "basic") or len(words) != 2:
            raise AuthenticationFailed(f"the header Authorization cannot be read: {_HOW}")
        username, secret = _credentials(words[1]) if scheme == "basic" else ("", _text(words[1]))
        try:
            token = tokens.find(secret, scopes.needed(request), _recipe_at_hand(request))
        except tokens.TokenRefused as refusal:
            raise AuthenticationFailed(str(refusal)) from refusal
        if username and username != token.user.username:
            raise AuthenticationFailed("the token belongs to another account than the user name that came with it")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 answer."""
        return 'Bearer realm="api"'


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
