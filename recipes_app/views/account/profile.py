"""An account's profile: what its public page says, and how it reads the site."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recipes_app.forms.account import ProfileForm
from recipes_app.services.accounts import profiles

from ..shared.refusals import said_in_form
from ..shared.signed_in import AccountRequest, account_required


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_profile(request: AccountRequest) -> HttpResponse:
    """Show the profile as a form, and keep it."""
    owner = request.user
    form = ProfileForm(request.POST or None, initial=asdict(profiles.profile_of(owner)))
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            profiles.update(owner, profiles.Profile(**form.cleaned_data))
            messages.success(request, _("Your profile is kept."))
            return redirect("edit_profile")
    return render(request, "account/profile.html", {"form": form}, status=400 if form.errors else 200)
