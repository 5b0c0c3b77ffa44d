"""The dashboard: what an account has to do with the site today, as links to the pages where it does it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recipes_app.models import Recipe
from recipes_app.services.accounts import dashboard
from recipes_app.services.accounts.dashboard import Mine, Need
from recipes_app.services.core.permissions import is_verified

from ..shared.labels import BAD, FAIR, WARN
from ..shared.signed_in import AccountRequest, account_required


class NeedText(NamedTuple):
    """A need in words, with its look and the page where one sees to it."""

    text: str
    look: str
    address: str


class DashboardRow(NamedTuple):
    """A recipe of the account as its line of the page shows it."""

    mine: Mine
    needs: list[NeedText]


@never_cache
@account_required
@require_safe
def dashboard_page(request: AccountRequest) -> HttpResponse:
    """Show the reader's recipes with what needs him, and what else waits for him. Thirteen queries, however much there is."""
    reader = request.user
    rows = [
        DashboardRow(mine, [_said(mine.recipe, need, number) for need, number in mine.needs])
        for mine in dashboard.recipes_of(reader)
    ]
    context = {
        "verified": is_verified(reader),
        "needing": [row for row in rows if row.needs],
        "quiet": [row for row in rows if not row.needs],
        "invitations": dashboard.invitations_of(reader),
        "requests": dashboard.requests_of(reader),
        "news": dashboard.followed_news(reader),
        "messages_unread": dashboard.unread_of(reader),
        "keys": dashboard.keys_of(reader),
        "waiting": dashboard.waiting_for(reader),
        "now": timezone.now(),
    }
    return render(request, "dashboard.html", context)


def _said(recipe: Recipe, need: Need, number: int) -> NeedText:
    words, look, page = _NEEDS[need]
    if page == "mfa_index":
        address = reverse(page)
    elif page != "lint":
        address = reverse(page, args=[recipe.name])
    else:
        address = reverse(page, args=[recipe.name, recipe.current.commit]) if recipe.current else recipe.get_absolute_url()
    return NeedText(words(number) % {"number": number}, look, address)


# What each is called, how it looks, and which page of the recipe leads to what is to be done.
_NEEDS: dict[Need, tuple[Callable[[int], str], str, str]] = {
    Need.QUARANTINED: (lambda _number: _("quarantined"), BAD, "security"),
    Need.FACTOR: (lambda _number: _("set up a second factor to act on it"), BAD, "mfa_index"),
    Need.LINT_FAILED: (lambda _number: _("lint failed"), BAD, "lint"),
    Need.OUT_OF_DATE: (lambda _number: _("flagged out of date"), WARN, "flags"),
    Need.FLAGS: (partial(ngettext, "%(number)d open flag", "%(number)d open flags"), WARN, "flags"),
    Need.REQUESTS: (partial(ngettext, "%(number)d open request", "%(number)d open requests"), WARN, "requests"),
    Need.HELD: (partial(ngettext, "%(number)d held revision", "%(number)d held revisions"), FAIR, "security"),
    Need.COMMENT: (lambda _number: _("a comment without an answer"), FAIR, "comments"),
    Need.LINT_BROKE: (lambda _number: _("lint broke"), WARN, "lint"),
}
