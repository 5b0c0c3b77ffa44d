"""The page that deletes one's account: it says before what goes and what stays."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recipes_app.forms.account import DeletionForm
from recipes_app.services.accounts import deletion

from ..shared.refusals import said_in_form
from ..shared.signed_in import AccountRequest, account_required


@never_cache
@account_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def delete_account(request: AccountRequest) -> HttpResponse:
    """Say what would happen, and do it once the account has given its password or second factor again and typed its name."""
    owner = request.user
    form = DeletionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["username"] != owner.username:
            form.add_error("username", _("This is not your username."))
        else:
            with said_in_form(form):
                deletion.delete_account(owner, hide_comments=form.cleaned_data["hide_comments"])
                owner.is_active = False
                logout(request)
                messages.success(request, _("Your account is deleted."))
                return redirect("home")
    context = {"form": form, "plan": deletion.plan(owner), "deleted_name": deletion.DELETED_NAME}
    return render(request, "account/delete.html", context, status=400 if form.errors else 200)
