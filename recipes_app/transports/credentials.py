"""The account behind an HTTP request of git: a token, as Bearer or as the password of Basic."""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest

from ..models import Scope, User
from ..services.accounts import tokens
from .access import AccessRefused


def account(request: HttpRequest, scope: Scope, recipe: str) -> User:
    """Return the account whose token is in the request (Basic with the token as password, or Bearer) and reaches `recipe`.

    Raises AccessRefused.
    """
    scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        username, secret = "", credentials.strip()
    elif scheme.lower() == "basic":
        username, secret = _basic(credentials)
    else:
        raise AccessRefused(401, "sign in to push: give your username, and as password a token from your account page")
    try:
        return tokens.authenticate(secret, scope, recipe, username)
    except tokens.TokenTooNarrow as error:
        # git tells its credential helper to erase what is refused by 401, and this token is right elsewhere.
        raise AccessRefused(403, str(error)) from error
    except tokens.TokenRefused as error:
        raise AccessRefused(401, str(error)) from error


def challenges(realm: str) -> str:
    """Return the value of WWW-Authenticate (RFC 9110, 11.6.1): both schemes that are taken, Basic first, since wget reads one."""
    return f'Basic realm="{realm}", charset="UTF-8", Bearer realm="{realm}"'


def reader(request: HttpRequest, recipe: str) -> User | None:
    """Return the account of a request whose token reads, None for anybody else: what is public needs no token."""
    try:
        return account(request, Scope.READ, recipe)
    except AccessRefused:
        return None


def _basic(credentials: str) -> tuple[str, str]:
    """Return username and password of HTTP Basic (RFC 7617). Raises AccessRefused."""
    try:
        username, separator, password = base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AccessRefused(401, "the credentials are not HTTP Basic: base64 of USERNAME:TOKEN is expected") from error
    if not separator or not password:
        raise AccessRefused(401, "the password is empty: give a token from your account page as password")
    return username, password
