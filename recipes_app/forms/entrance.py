"""Allauth's forms for signing in and for a forgotten password. By themselves: allauth's forms import `forms.account`."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as allauth_forms
from django.http import HttpRequest

from ..mail_addresses import normal
from ..models import User
from ..services.accounts import mail_domains


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Signing in, by an address in whatever spelling: allauth compares and stores what it is given."""

    def clean_login(self) -> str:
        """Return the user name, or the address in its normal form."""
        login = str(super().clean_login())
        return normal(login) if "@" in login else login


class ResetPasswordForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """What asks for a mail that resets a password: allauth's own, for addresses that may recover their account."""

    users: list[User]

    def clean_email(self) -> str:
        """Return the address in its normal form. One whose domain had expired is answered alike, and gets no link."""
        address: str = normal(super().clean_email())
        self.has_lost = any(not mail_domains.may_recover(user) for user in self.users)
        self.users = [user for user in self.users if mail_domains.may_recover(user)]
        return address

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send the link. Nothing where the address is known and may not recover: who reads there now is a stranger."""
        if self.has_lost and not self.users:
            return str(self.cleaned_data["email"])
        return str(super().save(request, **kwargs))
