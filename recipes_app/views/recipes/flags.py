"""Flags: the list with the form to raise one, and one flag with its life and what can be done about it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recipes_app.forms.moderation import AnswerForm, ConfirmForm, DecisionForm, FlagForm
from recipes_app.models import Flag, Recipe
from recipes_app.services.core.permissions import Action, acts_of, roles_of
from recipes_app.services.moderation import flags
from recipes_app.services.moderation.flags import FlagText

from ..shared.access import recipe_or_404
from ..shared.refusals import forbidden_page, refused_in_form, said_in_form
from ..shared.signed_in import AccountRequest, account_required


@require_http_methods(["GET", "HEAD", "POST"])
def flag_list(request: HttpRequest, name: str) -> HttpResponse:
    """List every flag of a recipe with its life, and take a new one."""
    recipe = recipe_or_404(name)
    if request.method == "POST":
        return _raise(request, recipe)
    wanted = {key: request.GET[key] for key in ("kind", "subject") if key in request.GET}
    return _list_page(request, recipe, FlagForm(initial=wanted))


@account_required
def _raise(request: AccountRequest, recipe: Recipe) -> HttpResponse:
    form = FlagForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        words = FlagText(said["text"], said["evidence"], said["subject"].strip(), said["proposed_class"])
        with said_in_form(form):
            flag = flags.raise_flag(request.user, recipe, Flag.Kind(said["kind"]), words)
            messages.success(request, _("Your flag stands here, and the maintainers are told."))
            return redirect("flag", recipe.name, flag.pk)
    return _list_page(request, recipe, form, status=400)


def _list_page(request: HttpRequest, recipe: Recipe, form: FlagForm, *, status: int = 200) -> HttpResponse:
    kinds = {
        name: ", ".join(str(kind.label) for kind in Flag.Kind if kind.is_ruled == ruled)
        for name, ruled in (("open_kinds", False), ("ruled_kinds", True))
    }
    context = {"recipe": recipe, "revision": recipe.current, "flags": flags.of_recipe(recipe), "form": form, **kinds}
    return render(request, "recipes/flags.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: HttpRequest, name: str, flag_id: int) -> HttpResponse:
    """Show one flag; answer it, decide it or take it back."""
    recipe = recipe_or_404(name)
    found = get_object_or_404(Flag.objects.select_related("revision"), pk=flag_id, recipe=recipe)
    found.recipe = recipe
    if request.method == "POST":
        return _act(request, recipe, found)
    return _flag_page(request, recipe, found)


@account_required
def _act(request: AccountRequest, recipe: Recipe, found: Flag) -> HttpResponse:
    user, act = request.user, request.POST.get("act", "")
    form: forms.Form = AnswerForm(request.POST)
    if act in ("resolve", "reject"):
        form = DecisionForm(request.POST)
    elif act == "withdraw":
        form = ConfirmForm(request.POST)
    if form.is_valid():
        with forbidden_page(), refused_in_form(form):
            if act == "withdraw":
                flags.withdraw(user, found)
            elif isinstance(form, DecisionForm):
                flags.close(user, found, resolved=act == "resolve", decision=form.cleaned_data["decision"])
            else:
                flags.answer(user, found, form.cleaned_data["text"])
            return redirect("flag", recipe.name, found.pk)
    return _flag_page(request, recipe, found, form)


def _flag_page(request: HttpRequest, recipe: Recipe, found: Flag, refused: forms.Form | None = None) -> HttpResponse:
    """Show the flag; `refused` is the form that did not go through, and takes the place of the empty one of its kind."""
    may = acts_of(request.user, recipe)
    ruled = Flag.Kind(found.kind).is_ruled
    own = roles_of(request.user, recipe, author_id=found.author_id)
    context = {
        "recipe": recipe,
        "revision": recipe.current,
        "flag": found,
        "is_open": found.state in flags.OPEN_STATES,
        "is_ruled": ruled,
        "may_answer": may["answer_flag"],
        "may_close": may["rule_flag" if ruled else "close_flag"],
        "may_withdraw": Action.WITHDRAW_FLAG.is_open_to(own),
        "answer_form": refused if isinstance(refused, AnswerForm) else AnswerForm(),
        "decision_form": refused if isinstance(refused, DecisionForm) else DecisionForm(),
        "withdraw_form": refused if isinstance(refused, ConfirmForm) else ConfirmForm(),
    }
    return render(request, "recipes/flag.html", context, status=400 if refused is not None else 200)
