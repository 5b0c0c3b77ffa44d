"""The public log: who did what to whom, for everybody to read, each line with its hash."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recipes_app.forms.moderation import LogFilterForm
from recipes_app.services.audit import log_reading

from ..shared.actions import row_number


@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the log, newest first, as narrowed down. One query for a visitor."""
    form = LogFilterForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    page = log_reading.read(
        request.user,
        kind=wanted.get("kind", ""),
        recipe=wanted.get("recipe", "").strip(),
        account=wanted.get("account", "").strip(),
        before=row_number(request.GET.get("before", "")),
    )
    return render(request, "log.html", {"form": form, "log_page": page}, status=400 if form.errors else 200)
