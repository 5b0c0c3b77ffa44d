"""What moderators do to a recipe or a revision: quarantine, release, rule on a model, rename, delete, restore."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from recipes_app.forms.moderation import ReasonForm, RenameForm, RevisionActForm, RulingForm, WithdrawRulingForm
from recipes_app.models import Recipe, Revision, User
from recipes_app.services.audit import log_reading
from recipes_app.services.catalogue import catalogue
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import Action, acts_of, require
from recipes_app.services.moderation import lifecycle, quarantine, revisions
from recipes_app.services.ownership import model_class

from ..recipes.standing import open_flags
from ..shared.actions import ActPage, act_page
from ..shared.refusals import forbidden_page
from ..shared.signed_in import AccountRequest, account_required

_REVISIONS_SHOWN = 25


class RecipeAct(NamedTuple):
    """An act on a whole recipe, with a reason: its words, and the service."""

    title: str | Promise
    lead: str | Promise
    button: str | Promise
    danger: bool
    act: Callable[[User, Recipe, str], None]


ACTS = {
    "quarantine": RecipeAct(
        gettext_lazy("Quarantine %(recipe)s"),
        gettext_lazy("It stays visible with a banner that gives your reason; nobody can clone it until a moderator releases it."),
        gettext_lazy("Quarantine"), True, quarantine.quarantine,
    ),
    "release": RecipeAct(
        gettext_lazy("Release %(recipe)s from quarantine"), gettext_lazy("It can be cloned again."),
        gettext_lazy("Release"), False, quarantine.release,
    ),
    "delete": RecipeAct(
        gettext_lazy("Delete %(recipe)s"),
        gettext_lazy("It leaves every list, its name stays taken, and a moderator can restore it."),
        gettext_lazy("Delete"), True, lifecycle.delete,
    ),
    "restore": RecipeAct(
        gettext_lazy("Restore %(recipe)s"), gettext_lazy("It returns to who maintained it."),
        gettext_lazy("Restore"), False, lambda user, recipe, _reason: lifecycle.restore(user, recipe),
    ),
}  # fmt: skip
_REVISION_ACTS: dict[str, Callable[[User, Revision, str], object]] = {
    "quarantine": revisions.take_out,
    "release": revisions.bring_back,
    "purge": revisions.purge,
}
_REVISION_WORDS = {
    "quarantine": (
        gettext_lazy("Quarantine a revision of %(recipe)s"),
        gettext_lazy("The branch goes back to the newest published revision. Without one, the whole recipe is quarantined."),
        gettext_lazy("Quarantine"), gettext_lazy("The revision is quarantined."),
    ),
    "release": (
        gettext_lazy("Release a revision of %(recipe)s"),
        gettext_lazy("People can build from it again. It becomes the current revision unless a newer one is published."),
        gettext_lazy("Release"), gettext_lazy("The revision is released."),
    ),
    "purge": (
        gettext_lazy("Remove a revision of %(recipe)s for good"),
        gettext_lazy(
            "Use this for a leaked secret or personal data. Git, metadata and lint reports lose the revision and those pushed on "
            "top of it. Nobody can bring it back. Backups still have it."
        ),
        gettext_lazy("Remove for good"), gettext_lazy("The revision is removed for good."),
    ),
}  # fmt: skip


def _moderated(name: str) -> Recipe:
    """Return the recipe, a deleted one too. Raises Http404."""
    return get_object_or_404(Recipe.objects.select_related("current", "maintainer"), name=name)


@never_cache
@account_required
@require_safe
def overview(request: AccountRequest, name: str) -> HttpResponse:
    """Show a recipe, deleted or not, as moderators see it: its revisions, models, log, and every act on it."""
    moderator, recipe = request.user, _moderated(name)
    with forbidden_page():
        require(Action.READ_QUEUE, moderator)
    context = {
        "recipe": recipe,
        "may": acts_of(moderator, recipe),
        "revisions": list(catalogue.history(recipe).select_related("hold")[:_REVISIONS_SHOWN]),
        "model_classes": model_class.classes_of(recipe, recipe.current.data) if recipe.current else [],
        "open_flags": open_flags(recipe),
        "rulings": list(recipe.rulings.all()),
        "log_page": log_reading.read(moderator, recipe=recipe.name),
    }
    return render(request, "moderation/recipe.html", context)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def recipe_act(request: AccountRequest, name: str, act: str) -> HttpResponse:
    """Quarantine, release, delete or restore a recipe, with a reason."""
    if act not in ACTS:
        raise Http404(_("There is nothing to do of the name %(act)s.") % {"act": act})
    recipe, chosen = _moderated(name), ACTS[act]
    form = ReasonForm(request.POST if request.method == "POST" else None)
    title = str(chosen.title) % {"recipe": name}
    page = ActPage(
        title=title, lead=str(chosen.lead), button=str(chosen.button), done=_("Done: %(act)s.") % {"act": title},
        back=_address(recipe), danger=chosen.danger,
    )  # fmt: skip
    return act_page(request, page, form, lambda: chosen.act(request.user, recipe, form.cleaned_data["reason"]))


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def revision_act(request: AccountRequest, name: str, act: str) -> HttpResponse:
    """Quarantine, release or purge one revision, with a reason."""
    if act not in _REVISION_ACTS:
        raise Http404(_("There is nothing to do of the name %(act)s.") % {"act": act})
    recipe = _moderated(name)
    form = RevisionActForm(request.POST if request.method == "POST" else None, initial={"commit": request.GET.get("commit", "")})

    def do() -> None:
        revision = Revision.objects.select_related("recipe", "pusher").filter(recipe=recipe, commit=form.cleaned_data["commit"])
        found = revision.first()
        if found is None:
            raise Refused(_("%(recipe)s has no such revision") % {"recipe": recipe.name}, field="commit", code="no-revision")
        _REVISION_ACTS[act](request.user, found, form.cleaned_data["reason"])

    title, lead, button, done = (str(words) for words in _REVISION_WORDS[act])
    page = ActPage(
        title=title % {"recipe": name}, lead=lead, button=button, done=done, back=_address(recipe), danger=act != "release"
    )  # fmt: skip
    return act_page(request, page, form, do)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: AccountRequest, name: str) -> HttpResponse:
    """Rule on the class of a model."""
    recipe, moderator = _moderated(name), request.user
    form = RulingForm(request.POST if request.method == "POST" else None, initial={"model": request.GET.get("model", "")})

    def do() -> None:
        said = form.cleaned_data
        model_class.rule(moderator, recipe, said["model"], said["value"], said["reason"])

    page = ActPage(
        title=_("Rule on a model of %(recipe)s") % {"recipe": name},
        lead=_("Your word stands above the computed class for as long as the facts about the model stay as they are."),
        button=_("Rule"), done=_("The ruling stands."), back=_address(recipe), danger=True,
    )  # fmt: skip
    return act_page(request, page, form, do)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_ruling(request: AccountRequest, name: str) -> HttpResponse:
    """End a ruling, so that the computed class counts again."""
    recipe, moderator = _moderated(name), request.user
    form = WithdrawRulingForm(request.POST if request.method == "POST" else None, initial={"model": request.GET.get("model", "")})
    page = ActPage(
        title=_("End a ruling on a model of %(recipe)s") % {"recipe": name}, lead=_("The computed class counts again."),
        button=_("End the ruling"), done=_("The computed class counts again."), back=_address(recipe), danger=True,
    )  # fmt: skip
    return act_page(request, page, form, lambda: model_class.withdraw_ruling(moderator, recipe, form.cleaned_data["model"]))


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: AccountRequest, name: str) -> HttpResponse:
    """Give a recipe another name."""
    recipe = _moderated(name)
    form = RenameForm(request.POST if request.method == "POST" else None)
    page = ActPage(
        title=_("Rename %(recipe)s") % {"recipe": name},
        lead=_("The next push must carry the new name in debian/control and debian/changelog."),
        button=_("Rename"), done=_("The recipe has its new name."), back=reverse("moderation"), danger=True,
    )  # fmt: skip
    return act_page(request, page, form, lambda: lifecycle.rename(request.user, recipe, form.cleaned_data["name"]))


def _address(recipe: Recipe) -> str:
    return reverse("moderate_recipe", args=[recipe.name])
