"""Where allauth asks the portal: may somebody sign up, may he sign in now, and where he goes next."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..models import Rank, Switch, User
from ..services import security_history, switches
from ..services.security_history import SecurityKind


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The portal's answers; every rule in them is a service's."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return true, or answer with the message of the moderator who has closed sign-up, or of maintenance."""
        message = switches.message_if_off(Switch.Name.WRITES, Switch.Name.SIGN_UP)
        if message is not None:
            page = render(request, "account/signup_closed.html", {"message": message}, status=503)
            raise ImmediateHttpResponse(page)
        return True

    def pre_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse | None:
        """Let only staff in while the site is read-only: a session is a write, and there is nothing else to do."""
        response: HttpResponse | None = super().pre_login(request, user, **facts)
        if response is not None or user.rank in (Rank.MODERATOR, Rank.ADMINISTRATOR):
            return response
        message = switches.message_if_off(Switch.Name.WRITES)
        if message is None:
            return None
        clear_login(request)
        return render(request, "account/maintenance.html", {"message": message}, status=503)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note a wrong password in the history of the account that was tried, if there is one."""
        tried = credentials.get("username") or credentials.get("email") or ""
        security_history.record_by_name(tried, SecurityKind.SIGN_IN_FAILED)
