"""The request of somebody who is signed in, and the decorator whose views get it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from recipes_app.models import User

Given = ParamSpec("Given")
Answer = TypeVar("Answer", bound=HttpResponseBase)


class AccountRequest(HttpRequest):
    """A request whose user is an account."""

    user: User


def account_required(
    view: Callable[Concatenate[AccountRequest, Given], Answer],
) -> Callable[Concatenate[HttpRequest, Given], Answer]:
    """Return `view` for accounts: a visitor is led to the page for signing in."""
    return login_required(view)  # type: ignore[return-value]  # who comes through has an account
