"""An account's SSH keys."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from recipes_app.forms.account import SshKeyForm
from recipes_app.services.accounts import ssh_keys as service

from ..shared.refusals import forbidden_page, said_in_form, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required


@never_cache
@account_required
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # allauth has no types
@require_http_methods(["GET", "HEAD", "POST"])
def ssh_keys(request: AccountRequest) -> HttpResponse:
    """Show the keys with the form for another one, and add it: a key opens the account, so the password is asked for again."""
    owner = request.user
    form = SshKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            service.add(owner, form.cleaned_data["name"], form.cleaned_data["key"])
            messages.success(request, _("The key is added."))
            return redirect("ssh_keys")
    context = {"form": form, "keys": owner.ssh_keys.all()}
    return render(request, "account/ssh_keys.html", context, status=400 if form.errors else 200)


@account_required
@require_POST
def remove_ssh_key(request: AccountRequest, key_id: int) -> HttpResponse:
    """Take one of the account's keys away."""
    with forbidden_page(), said_on_next_page(request):
        if service.remove(request.user, key_id):
            messages.success(request, _("The key is removed: it opens nothing any more."))
        else:
            messages.warning(request, _("You have no such key; it was removed before."))
    return redirect("ssh_keys")
