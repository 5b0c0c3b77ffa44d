"""The chooser of colours, contrast and keys: a form, so that it works without scripts; a cookie, so that it takes no account."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from recipes_app.appearance import LOOK_COOKIE, Look, read
from recipes_app.models import User
from recipes_app.services.accounts import appearance
from recipes_app.services.core.permissions import PermissionDenied

_COOKIE_SECONDS = 400 * 24 * 3600


class LookForm(forms.Form):
    """What can be chosen."""

    scheme = forms.ChoiceField(
        label=gettext_lazy("Colours"), required=False, widget=forms.RadioSelect,
        choices=[("", gettext_lazy("as my system")), ("light", gettext_lazy("light")), ("dark", gettext_lazy("dark"))],
    )  # fmt: skip
    contrast = forms.ChoiceField(
        label=gettext_lazy("Contrast"), required=False, widget=forms.RadioSelect,
        choices=[("", gettext_lazy("as my system")), ("normal", gettext_lazy("normal")), ("more", gettext_lazy("more"))],
    )  # fmt: skip
    keys_off = forms.BooleanField(
        label=gettext_lazy("No shortcuts by single keys"), required=False,
        help_text=gettext_lazy("They get in the way of speech input and of some screen readers."),
    )  # fmt: skip


def look_of(request: HttpRequest) -> Look:
    """Return what the account has chosen, or else what the cookie says. No query where nobody is signed in."""
    user = getattr(request, "user", None) if settings.SESSION_COOKIE_NAME in request.COOKIES else None
    if isinstance(user, User) and user.appearance:
        return read(user.appearance)
    return read(request.COOKIES.get(LOOK_COOKIE, ""))


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Show the chooser, and keep what was chosen."""
    now = look_of(request)
    initial = {"scheme": now.scheme, "contrast": now.contrast, "keys_off": now.keys_off}
    form = LookForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _kept(request, Look(**form.cleaned_data))
    return render(request, "appearance.html", {"form": form}, status=400 if form.errors else 200)


def _kept(request: HttpRequest, look: Look) -> HttpResponse:
    said = _("Your choice is kept in this browser.")
    if isinstance(request.user, User):
        try:
            appearance.keep(request.user, look)
            said = _("Your choice is kept with your account.")
        except PermissionDenied as error:
            # A cookie is no right of an account: whoever may write nothing can still read in the dark.
            said = _("Your choice is kept in this browser, not with your account: %(reason)s.") % {"reason": error}
    messages.success(request, said)
    response = redirect("appearance")
    response.set_cookie(
        LOOK_COOKIE, look.text, max_age=_COOKIE_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax"
    )  # fmt: skip
    return response


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Show every piece of the design system on one page: docs/design-system.md. Only in debug mode; it is nobody's page."""
    if not settings.DEBUG:
        raise Http404(_("This page is there in debug mode only."))
    return render(
        request, "design.html", {"form": LookForm(), "odd": "char\u202eacter", "weeks": [0, 2, 1, 4, 3, 7, 5, 9, 6, 4, 8, 12]}
    )
