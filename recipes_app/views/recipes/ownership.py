"""Who looks after a recipe: the team with its forms, invitations, and the acts that one is asked about twice."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from recipes_app.forms.moderation import (
    ConfirmForm,
    HeirForm,
    KeywordsForm,
    MemberForm,
    OrderForm,
    RoleForm,
    StagingForm,
    TrialBuildsForm,
)
from recipes_app.models import CoRole, Recipe, Staging, TrialBuilds, User
from recipes_app.services.audit import log_reading
from recipes_app.services.core.permissions import acts_of
from recipes_app.services.lint import actions
from recipes_app.services.ownership import invitations, ownership
from recipes_app.services.publishing import staging

from ..shared.access import recipe_or_404
from ..shared.actions import ActPage, account_named, act_page
from ..shared.refusals import forbidden_page, refused_in_form, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required

_LINES_SHOWN = 25


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, name: str) -> HttpResponse:
    """Show who looks after a recipe and how that came about; the forms that change it, to who may use them."""
    recipe = recipe_or_404(name)
    if request.method == "POST":
        return _change(request, recipe)
    return _team_page(request, recipe)


@account_required
def _change(request: AccountRequest, recipe: Recipe) -> HttpResponse:
    """Do what the form of the field `act` says."""
    act = request.POST.get("act", "")
    if act not in _CHANGES:
        raise Http404(_("There is nothing to do of the name %(act)s.") % {"act": act})
    form_type, change, done = _CHANGES[act]
    form = form_type(request.POST)
    if form.is_valid():
        with forbidden_page(), refused_in_form(form):
            change(request.user, recipe, form.cleaned_data)
            messages.success(request, str(done))
            return redirect("team", recipe.name)
    return _team_page(request, recipe, form)


def _invite(user: User, recipe: Recipe, said: dict[str, str]) -> None:
    invitations.invite(user, recipe, account_named(said["username"]), CoRole(said["role"]))


def _offer(user: User, recipe: Recipe, said: dict[str, str]) -> None:
    invitations.offer_transfer(user, recipe, account_named(said["username"]))


def _order(user: User, recipe: Recipe, said: dict[str, str]) -> None:
    ownership.order_succession(user, recipe, said["usernames"].split())


def _keywords(user: User, recipe: Recipe, said: dict[str, str]) -> None:
    ownership.set_keywords(user, recipe, said["keywords"].replace(",", " ").split())


def _trial_builds(user: User, recipe: Recipe, said: dict[str, str]) -> None:
    actions.choose_trial_builds(user, recipe, TrialBuilds(said["choice"]))


def _staging(user: User, recipe: Recipe, said: dict[str, str]) -> None:
    staging.choose(user, recipe, Staging(said["staging"]))


_CHANGES: dict[str, tuple[type[forms.Form], Callable[[User, Recipe, dict[str, str]], None], str | Promise]] = {
    "invite": (MemberForm, _invite, gettext_lazy("The invitation is sent; it runs out if nobody answers it.")),
    "transfer": (HeirForm, _offer, gettext_lazy("The offer is sent; the recipe is yours until it is accepted.")),
    "order": (OrderForm, _order, gettext_lazy("The order of succession is kept.")),
    "keywords": (KeywordsForm, _keywords, gettext_lazy("The keywords are kept.")),
    "trial-builds": (TrialBuildsForm, _trial_builds, gettext_lazy("The choice is kept; the stages show what is built.")),
    "staging": (StagingForm, _staging, gettext_lazy("The choice is kept; it counts from the next push on.")),
}


def _team_page(request: HttpRequest, recipe: Recipe, refused: forms.Form | None = None) -> HttpResponse:
    members = list(recipe.co_maintainers.select_related("user"))
    offers = list(recipe.invitations.select_related("user"))
    blank: dict[str, forms.Form] = {
        "invite_form": MemberForm(auto_id="invite_%s"),
        "transfer_form": HeirForm(auto_id="transfer_%s"),
        "order_form": OrderForm(initial={"usernames": " ".join(member.user.username for member in members)}),
        "keywords_form": KeywordsForm(initial={"keywords": " ".join(recipe.extra_keywords)}),
        "trial_builds_form": TrialBuildsForm(initial={"choice": recipe.trial_builds}),
        "staging_form": StagingForm(initial={"staging": recipe.staging}),
    }
    shown = {key: refused if refused is not None and type(refused) is type(form) else form for key, form in blank.items()}
    context = {
        "recipe": recipe,
        "revision": recipe.current,
        "members": members,
        "offers": offers,
        "my_offer": next((offer for offer in offers if offer.user == request.user), None),
        "am_member": any(member.user == request.user for member in members),
        "may": acts_of(request.user, recipe),
        "roles": CoRole.choices,
        "log_lines": log_reading.last_lines(recipe, _LINES_SHOWN),
        **shown,
    }
    return render(request, "recipes/team.html", context, status=400 if refused is not None else 200)


@account_required
@require_POST
def answer_invitation(request: AccountRequest, name: str) -> HttpResponse:
    """Accept or decline what one was offered."""
    recipe, user = recipe_or_404(name), request.user
    with forbidden_page(), said_on_next_page(request):
        if request.POST.get("act") == "accept":
            invitations.accept(user, recipe)
            messages.success(request, _("Welcome: you look after %(recipe)s now.") % {"recipe": recipe.name})
        else:
            invitations.decline(user, recipe)
            messages.success(request, _("You have declined."))
    return redirect("team", recipe.name)


@account_required
@require_POST
def change_role(request: AccountRequest, name: str, username: str) -> HttpResponse:
    """Give a co-maintainer another role."""
    recipe = recipe_or_404(name)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404(_("There is no such role."))
    with forbidden_page(), said_on_next_page(request):
        invitations.change_role(request.user, recipe, account_named(username), CoRole(form.cleaned_data["role"]))
    return redirect("team", recipe.name)


@account_required
@require_POST
def take_back(request: AccountRequest, name: str, username: str) -> HttpResponse:
    """Withdraw an invitation."""
    recipe = recipe_or_404(name)
    with forbidden_page(), said_on_next_page(request):
        invitations.take_back(request.user, recipe, account_named(username))
    return redirect("team", recipe.name)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_member(request: AccountRequest, name: str, username: str) -> HttpResponse:
    """Take somebody out of the team, after a question."""
    recipe, user = recipe_or_404(name), request.user
    page = ActPage(
        title=_("Take %(user)s out of the team of %(recipe)s") % {"user": username, "recipe": recipe.name},
        lead=_("They can push and answer here no more, and are told so."),
        button=_("Take out"), done=_("%(user)s is not in the team any more.") % {"user": username},
        back=_team_address(recipe), danger=True, recipe=recipe,
    )  # fmt: skip
    return act_page(
        request, page, _confirm(request), lambda: ownership.remove_co_maintainer(user, recipe, account_named(username))
    )


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: AccountRequest, name: str) -> HttpResponse:
    """Stop co-maintaining, after a question."""
    recipe, user = recipe_or_404(name), request.user
    page = ActPage(
        title=_("Leave the team of %(recipe)s") % {"recipe": recipe.name},
        lead=_("You can push and answer here no more; only a new invitation brings you back."),
        button=_("Leave"), done=_("You do not co-maintain this recipe any more."),
        back=_team_address(recipe), danger=True, recipe=recipe,
    )  # fmt: skip
    return act_page(request, page, _confirm(request), lambda: ownership.leave(user, recipe))


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def disown(request: AccountRequest, name: str) -> HttpResponse:
    """Give a recipe up, after a question that says who follows."""
    recipe, user = recipe_or_404(name), request.user
    heir = ownership.next_in_line(recipe)
    page = ActPage(
        title=_("Disown %(recipe)s") % {"recipe": recipe.name},
        lead=_("%(user)s is first in the order of succession and maintains it then.") % {"user": heir.username}
        if heir
        else _("Nobody is there to follow: it becomes an orphan, which anybody can ask to adopt."),
        button=_("Disown"), done=_("You do not maintain this recipe any more."),
        back=_team_address(recipe), danger=True, recipe=recipe,
    )  # fmt: skip
    return act_page(request, page, _confirm(request), lambda: ownership.disown(user, recipe))


def _confirm(request: HttpRequest) -> ConfirmForm:
    return ConfirmForm(request.POST if request.method == "POST" else None)


def _team_address(recipe: Recipe) -> str:
    return reverse("team", args=[recipe.name])
