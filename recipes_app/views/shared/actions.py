"""The shape that the pages of acts share: a form, what it does, and where one stands afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from recipes_app.models import Recipe, User
from recipes_app.services.core.errors import Refused

from .refusals import said_in_form

_LONGEST_NUMBER = 19


@dataclass(frozen=True)
class ActPage:
    """A page with one form. `lead` says what the act brings about, `button` what it is, `danger` that it hurts somebody."""

    title: str
    button: str
    done: str
    back: str
    lead: str = ""
    danger: bool = False
    recipe: Recipe | None = None


def act_page(request: HttpRequest, page: ActPage, form: forms.Form, act: Callable[[], object]) -> HttpResponse:
    """Show `page`; when its form comes back, do `act`, say what was done, and go to where `page.back` leads.

    What is refused is said in the form, at its field where it has one, with everything that was typed still in it.
    """
    if request.method == "POST" and form.is_valid():
        with said_in_form(form):
            act()
            messages.success(request, page.done)
            return redirect(page.back)
    context = {"page": page, "form": form, "recipe": page.recipe, "revision": page.recipe.current if page.recipe else None}
    return render(request, "recipes/act.html", context, status=400 if form.errors else 200)


def account_named(username: str) -> User:
    """Return the living account called `username`. Raises Refused, at the field `username`."""
    found = User.objects.filter(username=username.strip().lower(), is_active=True).first()
    if found is None:
        raise Refused(_("there is no account %(username)r") % {"username": username}, field="username", code="no-account")
    return found


def row_number(text: str) -> int | None:
    """Return a row's number, or None for what is none: nothing longer is one in any database."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _LONGEST_NUMBER else None
