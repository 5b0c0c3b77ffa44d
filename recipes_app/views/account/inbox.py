"""The inbox, what of it is mailed, and the page behind the unsubscribe link of a mail."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recipes_app.forms.community import MailChoicesForm
from recipes_app.limits import PAGE_SIZE
from recipes_app.models import Notification
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied
from recipes_app.services.notifications import inbox, mail_choices

from ..shared.refusals import forbidden_page, said_in_form, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required


@never_cache
@account_required
@require_safe
def message_list(request: AccountRequest) -> HttpResponse:
    """Show what the account was told, newest first; `?unread` and `?kind=` narrow it down."""
    reader = request.user
    kind = request.GET.get("kind", "")
    found = inbox.messages_of(reader, unread_only="unread" in request.GET, kind=kind)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "inbox/list.html", {"page": page, "kinds": Notification.Kind.choices, "kind": kind})


@never_cache
@account_required
@require_safe
def open_message(request: AccountRequest, message_id: int) -> HttpResponse:
    """Lead to what a message is about, and mark it as read, where the site takes writes at all."""
    reader = request.user
    message = get_object_or_404(Notification, pk=message_id, user=reader)
    # Read-only mode, or a frozen account: one reads all the same, and the message stays unread.
    with suppress(PermissionDenied):
        inbox.mark_read(reader, [message.pk])
    return redirect(message.url)


@account_required
@require_POST
def mark_read(request: AccountRequest) -> HttpResponse:
    """Mark one message, or without `message` all, as read."""
    reader, chosen = request.user, request.POST.get("message", "")
    with forbidden_page(), said_on_next_page(request):
        if chosen.isdecimal():
            inbox.mark_read(reader, [int(chosen)])
        else:
            inbox.mark_all_read(reader)
    return redirect("inbox")


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose_mail(request: AccountRequest) -> HttpResponse:
    """Let the account choose when each kind of notification is mailed."""
    owner = request.user
    form = MailChoicesForm(request.POST or None, choices=mail_choices.choices_of(owner))
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            mail_choices.choose(owner, form.chosen)
            messages.success(request, _("Your choices are kept."))
            return redirect("mail_choices")
    return render(request, "inbox/mail_choices.html", {"form": form}, status=400 if form.errors else 200)


# A mail program posts here without a session and without a cookie (RFC 8058, 3.2): the signed token is all that counts.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to end a kind of mail; a POST, by the button or by a mail program's one click, ends it."""
    done = request.method == "POST"
    try:
        subscription = mail_choices.unsubscribe(token) if done else mail_choices.read_token(token)
    except Refused as error:
        # A mail program tries again later where maintenance stopped it, and never where the link is wrong.
        status = 503 if error.code == "maintenance" else 400
        return render(request, "inbox/unsubscribe.html", {"refusal": str(error)}, status=status)
    return render(request, "inbox/unsubscribe.html", {"subscription": subscription, "done": done})
