"""Tokens: secrets that stand for an account in git and API. Issued, checked, revoked here and nowhere else."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ..models import ApiToken, NameRedirect, Recipe, Scope, User
from . import security_history
from .permissions import Action, require
from .security_history import SecurityKind

PREFIX = "dur_"
# A token used twice within this time keeps its "last used": a clone of fifty recipes is no fifty writes.
_LAST_USED_GRAIN = timedelta(minutes=5)


class TokenRefused(Exception):
    """A token that does not open this door; the text says why without telling a guesser more than he knows."""


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
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user, name=name, digest=_digest(secret), hint=secret[:10], scopes=wanted, expires_at=expires_at, recipe=recipe
        )
        reach = recipe.name if recipe else "all recipes"
        security_history.record(user, SecurityKind.TOKEN_MADE, f"{name} ({token.hint}…): {', '.join(wanted)}; {reach}")
    return token, secret


def authenticate(secret: str, scope: Scope, recipe: str = "") -> User:
    """Return the account that `secret` stands for, if the token reaches that far: see `find`. Raises TokenRefused."""
    return find(secret, scope, recipe).user


def find(secret: str, scope: Scope | None, recipe: str = "") -> ApiToken:
    """Return the token of `secret` with its account, if it reaches `scope` and `recipe`, the name of the recipe at hand.

    Where no recipe is at hand, a token for one recipe is refused: it must not open what belongs to the whole account. Without a
    scope, for what any token may do to itself, neither is asked.
    One query, and one write in five minutes. Raises TokenRefused with one line that says what is wrong.
    """
    token = ApiToken.objects.select_related("user", "recipe").filter(digest=_digest(secret)).first()
    if token is None or not token.user.is_active:
        raise TokenRefused("this token is not known: it was revoked or mistyped; make a new one on your account page")
    now = timezone.now()
    if token.expires_at is not None and token.expires_at <= now:
        raise TokenRefused(f"this token expired on {token.expires_at:%Y-%m-%d}: make a new one on your account page")
    if scope is not None and scope not in token.scopes:
        raise TokenRefused(f"this token has no {scope.value!r} scope (it has: {', '.join(token.scopes)})")
    if scope is not None and token.recipe is not None and not _is_called(token.recipe, recipe):
        raise TokenRefused(f"this token reaches the recipe {token.recipe.name} only: make another one on your account page")
    if token.last_used_at is None or now - token.last_used_at > _LAST_USED_GRAIN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


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


def push_tokens(user: User) -> list[ApiToken]:
    """Return the tokens of `user` with which a new recipe can be pushed now. One query."""
    tokens = ApiToken.objects.filter(user=user, recipe=None)
    return [
        each for each in tokens if Scope.PUSH in each.scopes and (each.expires_at is None or each.expires_at > timezone.now())
    ]
