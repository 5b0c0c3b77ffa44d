"""The terms of service: to be read by anybody, and accepted by each account once."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from recipes_app.models import User
from recipes_app.services.accounts import terms as service
from recipes_app.services.core.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms, and to an account that has not accepted them the button; accept them, and lead back."""
    user = request.user if isinstance(request.user, User) else None
    context = {
        "text": service.as_html(get_language() or settings.LANGUAGE_CODE),
        "version": service.in_force(),
        "asked": user is not None and service.must_accept(user),
        "next": _local(request),
    }
    if request.method == "POST" and user is not None:
        try:
            service.accept(user, request.POST.get("version", ""))
        except Refused as error:
            return render(request, "account/terms.html", {**context, "refusal": str(error)}, status=400)
        return redirect(_local(request) or "account")
    return render(request, "account/terms.html", context)


def _local(request: HttpRequest) -> str:
    """Return the page that the account came from, if it is one of ours: a form must not lead to a stranger's."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    return address if url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()) else ""
