"""An account's own page: its tokens and the way to its other settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from recipes_app.forms.tokens import TokenForm
from recipes_app.services.accounts import tokens
from recipes_app.services.catalogue import catalogue
from recipes_app.services.core.permissions import PermissionDenied, is_verified

from ..shared.signed_in import AccountRequest, account_required


@never_cache
@account_required
@require_http_methods(["GET", "HEAD"])
def account(request: AccountRequest) -> HttpResponse:
    """Show the account to its owner."""
    return _page(request, TokenForm())


@never_cache
@account_required
@require_POST
def create_token(request: AccountRequest) -> HttpResponse:
    """Make a token and show its secret on this one answer: it is in no session, no message and no other page."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        wanted = form.cleaned_data
        _token, secret = tokens.issue(request.user, wanted["name"], form.scopes, form.expires_at, recipe=wanted["recipe"])
    except (PermissionDenied, ValueError) as error:
        form.add_error(None, str(error))
        return _page(request, form, status=400)
    return _page(request, TokenForm(), secret=secret, status=201)


@account_required
@require_POST
def revoke_token(request: AccountRequest, token_id: int) -> HttpResponse:
    """End one of the account's tokens."""
    if tokens.revoke(request.user, token_id):
        messages.success(request, _("The token is revoked: it opens nothing any more."))
    else:
        messages.warning(request, _("You have no such token; it was revoked before."))
    return redirect("account")


def _page(request: AccountRequest, form: TokenForm, *, secret: str = "", status: int = 200) -> HttpResponse:
    owner = request.user
    context = {
        "token_form": form,
        "new_secret": secret,
        "tokens": owner.tokens.select_related("recipe"),
        "now": timezone.now(),
        "verified": is_verified(owner),
        "recipes": catalogue.maintained_by(owner),
    }
    return render(request, "users/account.html", context, status=status)
