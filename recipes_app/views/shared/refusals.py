"""What a service would not do, as a page says it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import PermissionDenied as Forbidden
from django.forms import Form
from django.http import HttpRequest

from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import PermissionDenied, SwitchedOff


@contextmanager
def forbidden_page() -> Iterator[None]:
    """Answer with the page 403 and its words what the table of permissions or a switch does not allow."""
    try:
        yield
    except PermissionDenied as error:
        raise Forbidden(str(error)) from error


@contextmanager
def said_in_form(form: Form) -> Iterator[None]:
    """Say what was refused beside the field that it is about; ask `form.is_valid()` afterwards."""
    try:
        yield
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except PermissionDenied as error:
        form.add_error(None, str(error))


@contextmanager
def said_on_next_page(request: HttpRequest) -> Iterator[None]:
    """Say what was refused, or what maintenance stops, on the page that the view leads to."""
    try:
        yield
    except (Refused, SwitchedOff) as error:
        messages.error(request, str(error))


@contextmanager
def refused_in_form(form: Form) -> Iterator[None]:
    """Say in the form what makes no sense as things stand; what the table forbids passes on, for `forbidden_page`.

    For forms that only those see who may send them.
    """
    try:
        yield
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except SwitchedOff as error:
        form.add_error(None, str(error))
