"""Forms of an account: what a person typed, checked for shape. The rules are the services'."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import lazystr
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..models import User
from ..services.accounts import profiles, terms


class TermsOnSignUp(forms.Form):
    """What the sign-up form asks beside allauth's own fields, here and for newcomers from another site."""

    field_order = ("email", "username", "password1", "password2", "accept_terms")
    accept_terms = forms.BooleanField(label=_("I have read the terms of service and accept them"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["accept_terms"].help_text = lazystr(_terms_link())

    def signup(self, _request: HttpRequest, user: User) -> None:
        """Note what was accepted, and the language of the page; allauth calls it once the account is there."""
        terms.accept(user, terms.in_force())
        profiles.begin(user, get_language() or "")


def _terms_link() -> SafeString:
    return mark_safe(f'<a href="/terms/">{_("Terms of service")}</a>')  # noqa: S308 - nothing in it comes from outside


class ProfileForm(forms.Form):
    """What an account says about itself, and how it wants to read the site."""

    about = forms.CharField(
        label=_("About you"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Plain text on your public page."),
    )  # fmt: skip
    homepage = forms.URLField(label=_("Homepage"), required=False, max_length=200, assume_scheme="https")
    openpgp_fingerprint = forms.CharField(
        label=_("OpenPGP fingerprint"), required=False, max_length=60, help_text=_("40 hexadecimal digits; spaces do not count.")
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("as the browser asks")), *settings.LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(name, name) for name in sorted(available_timezones())]
        self.fields["time_zone"].choices = [("", "UTC"), *zones]  # type: ignore[attr-defined]  # a ChoiceField


class SshKeyForm(forms.Form):
    """A public key for git over SSH."""

    name = forms.CharField(
        label=_("Name"), required=False, max_length=80, help_text=_("The key's comment, if you leave it empty.")
    )
    key = forms.CharField(
        label=_("Public key"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("One line from a file such as ~/.ssh/id_ed25519.pub."),
    )  # fmt: skip


class DeletionForm(forms.Form):
    """The last word before an account is deleted."""

    username = forms.CharField(label=_("Your username, to confirm"), max_length=39)
    hide_comments = forms.BooleanField(
        label=_("Hide the text of my comments, too"), required=False,
        help_text=_("Otherwise they stay, under the name deleted-account."),
    )  # fmt: skip
