"""Comments of a recipe: the section on its page, the list, one comment with the form to answer it, and what one does to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recipes_app.forms.community import CommentForm, EditCommentForm, MutedForm
from recipes_app.limits import COMMENTS_ON_RECIPE_PAGE
from recipes_app.models import Comment, Recipe, User
from recipes_app.services.community import comment_reading, comments
from recipes_app.services.core.errors import Refused
from recipes_app.services.notifications import follows

from ..shared.access import recipe_or_404
from ..shared.actions import row_number
from ..shared.refusals import forbidden_page, said_in_form, said_on_next_page
from ..shared.signed_in import AccountRequest, account_required
from .standing import standing_bar

_ACTS = {"hide": comments.hide, "restore": comments.restore, "pin": comments.pin, "unpin": comments.unpin}


def comments_section(request: HttpRequest, recipe: Recipe) -> dict[str, Any]:
    """Return what `recipes/_comments.html` shows on the recipe's page. One query for a visitor, up to four for an account."""
    return {
        "comment_page": comment_reading.list_for(recipe, request.user, limit=COMMENTS_ON_RECIPE_PAGE),
        "comment_form": CommentForm(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def comment_list(request: HttpRequest, name: str) -> HttpResponse:
    """List the comments of a recipe, or take a new one; with the button `preview` it is only shown."""
    recipe = recipe_or_404(name)
    if request.method == "POST":
        return _add(request, recipe)
    return _list_page(request, recipe, CommentForm())


@account_required
def _add(request: AccountRequest, recipe: Recipe) -> HttpResponse:
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _list_page(request, recipe, form, status=400)
    author, text = request.user, form.cleaned_data["text"]
    parent = _parent(recipe, form.cleaned_data["parent"])
    with said_in_form(form):
        if "preview" in request.POST:
            return _list_page(request, recipe, form, preview=comments.preview(author, recipe, text), parent=parent)
        comment = comments.add(author, recipe, text, parent=parent, follow=form.cleaned_data["follow"])
        return redirect(f"{recipe.get_absolute_url()}#comment-{comment.pk}")
    return _list_page(request, recipe, form, status=400, parent=parent)


def _parent(recipe: Recipe, number: int | None) -> Comment | None:
    return get_object_or_404(Comment, pk=number, recipe=recipe) if number else None


def _list_page(request: HttpRequest, recipe: Recipe, form: CommentForm, *, status: int = 200, **more: Any) -> HttpResponse:
    page = comment_reading.list_for(recipe, request.user, before=row_number(request.GET.get("before", "")))
    context = {"recipe": recipe, "revision": recipe.current, "comment_page": page, "comment_form": form, **more}
    return render(request, "recipes/comments.html", context, status=status)


@require_safe
def comment(request: HttpRequest, name: str, comment_id: int) -> HttpResponse:
    """Show one comment, whatever page of the list it stands on by now, with the form to answer it."""
    recipe = recipe_or_404(name)
    try:
        shown = comment_reading.shown(recipe, request.user, comment_id)
    except Refused as error:
        raise Http404(str(error)) from error
    form = CommentForm(initial={"parent": shown.id})
    context = {"recipe": recipe, "revision": recipe.current, "comment": shown, "comment_form": form}
    return render(request, "recipes/comment.html", context)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_comment(request: AccountRequest, name: str, comment_id: int) -> HttpResponse:
    """Let the author change the words; nobody else gets to see this form, and nobody that of a deleted comment."""
    recipe = recipe_or_404(name)
    found = get_object_or_404(Comment.objects.select_related("recipe"), pk=comment_id, recipe=recipe)
    editor = request.user
    try:
        with forbidden_page():
            form = EditCommentForm(request.POST or None, initial={"text": comments.text_to_edit(editor, found)})
    except Refused as error:
        raise Http404(str(error)) from error
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            comments.edit(editor, found, form.cleaned_data["text"])
            return redirect(f"{recipe.get_absolute_url()}#comment-{found.pk}")
    context = {"recipe": recipe, "revision": recipe.current, "form": form, "comment_id": found.pk}
    return render(request, "recipes/edit_comment.html", context, status=400 if form.errors else 200)


@account_required
@require_POST
def act_on_comment(request: AccountRequest, name: str, comment_id: int, act: str) -> HttpResponse:
    """Delete, restore, pin or unpin a comment."""
    recipe = recipe_or_404(name)
    if act not in _ACTS:
        raise Http404(_("There is nothing to do of the name %(act)s.") % {"act": act})
    found = get_object_or_404(Comment.objects.select_related("recipe"), pk=comment_id, recipe=recipe)
    with forbidden_page(), said_on_next_page(request):
        _ACTS[act](request.user, found)
    return redirect(f"{recipe.get_absolute_url()}#comments")


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def following(request: AccountRequest, name: str) -> HttpResponse:
    """Show whether one hears of a recipe and of what; follow it, stop, or mute kinds.

    A script that presses the button of the recipe's page is answered with the bar of votes and acts alone.
    """
    recipe, reader = recipe_or_404(name), request.user
    muted = follows.muted_kinds(reader, recipe)
    form = MutedForm(request.POST or None, initial={"muted": muted or []})
    act = request.POST.get("act", "")
    if request.headers.get("HX-Request") and act in ("follow", "unfollow"):
        with forbidden_page():
            _change_following(reader, recipe, act, [])
        return standing_bar(request, recipe)
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            _change_following(reader, recipe, act, form.cleaned_data["muted"])
            messages.success(request, _("Your choice for %(recipe)s is kept.") % {"recipe": recipe.name})
            return redirect("following", recipe.name)
    context = {"recipe": recipe, "revision": recipe.current, "form": form, "follows": muted is not None}
    return render(request, "recipes/following.html", context, status=400 if form.errors else 200)


def _change_following(reader: User, recipe: Recipe, act: str, muted: list[str]) -> None:
    if act == "follow":
        follows.follow(reader, recipe)
    elif act == "unfollow":
        follows.unfollow(reader, recipe)
    else:
        follows.set_muted(reader, recipe, muted)
