"""Where allauth asks the portal: may somebody sign up, may he sign in now, and where he goes next."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recipes_app.mail_addresses import normal
from recipes_app.models import Rank, Switch, User
from recipes_app.services.accounts import security_history
from recipes_app.services.accounts.security_history import SecurityKind
from recipes_app.services.core import switches


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

    def clean_email(self, email: str) -> str:
        """Return the address in its normal form: one mailbox is one account."""
        return normal(super().clean_email(email))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send allauth's mail with links to the portal's own address: the request's Host header is a stranger's word.

        Who asks for another's reset under a Host of his own would else get the link that its owner clicks on.
        """
        ours = {name: _on_portal(value) if name.endswith("_url") else value for name, value in context.items()}
        site = SimpleNamespace(name=settings.SITE_NAME, domain=urlsplit(settings.PORTAL_URL).netloc)
        super().send_mail(template_prefix, email, {**ours, "current_site": site})

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note a wrong password in the history of the account that was tried, if there is one."""
        tried = credentials.get("username") or credentials.get("email") or ""
        security_history.record_by_name(tried, SecurityKind.SIGN_IN_FAILED)


def _on_portal(address: str) -> str:
    """Return the page of `address` at PORTAL_URL."""
    parts = urlsplit(address)
    return str(settings.PORTAL_URL) + urlunsplit(("", "", parts.path, parts.query, ""))
