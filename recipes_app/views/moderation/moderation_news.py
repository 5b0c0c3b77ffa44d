"""News: the form by which moderators write on the first page, and what they wrote."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recipes_app.forms.moderation import NewsForm
from recipes_app.limits import PAGE_SIZE
from recipes_app.models import News
from recipes_app.services.core.permissions import Action, acts_of, require
from recipes_app.services.moderation import news

from ..shared.refusals import forbidden_page, said_in_form, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def news_list(request: AccountRequest) -> HttpResponse:
    """List the news, and take new ones."""
    moderator = request.user
    form = NewsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            news.publish(moderator, form.cleaned_data["title"], form.cleaned_data["text"])
            messages.success(request, _("It stands on the first page, for visitors within a minute."))
            return redirect("news")
    with forbidden_page():
        require(Action.READ_QUEUE, moderator)
    context = {"form": form, "news": news.shown(PAGE_SIZE), "may": acts_of(moderator)}
    return render(request, "moderation/news.html", context, status=400 if form.errors else 200)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AccountRequest, news_id: int) -> HttpResponse:
    """Change the words of published news."""
    moderator = request.user
    with forbidden_page():
        require(Action.WRITE_NEWS, moderator)
    found = get_object_or_404(News, pk=news_id, withdrawn_at=None)
    form = NewsForm(request.POST if request.method == "POST" else None, initial={"title": found.title, "text": found.text})
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            news.edit(moderator, found, form.cleaned_data["title"], form.cleaned_data["text"])
            messages.success(request, _("It is changed, for visitors within a minute."))
            return redirect("news")
    return render(request, "moderation/edit_news.html", {"form": form}, status=400 if form.errors else 200)


@account_required
@require_POST
def withdraw(request: AccountRequest, news_id: int) -> HttpResponse:
    """Take news from the first page."""
    found = get_object_or_404(News, pk=news_id, withdrawn_at=None)
    with forbidden_page(), said_on_next_page(request):
        news.withdraw(request.user, found)
        messages.success(request, _("It is taken from the first page."))
    return redirect("news")
