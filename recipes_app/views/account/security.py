"""What an account sees of its own safety: its history, and its sessions, each of which it can end."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from recipes_app.limits import PAGE_SIZE
from recipes_app.services.accounts import accounts
from recipes_app.services.accounts import security_history as history

from ..shared.refusals import forbidden_page, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required


@never_cache
@account_required
@require_safe
def security_history(request: AccountRequest) -> HttpResponse:
    """Show the account what opened it and what was changed about its keys, newest first."""
    page = Paginator(history.lines_of(request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    lines = [(line, history.LABELS.get(history.SecurityKind(line.kind))) for line in page]
    return render(request, "account/security_history.html", {"page": page, "lines": lines})


@account_required
@require_POST
def end_session(request: AccountRequest, session_id: int) -> HttpResponse:
    """Sign one of the account's sessions out, wherever it is; one's own ends by signing out."""
    with forbidden_page(), said_on_next_page(request):
        if accounts.end_session(request.user, session_id):
            messages.success(request, _("The session is ended."))
        else:
            messages.warning(request, _("You have no such session; it was ended before."))
    return redirect("usersessions_list")
