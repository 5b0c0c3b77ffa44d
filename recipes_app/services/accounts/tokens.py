"""Tokens: secrets that stand for an account in git and API. Issued, checked, revoked here and nowhere else."""

from __future__ import annotations

import hashlib
import secrets
import string
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.limits import MAX_LEAKED_TOKENS
from recipes_app.models import ApiToken, NameRedirect, Recipe, Scope, User

from ..core.permissions import Action, require
from ..gates import provenance
from . import security_history, security_mail
from .security_history import SecurityKind

PREFIX = "dur_"
# Letters and digits alone: a double click takes all of it, and a scanner for leaks finds it by one pattern (docs/api.md).
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM = 43  # 62^43 > 2^256
_CHECK = 6  # 62^6 > 2^32
# A token used twice within this time keeps its "last used": a clone of fifty recipes is no fifty writes.
_LAST_USED_GRAIN = timedelta(minutes=5)


class TokenRefused(Exception):
    """A token that opens no door: unknown, revoked or expired. The text tells a guesser no more than they know (401)."""


class TokenTooNarrow(TokenRefused):
    """A valid token that was not made for this. The text says what is missing (403: git's helpers erase what is refused by 401).

    `scope` is the missing scope; empty where the token is one for another recipe or of another account.
    """

    def __init__(self, message: str, scope: str = "") -> None:
        super().__init__(message)
        self.scope = scope


def new_secret() -> str:
    """Return a secret of 256 random bits that shows what it is, and that it is whole: prefix, random part, CRC-32 in base 62."""
    random = "".join(secrets.choice(_ALPHABET) for _place in range(_RANDOM))
    return f"{PREFIX}{random}{_checksum(random)}"


def is_misspelt(secret: str) -> bool:
    """Return whether `secret` cannot be a token: no prefix, or a wrong checksum. Tokens made before there was one have none."""
    if not secret.startswith(PREFIX):
        return True
    body = secret.removeprefix(PREFIX)
    return len(body) == _RANDOM + _CHECK and body[_RANDOM:] != _checksum(body[:_RANDOM])


def _checksum(random: str) -> str:
    number, digits = zlib.crc32(random.encode()), ""
    for _place in range(_CHECK):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(
    user: User, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None, *, recipe: Recipe | None = None
) -> tuple[ApiToken, str]:
    """Make a token for `user` and return it with its secret, which is kept nowhere and cannot be shown again.

    With `recipe` it reaches that one only, whatever else its account may do. Raises PermissionDenied for an unverified account,
    ValueError where no scope is asked for or the end has passed.
    """
    require(Action.CREATE_TOKEN, user)
    wanted = sorted({Scope(scope) for scope in scopes})
    if not wanted:
        raise ValueError("a token needs at least one scope: " + ", ".join(Scope.values))
    if expires_at is not None and expires_at <= timezone.now():
        raise ValueError("the token would have expired already: choose a later end")
    secret = new_secret()
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, name=name, digest=_digest(secret), hint=secret[:10], scopes=wanted, expires_at=expires_at, recipe=recipe
        )
        reach = recipe.name if recipe else "all recipes"
        detail = f"{name} ({token.hint}…): {', '.join(wanted)}; {reach}"
        security_history.record(user, SecurityKind.TOKEN_MADE, detail)
        security_mail.tell(user, lambda: _("A token was made for your account."), detail)
    return token, secret


def authenticate(secret: str, scope: Scope, recipe: str = "", username: str = "") -> User:
    """Return the account that `secret` stands for, if the token reaches that far: see `find`. Raises TokenRefused."""
    token = find(secret, scope, recipe, username)
    provenance.note(token.user, provenance.by_token(token))
    return token.user


def find(secret: str, scope: Scope | None, recipe: str = "", username: str = "") -> ApiToken:
    """Return the token of `secret` with its account, if it reaches `scope` and `recipe`, the name of the recipe at hand.

    Where no recipe is at hand, a token for one recipe is refused: it must not open what belongs to the whole account. Without a
    scope, for what any token may do to itself, neither is asked. `username` is what came with the secret, if anything.
    One query, and one write in five minutes. Raises TokenRefused, and TokenTooNarrow for a token that is valid elsewhere, with
    one line that says what is wrong.
    """
    known = ApiToken.objects.none() if is_misspelt(secret) else ApiToken.objects.filter(digest=_digest(secret))
    token = known.select_related("user", "recipe").first()
    if token is None or not token.user.is_active:
        raise TokenRefused(f"this token is not known: it was revoked or mistyped; make a new one on {_page()}")
    now = timezone.now()
    if token.expires_at is not None and token.expires_at <= now:
        raise TokenRefused(f"this token expired on {token.expires_at:%Y-%m-%d}: make a new one on {_page()}")
    if scope is not None and scope not in token.scopes:
        has = ", ".join(token.scopes)
        raise TokenTooNarrow(f"this token has no {scope.value!r} scope (it has: {has}): make one that has it on {_page()}", scope)
    if scope is not None and token.recipe is not None and not _is_called(token.recipe, recipe):
        raise TokenTooNarrow(f"this token reaches the recipe {token.recipe.name} only: make another one on {_page()}")
    if username and username.lower() != token.user.username:
        raise TokenTooNarrow(
            f"this token is not one of the account {username[:80]!r}: give the user name that it was made for, "
            f"or make one on {_page()}"
        )
    if token.last_used_at is None or now - token.last_used_at > _LAST_USED_GRAIN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _page() -> str:
    """Return where tokens are made."""
    return f"{settings.PORTAL_URL}{reverse('account')}"


def _is_called(recipe: Recipe, name: str) -> bool:
    """Return whether `name` is the recipe's, now or formerly."""
    return name == recipe.name or NameRedirect.objects.filter(name=name, recipe=recipe).exists()


def revoke(user: User, token_id: int) -> bool:
    """End the token `token_id` of `user`; return whether there was one. Read-only mode does not stop it: a leak cannot wait."""
    with transaction.atomic():
        token = ApiToken.objects.filter(user=user, pk=token_id).first()
        if token is None:
            return False
        token.delete()
        security_history.record(user, SecurityKind.TOKEN_REVOKED, f"{token.name} ({token.hint}…)")
    return True


def end_leaked(secrets_found: Iterable[str]) -> int:
    """End those of `secrets_found` that are tokens here, whoever found them; return how many. Each owner is told.

    At most MAX_LEAKED_TOKENS are looked at. Read-only mode does not stop it. Two queries, and some for each token that is ended.
    """
    given = {_digest(secret) for secret in list(secrets_found)[:MAX_LEAKED_TOKENS] if not is_misspelt(secret)}
    with transaction.atomic():
        ended = list(ApiToken.objects.select_related("user").filter(digest__in=given))
        for token in ended:
            detail = f"{token.name} ({token.hint}…)"
            token.delete()
            security_history.record(token.user, SecurityKind.TOKEN_LEAKED, detail)
            security_mail.tell(
                token.user, lambda: _("A token of your account was found in the open, and is ended."), detail, _after_a_leak
            )
    return len(ended)


def _after_a_leak() -> str:
    return _("Make another one where you need it, and look at what was done with this one: anybody could use it until now.")


def push_tokens(user: User) -> list[ApiToken]:
    """Return the tokens of `user` with which a new recipe can be pushed now. One query."""
    tokens = ApiToken.objects.filter(user=user, recipe=None)
    return [
        each for each in tokens if Scope.PUSH in each.scopes and (each.expires_at is None or each.expires_at > timezone.now())
    ]
