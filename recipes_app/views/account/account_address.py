"""Proving one's address again after its domain was gone."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from recipes_app.models import User
from recipes_app.services.accounts import address_proof

from ..shared.refusals import forbidden_page, said_on_next_page


@login_required
@require_POST
def ask_for_proof(request: HttpRequest) -> HttpResponse:
    """Mail a link to the address."""
    with forbidden_page(), said_on_next_page(request):
        address_proof.send(cast(User, request.user))
        messages.success(request, _("A link is on its way to your address."))
    return redirect("account")


@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def prove_address(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for a click, since mail scanners follow links, and take the proof from who is signed in and knows the password."""
    if request.method != "POST":
        return render(request, "account/prove_address.html")
    with forbidden_page(), said_on_next_page(request):
        address_proof.accept(cast(User, request.user), key)
        messages.success(request, _("Your address is proved: mail resets your password again."))
    return redirect("account")
