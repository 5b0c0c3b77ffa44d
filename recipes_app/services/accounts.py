"""Accounts that an operator makes from the command line. People make theirs through allauth's pages."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from ..models import Rank, User


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
