"""Proving one's address again after its domain was gone."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from recipes_app.services.accounts import address_proof

from ..shared.refusals import forbidden_page, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required


@account_required
@require_POST
def ask_for_proof(request: AccountRequest) -> HttpResponse:
    """Mail a link to the address."""
    with forbidden_page(), said_on_next_page(request):
        address_proof.send(request.user)
        messages.success(request, _("A link is on its way to your address."))
    return redirect("account")


@never_cache
@account_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def prove_address(request: AccountRequest, key: str) -> HttpResponse:
    """Ask for a click, since mail scanners follow links, and take the proof from who is signed in and knows the password."""
    if request.method != "POST":
        return render(request, "account/prove_address.html")
    with forbidden_page(), said_on_next_page(request):
        address_proof.accept(request.user, key)
        messages.success(request, _("Your address is proved: mail resets your password again."))
    return redirect("account")
