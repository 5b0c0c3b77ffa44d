"""The moderators' queue: what waits, oldest first, and who has taken what."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from recipes_app.forms.moderation import QueueFilterForm
from recipes_app.models import QueueEntry
from recipes_app.services.audit import moderation_queue
from recipes_app.services.core.permissions import acts_of
from recipes_app.services.operations import backlog

from ..shared.actions import row_number
from ..shared.refusals import forbidden_page, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required

# What `?` shows beside the keys of every page.
KEY_LIST = "moderation/key_list.html"


@never_cache
@account_required
@require_safe
def queue_page(request: AccountRequest) -> HttpResponse:
    """Show what waits for the reader's decision. At most twelve queries, however much waits."""
    reader = request.user
    form = QueueFilterForm(request.GET)
    narrowed = moderation_queue.Narrowed(**form.cleaned_data) if form.is_valid() else moderation_queue.Narrowed()
    with forbidden_page():
        page = moderation_queue.read(reader, narrowed, after=row_number(request.GET.get("after", "")))
    kinds = [(QueueEntry.Kind(kind), number) for kind, number in sorted(page.waiting.items())]
    context = {
        "form": form,
        "queue_page": page,
        "kinds": kinds,
        "may": acts_of(reader),
        "damaged": backlog.damaged_repositories(),
        "now": timezone.now(),
        "more_keys": KEY_LIST,
    }
    return render(request, "moderation/queue.html", context, status=400 if form.errors else 200)


@account_required
@require_POST
def claim(request: AccountRequest, entry_id: int) -> HttpResponse:
    """Take an entry to decide it, or give it back to all with `act=unclaim`."""
    act = moderation_queue.unclaim if request.POST.get("act") == "unclaim" else moderation_queue.claim
    with forbidden_page(), said_on_next_page(request):
        act(request.user, entry_id)
    return redirect("queue_entry", entry_id)
