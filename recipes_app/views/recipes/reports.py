"""Reports: telling the moderators, and nobody else, of a recipe, a comment or an account."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from recipes_app.forms.moderation import ReportForm
from recipes_app.models import Comment, Recipe, Report, User
from recipes_app.services.moderation import reports
from recipes_app.services.moderation.reports import Subject

from ..shared.access import recipe_or_404
from ..shared.actions import ActPage, act_page
from ..shared.signed_in import AccountRequest, account_required


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_recipe(request: AccountRequest, name: str) -> HttpResponse:
    """Report a recipe."""
    recipe = recipe_or_404(name)
    return _page(request, Subject(recipe=recipe), recipe.get_absolute_url(), recipe)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_comment(request: AccountRequest, name: str, comment_id: int) -> HttpResponse:
    """Report a comment that everybody can read."""
    recipe = recipe_or_404(name)
    comment = get_object_or_404(Comment.objects.select_related("recipe"), pk=comment_id, recipe=recipe, hidden_at=None)
    return _page(request, Subject(comment=comment), f"{recipe.get_absolute_url()}#comments", recipe)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_account(request: AccountRequest, username: str) -> HttpResponse:
    """Report an account."""
    account = get_object_or_404(User, username=username, is_active=True)
    return _page(request, Subject(account=account), account.get_absolute_url(), None)


def _page(request: AccountRequest, subject: Subject, back: str, recipe: Recipe | None) -> HttpResponse:
    form = ReportForm(request.POST or None)
    page = ActPage(
        title=_("Report %(subject)s") % {"subject": subject.label},
        lead=_("Moderators read it, and nobody else does. What is wrong with the packaging belongs into a flag."),
        button=_("Send it to the moderators"),
        done=_("The moderators have your report; you will be told what came of it."),
        back=back,
        recipe=recipe,
    )

    def act() -> None:
        said = form.cleaned_data
        reports.file(request.user, Report.Kind(said["kind"]), subject, said["text"])

    return act_page(request, page, form, act)
