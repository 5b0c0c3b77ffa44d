"""A recipe by questions: the form, the files that its answers make, and what is found in them beside the answers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recipes_app.formats.findings import Finding, Severity
from recipes_app.forms.submit import QuestionsForm
from recipes_app.services.core.permissions import Action, require
from recipes_app.services.publishing import skeletons

from ..shared.refusals import forbidden_page
from ..shared.signed_in import AccountRequest, account_required
from .submit import attempt, taken, worst_first


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: AccountRequest) -> HttpResponse:
    """Ask; with the button `show` show the files that the answers make, with `commit` make the recipe of them."""
    owner = request.user
    with forbidden_page():
        require(Action.CREATE_RECIPE, owner)
    if request.method != "POST":
        initial = {"name": request.GET.get("name", ""), "maintainer": owner.username}
        return render(request, "submit/questions.html", {"form": QuestionsForm(initial=initial)})
    form = QuestionsForm(request.POST)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        answers = form.answers()
        examined = skeletons.examine(owner, answers)
        context |= {"files": _shown(examined), "examined": examined, "findings": _beside(form, examined)}
        if examined.is_good and request.POST.get("act") == "commit":
            done = attempt(form, context, lambda: skeletons.submit_skeleton(owner, answers))
            if done is not None:
                return taken(request, done)
    is_shown = not form.errors and request.POST.get("act") == "show"
    return render(request, "submit/questions.html", context, status=context.get("status", 200 if is_shown else 400))


def _shown(examined: skeletons.Examined) -> list[tuple[str, str]]:
    return [(path, content.decode("utf-8")) for path, content in sorted(examined.files.items())]


def _beside(form: QuestionsForm, examined: skeletons.Examined) -> list[Finding]:
    """Say at each field what stands against its answer; return what is about none, or is no error."""
    for field, fault in examined.faults.items():
        form.add_error(field, fault)
    rest = []
    for answer, finding in examined.findings:
        if finding.severity is Severity.ERROR and answer in form.fields:
            form.add_error(answer, str(finding))
        else:
            rest.append(finding)
    return worst_first(rest)
