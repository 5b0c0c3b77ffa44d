"""Deciding one entry of the queue: what waits, with all that is needed to judge it, and the form of its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recipes_app.forms.moderation import DecisionForm, PrivateDecisionForm, ReasonForm
from recipes_app.models import Flag, Hold, OwnershipRequest, QueueEntry, Report, User
from recipes_app.services.audit import moderation_queue
from recipes_app.services.catalogue import catalogue
from recipes_app.services.moderation import flags, lifecycle, reports, requests, site
from recipes_app.services.publishing import publish

from ..shared.appearance import look_of
from ..shared.refusals import forbidden_page, said_in_form
from ..shared.signed_in import AccountRequest, account_required
from .moderation import KEY_LIST

Kind = QueueEntry.Kind


@dataclass(frozen=True)
class Decision:
    """How entries of one kind are decided: the thing itself, its form, the words on the two buttons, and the act.

    `act` gets the moderator, the entry, the thing, the verdict and the words.
    """

    load: Callable[[QueueEntry], Any]
    form: type[forms.Form]
    yes: str | Promise
    no: str | Promise
    act: Callable[[User, QueueEntry, Any, bool, str], None]


def _flag(entry: QueueEntry) -> Flag:
    return Flag.objects.select_related("recipe", "revision", "author").get(pk=entry.subject_id)


def _request(entry: QueueEntry) -> OwnershipRequest:
    return OwnershipRequest.objects.select_related("recipe", "requester").get(pk=entry.subject_id)


def _hold(entry: QueueEntry) -> Hold:
    return Hold.objects.select_related("revision__recipe", "revision__pusher").get(pk=entry.subject_id)


def _report(entry: QueueEntry) -> Report:
    return Report.objects.select_related("recipe", "revision", "comment", "account", "reporter").get(pk=entry.subject_id)


def _close_flag(user: User, _entry: QueueEntry, flag: Flag, verdict: bool, words: str) -> None:
    flags.close(user, flag, resolved=verdict, decision=words)


def _decide_request(user: User, _entry: QueueEntry, request: OwnershipRequest, verdict: bool, words: str) -> None:
    requests.decide(user, request, accept=verdict, reason=words)


def _review(user: User, _entry: QueueEntry, hold: Hold, verdict: bool, words: str) -> None:
    publish.review(user, hold.revision, release=verdict, decision=words)


def _decide_report(user: User, _entry: QueueEntry, report: Report, verdict: bool, words: str) -> None:
    reports.decide(user, report, uphold=verdict, decision=words)


def _decide_name(user: User, entry: QueueEntry, _thing: object, verdict: bool, words: str) -> None:
    if entry.recipe is None:
        raise Http404(_("The recipe is gone."))
    if verdict:
        site.accept_name(user, entry.recipe)
    else:
        lifecycle.delete(user, entry.recipe, words)


DECISIONS = {
    Kind.FLAG: Decision(_flag, DecisionForm, gettext_lazy("Resolve"), gettext_lazy("Reject"), _close_flag),
    Kind.REQUEST: Decision(_request, ReasonForm, gettext_lazy("Accept"), gettext_lazy("Reject"), _decide_request),
    Kind.HOLD: Decision(_hold, DecisionForm, gettext_lazy("Release"), gettext_lazy("Reject"), _review),
    Kind.REPORT: Decision(_report, PrivateDecisionForm, gettext_lazy("Uphold"), gettext_lazy("Dismiss"), _decide_report),
    Kind.NAME: Decision(
        lambda entry: entry.recipe, ReasonForm, gettext_lazy("Accept the name"), gettext_lazy("Delete the recipe"), _decide_name
    ),
}


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: AccountRequest, entry_id: int) -> HttpResponse:
    """Show one entry and decide it. The page of a decided one says how it ended."""
    moderator = request.user
    try:
        with forbidden_page():
            found = moderation_queue.entry_for(moderator, entry_id)
    except QueueEntry.DoesNotExist as error:
        raise Http404(_("There is no such entry in the queue.")) from error
    kind = Kind(found.kind)
    decision = DECISIONS[kind]
    thing = decision.load(found)
    form = decision.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        words = next(iter(form.cleaned_data.values()))
        with said_in_form(form):
            decision.act(moderator, found, thing, request.POST.get("verdict") == "yes", words)
            messages.success(request, _("Decided."))
            return redirect("moderation")
    if not look_of(request).keys_off:
        next(iter(form.fields.values())).widget.attrs["aria-keyshortcuts"] = "d"
    context = {
        "entry": found,
        "more_keys": KEY_LIST,
        "thing": thing,
        "decision": decision,
        "form": form,
        "template": f"moderation/entries/{kind.value}.html",
        "before": catalogue.published_before(thing.revision) if isinstance(thing, Hold) else None,
    }
    return render(request, "moderation/entry.html", context, status=400 if form.errors else 200)
