"""What the team and reviewers do about a revision that waits: release it early, stop it, approve what a token pushed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from allauth.account import app_settings as allauth_settings
from allauth.account.authentication import get_authentication_records
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recipes_app.forms.moderation import ConfirmForm, DecisionForm
from recipes_app.models import Hold, Revision, User
from recipes_app.services.core.permissions import Action, acts_of, has_second_factor
from recipes_app.services.gates import holds
from recipes_app.services.publishing import publish

from ..shared.access import revision_or_404
from ..shared.actions import ActPage, act_page
from ..shared.signed_in import AccountRequest, account_required


@dataclass(frozen=True)
class _Act:
    title: str | Promise
    lead: str | Promise
    button: str | Promise
    done: str | Promise
    form: type[forms.Form]
    act: Callable[[User, Revision, str], object]
    danger: bool = False


def _approve(user: User, revision: Revision, _words: str) -> object:
    holds.needs_second_factor(user, required=settings.STAFF_NEEDS_SECOND_FACTOR)
    return publish.approve(user, revision)


ACTS = {
    "release": _Act(
        gettext_lazy("Release %(revision)s before its time"),
        gettext_lazy("It becomes current at once. Say what you looked at: it stands in the public log."),
        gettext_lazy("Release"), gettext_lazy("The revision is current."), DecisionForm,
        lambda user, revision, words: publish.review(user, revision, release=True, decision=words),
    ),
    "stop": _Act(
        gettext_lazy("Stop %(revision)s"),
        gettext_lazy("It never becomes current, and its branch goes back to the published revision."),
        gettext_lazy("Stop it"), gettext_lazy("The revision is stopped."), DecisionForm,
        lambda user, revision, words: publish.review(user, revision, release=False, decision=words), danger=True,
    ),
    "approve": _Act(
        gettext_lazy("Approve %(revision)s"),
        gettext_lazy("A token pushed it, and this recipe waits for a person then. Look at what changed, and at who pushed it."),
        gettext_lazy("Approve"), gettext_lazy("Approved. Where other reasons hold the revision, it goes on waiting for them."),
        ConfirmForm, _approve,
    ),
}  # fmt: skip


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def waiting_act(request: AccountRequest, name: str, commit: str, act: str) -> HttpResponse:
    """Do one act on a waiting revision. Approving asks for the second factor again, where the account has one."""
    chosen, revision, user = ACTS.get(act), revision_or_404(name, commit), request.user
    if chosen is None:
        raise Http404(_("There is no such act."))
    if act == "approve" and _must_prove(request, user):
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")
    form = chosen.form(request.POST if request.method == "POST" else None)
    values = {"revision": f"{revision.recipe.name} {revision.version}"}
    page = ActPage(
        title=str(chosen.title) % values, lead=str(chosen.lead), button=str(chosen.button), done=str(chosen.done),
        back=revision.get_absolute_url(), danger=chosen.danger, recipe=revision.recipe,
    )  # fmt: skip
    return act_page(request, page, form, lambda: chosen.act(user, revision, form.cleaned_data.get("decision", "")))


def _must_prove(request: HttpRequest, user: User) -> bool:
    """Return whether the account has a second factor that this session has not proved within the last minutes."""
    if not has_second_factor(user):
        return False
    border = time.time() - allauth_settings.REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request)
    return not any(each.get("method") == "mfa" and each.get("at", 0) >= border for each in records)


def waiting_acts(request: HttpRequest, revision: Revision, hold: Hold | None) -> list[str]:
    """Return the acts that the page of a revision offers its reader. Two queries for who is signed in, none for others."""
    if hold is None or hold.decided_at is not None or not isinstance(request.user, User) or not hold.reasons:
        return []
    user, may = request.user, acts_of(request.user, revision.recipe)
    found = []
    if holds.STAGING in hold.gates and hold.approved_at is None and may[Action.APPROVE_STAGED.name.lower()]:
        found.append("approve")
    if holds.may_decide(user, revision, hold):
        found += ["stop"] if revision.pusher_id == user.pk else ["release", "stop"]
    return found if hold.is_delayed or revision.pusher_id != user.pk else [each for each in found if each == "approve"]
