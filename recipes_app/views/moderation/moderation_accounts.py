"""What moderators do about an account: freeze it and roll its pushes back in one click, thaw it; its rank."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recipes_app.forms.moderation import AccountActForm, RankForm, ReasonForm
from recipes_app.models import Rank, User
from recipes_app.services.audit import log_reading
from recipes_app.services.catalogue import catalogue
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import Action, acts_of, require
from recipes_app.services.moderation import sanctions

from ..shared.actions import ActPage, act_page
from ..shared.refusals import forbidden_page, said_in_form
from ..shared.signed_in import AccountRequest, account_required

_PUSHES_SHOWN = 25


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: AccountRequest, username: str) -> HttpResponse:
    """Show what an account did, with the form that freezes it and rolls back."""
    moderator, shown = request.user, get_object_or_404(User, username=username)
    form = AccountActForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            messages.success(request, _act(moderator, shown, form))
            return redirect("moderate_account", username)
    with forbidden_page():
        require(Action.READ_QUEUE, moderator)
    context = {
        "account": shown,
        "form": form,
        "may": acts_of(moderator),
        "recipes": catalogue.maintained_by(shown),
        "pushes": catalogue.pushed_by(shown, _PUSHES_SHOWN),
        "log_page": log_reading.read(moderator, account=username),
    }
    return render(request, "moderation/account.html", context, status=400 if form.errors else 200)


def _act(moderator: User, account: User, form: AccountActForm) -> str:
    """Do what was ticked, the freeze first so that nothing is pushed in between; return what was done, in words."""
    said = form.cleaned_data
    if not said["freeze"] and said["since"] is None:
        raise Refused(_("nothing is chosen: freeze the account, or say since when to roll back"), code="nothing")
    done = []
    if said["freeze"] and account.frozen_at is None:
        sanctions.freeze(moderator, account, said["reason"])
        done.append(_("%(user)s is frozen.") % {"user": account.username})
    if said["since"] is not None:
        result = sanctions.roll_back(moderator, account, said["since"], said["reason"])
        done.append(
            _("%(revisions)d revisions rolled back; at an older one: %(older)s; quarantined: %(quarantined)s.")
            % {
                "revisions": result.revisions,
                "older": ", ".join(result.recipes) or _("none"),
                "quarantined": ", ".join(result.quarantined) or _("none"),
            }
        )
    return " ".join(done) or _("The account is frozen already; nothing else was asked.")


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def thaw(request: AccountRequest, username: str) -> HttpResponse:
    """Give a frozen account back what it could do."""
    shown = get_object_or_404(User, username=username)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    page = ActPage(
        title=_("Thaw %(user)s") % {"user": username},
        lead=_("It was frozen for: %(reason)s") % {"reason": shown.frozen_reason},
        button=_("Thaw"), done=_("%(user)s can write again.") % {"user": username},
        back=_address(username),
    )  # fmt: skip
    return act_page(request, page, form, lambda: sanctions.thaw(request.user, shown, form.cleaned_data["reason"]))


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def rank(request: AccountRequest, username: str) -> HttpResponse:
    """Give an account a rank."""
    shown = get_object_or_404(User, username=username)
    form = RankForm(request.POST if request.method == "POST" else None, initial={"rank": shown.rank})
    page = ActPage(
        title=_("Rank of %(user)s") % {"user": username},
        lead=_("Trusted reviewers release held revisions; moderators decide everything else; staff needs a second factor."),
        button=_("Keep"), done=_("The rank of %(user)s is kept.") % {"user": username},
        back=_address(username), danger=True,
    )  # fmt: skip
    return act_page(request, page, form, lambda: sanctions.set_rank(request.user, shown, Rank(form.cleaned_data["rank"])))


def _address(username: str) -> str:
    return reverse("moderate_account", args=[username])
