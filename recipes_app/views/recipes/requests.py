"""Requests to delete, orphan, merge or adopt: the list with the form to file one, and one request with what can be done."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recipes_app.forms.moderation import AnswerForm, ConfirmForm, RequestForm
from recipes_app.models import OwnershipRequest, Recipe
from recipes_app.services.catalogue import names
from recipes_app.services.core.errors import Refused
from recipes_app.services.moderation import requests

from ..shared.access import recipe_or_404
from ..shared.refusals import forbidden_page, refused_in_form, said_in_form
from ..shared.signed_in import AccountRequest, account_required

Kind = OwnershipRequest.Kind
State = OwnershipRequest.State


@require_http_methods(["GET", "HEAD", "POST"])
def request_list(request: HttpRequest, name: str) -> HttpResponse:
    """List every request about a recipe, and take a new one."""
    recipe = recipe_or_404(name)
    if request.method == "POST":
        return _file(request, recipe)
    kind = request.GET.get("kind", Kind.ADOPTION if recipe.maintainer_id is None else Kind.ORPHAN)
    return _list_page(request, recipe, RequestForm(initial={"kind": kind}))


@account_required
def _file(request: AccountRequest, recipe: Recipe) -> HttpResponse:
    form = RequestForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        with said_in_form(form):
            filed = requests.file(request.user, recipe, Kind(said["kind"]), said["text"], target=_target(said["target"]))
            if filed.state == State.ACCEPTED:
                messages.success(request, _("Accepted at once: %(reason)s.") % {"reason": filed.decision})
            else:
                messages.success(request, _("Your request waits here, and the maintainers are told."))
            gone = filed.state == State.ACCEPTED and filed.kind == Kind.DELETION
            return redirect("home") if gone else redirect("request", recipe.name, filed.pk)
    return _list_page(request, recipe, form, status=400)


def _target(name: str) -> Recipe | None:
    """Return the recipe that a merge leads to, None where none was named. Raises Refused where there is none of that name."""
    if not name.strip():
        return None
    try:
        return names.resolve(name.strip())
    except Recipe.DoesNotExist as error:
        raise Refused(_("there is no recipe %(name)r") % {"name": name.strip()}, field="target", code="no-recipe") from error


def _list_page(request: HttpRequest, recipe: Recipe, form: RequestForm, *, status: int = 200) -> HttpResponse:
    context = {"recipe": recipe, "revision": recipe.current, "requests": recipe.requests.all(), "form": form}
    return render(request, "recipes/requests.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def show_request(request: HttpRequest, name: str, request_id: int) -> HttpResponse:
    """Show one request; object to it or take it back."""
    recipe = recipe_or_404(name)
    found = get_object_or_404(OwnershipRequest.objects.select_related("requester"), pk=request_id, recipe=recipe)
    found.recipe = recipe
    if request.method == "POST":
        return _act(request, recipe, found)
    return _request_page(request, recipe, found)


@account_required
def _act(request: AccountRequest, recipe: Recipe, found: OwnershipRequest) -> HttpResponse:
    user, withdraws = request.user, request.POST.get("act") == "withdraw"
    form: forms.Form = ConfirmForm(request.POST) if withdraws else AnswerForm(request.POST)
    if form.is_valid():
        with forbidden_page(), refused_in_form(form):
            if withdraws:
                requests.withdraw(user, found)
                messages.success(request, _("You have taken the request back."))
            else:
                requests.object_to(user, found, form.cleaned_data["text"])
                messages.success(request, _("Your objection is kept: a moderator decides now."))
            return redirect("request", recipe.name, found.pk)
    return _request_page(request, recipe, found, form)


def _request_page(
    request: HttpRequest, recipe: Recipe, found: OwnershipRequest, refused: forms.Form | None = None
) -> HttpResponse:
    is_open = found.state == State.OPEN
    context = {
        "recipe": recipe,
        "revision": recipe.current,
        "shown": found,
        "may_withdraw": is_open and found.requester_id == request.user.pk is not None,
        "may_object": is_open and requests.may_object(request.user, found),
        "object_form": refused if isinstance(refused, AnswerForm) else AnswerForm(),
        "withdraw_form": refused if isinstance(refused, ConfirmForm) else ConfirmForm(),
    }
    return render(request, "recipes/request.html", context, status=400 if refused is not None else 200)
