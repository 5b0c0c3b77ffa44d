"""Accounts that an operator makes from the command line (people make theirs through allauth's pages), and sessions."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import transaction

from recipes_app.models import Rank, User

from ..core.permissions import Action, require
from . import security_history
from .security_history import SecurityKind


@transaction.atomic
def create_account(username: str, email: str, password: str | None, *, verified: bool, rank: Rank = Rank.USER) -> User:
    """Make an account. Without a password it can use tokens and reset its password by mail.

    Raises ValidationError where the username or the address is not one, or is taken.
    """
    user = User(username=username, email=email, rank=rank)
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=verified)
    return user


def end_session(user: User, session_id: int) -> bool:
    """Sign the session `session_id` of `user` out; return whether there was one. Raises PermissionDenied in read-only mode."""
    require(Action.EDIT_ACCOUNT, user)
    with transaction.atomic():
        session = UserSession.objects.filter(user=user, pk=session_id).first()
        if session is None:
            return False
        session.end()
        security_history.record(user, SecurityKind.SESSION_ENDED, f"{session.ip} {session.user_agent}")
    return True
