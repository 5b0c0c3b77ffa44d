"""Submitting: the way to a first push, the upload of packaging, and the editing of one file."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from recipes_app.formats.findings import Finding
from recipes_app.forms.submit import EditForm, UploadForm
from recipes_app.limits import MAX_FINDINGS_SHOWN, MAX_UPLOAD_BYTES, MIB, RETRY_AFTER_SECONDS
from recipes_app.models import Revision, User
from recipes_app.repos.browse import PathMissing
from recipes_app.services.accounts.tokens import push_tokens
from recipes_app.services.catalogue.names import check_new_name
from recipes_app.services.core.errors import Refused
from recipes_app.services.core.permissions import Action, PermissionDenied, require
from recipes_app.services.publishing import uploads
from recipes_app.services.publishing.submitting import PushRefused, Submitted, target_of, tip_of

from ..shared.access import revision_or_404
from ..shared.refusals import forbidden_page, said_in_form
from ..shared.signed_in import AccountRequest, account_required

logger = logging.getLogger(__name__)

# Fields and boundaries around the files of a form.
_FORM_BYTES = 1 * MIB
_CONFLICT = 409
_UNAVAILABLE = 503


@never_cache
@account_required
@require_safe
def start(request: AccountRequest) -> HttpResponse:
    """Lead from nothing to the first push, with the commands for this account and the name that was typed. Five queries."""
    owner = request.user
    name = request.GET.get("name", "").strip()
    refusal = _name_refused(owner, name)
    context = {
        "name": name, "refusal": refusal, "shown_name": name if name and not refusal else "NAME",
        "https_address": _https_address(owner.username), "ssh_url": settings.PORTAL_SSH_URL,
        "keys": owner.ssh_keys.count(), "tokens": push_tokens(owner),
    }  # fmt: skip
    return render(request, "submit/start.html", context, status=400 if refusal else 200)


def _name_refused(owner: User, name: str) -> str:
    """Return why `owner` cannot create a recipe of this name; empty where nothing was typed or nothing stands against it."""
    try:
        require(Action.CREATE_RECIPE, owner)
        if name:
            check_new_name(name)
    except (PermissionDenied, Refused) as error:
        return str(error)
    return ""


def _https_address(username: str) -> str:
    parts = urlsplit(settings.PORTAL_URL)
    return f"{parts.scheme}://{username}@{parts.netloc}{parts.path}/git/"


# The form's fields are read only once its length is known: the check of the CSRF token would read them before.
@csrf_exempt
@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: AccountRequest) -> HttpResponse:
    """Create a recipe or a revision from files."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_UPLOAD_BYTES + _FORM_BYTES:
        form = UploadForm()
        said = _("More than %(limit)d MiB were sent; nothing of it was read. Upstream's tarball is not needed: leave it out.")
        return render(
            request, "submit/upload.html", {"form": form, "problems": [said % {"limit": MAX_UPLOAD_BYTES // MIB}]}, status=413
        )
    return _upload(request)


@csrf_protect
def _upload(request: AccountRequest) -> HttpResponse:
    owner = request.user
    if request.method != "POST":
        with forbidden_page():
            require(Action.CREATE_RECIPE, owner)
        form = UploadForm(initial=_revision_of(owner, request.GET.get("name", "")))
        return render(request, "submit/upload.html", {"form": form})
    form = UploadForm(request.POST, request.FILES)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        typed = form.cleaned_data
        wanted = uploads.Upload(typed["packaging"], typed["message"].strip(), typed["revises"], typed["base"])
        done = attempt(form, context, lambda: uploads.submit_upload(owner, wanted))
        if done is not None:
            return taken(request, done)
    response = render(request, "submit/upload.html", context, status=context.get("status", 400))
    if response.status_code == _UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _revision_of(owner: User, name: str) -> dict[str, Any]:
    """Return what the form says from the start where it was reached from a recipe's page."""
    if not name:
        return {}
    with forbidden_page():
        try:
            tip = tip_of(target_of(owner, name))
        except Refused as error:
            raise Http404(str(error)) from error
    return {"revises": bool(tip), "base": tip}


@never_cache
@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AccountRequest, name: str, commit: str, path: str) -> HttpResponse:
    """Edit one file of main's newest commit and commit it."""
    revision = revision_or_404(name, commit)
    owner = request.user
    form = EditForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "recipe": revision.recipe, "revision": revision, "path": path}
    with forbidden_page():
        try:
            before = uploads.file_to_edit(owner, revision, path)
            context["newer"] = uploads.newer_than(revision, path)
        except PathMissing as error:
            raise Http404(str(error)) from error
        except Refused as error:
            return render(request, "submit/edit.html", {**context, "form": None, "problems": [str(error)]}, status=400)
    if request.method != "POST":
        context["form"] = EditForm(initial={"text": before.text})
        return render(request, "submit/edit.html", context)
    if form.is_valid():
        typed = form.cleaned_data
        done = attempt(form, context, lambda: uploads.submit_edit(owner, revision, path, typed["text"], typed["message"].strip()))
        if done is not None:
            return taken(request, done)
    return render(request, "submit/edit.html", context, status=context.get("status", 400))


def attempt(form: Form, context: dict[str, Any], act: Callable[[], Submitted]) -> Submitted | None:
    """Do `act`; where it is refused, put everything that was said into the form or `context` and return None."""
    with said_in_form(form):
        try:
            return act()
        except uploads.FindingsRefused as error:
            context["findings"] = worst_first(error.findings)
        except PushRefused as error:
            context["problems"] = error.lines[:MAX_FINDINGS_SHOWN]
        except OSError:
            logger.exception("a submission could not be given to git")
            context["problems"] = [_("The server cannot run git now; nothing was stored. Try again later.")]
            context["status"] = _UNAVAILABLE
        except Refused as error:
            if error.code == "moved":
                context.update(moved=True, status=_CONFLICT)
            elif error.code == "busy":
                context.update(problems=[str(error)], status=_UNAVAILABLE)
            else:
                raise
    return None


def worst_first(findings: list[Finding]) -> list[Finding]:
    """Return the worst of `findings`, as many as a page shows."""
    order = ("error", "warning", "info")
    return sorted(findings, key=lambda each: order.index(each.severity))[:MAX_FINDINGS_SHOWN]


def taken(request: HttpRequest, done: Submitted) -> HttpResponse:
    """Say what became of the commit on its own page."""
    revision = Revision.objects.filter(recipe=done.recipe, commit=done.commit).first()
    if revision is None:
        messages.warning(request, done.lines[0] if done.lines else _("git has it; the site shows it in a moment."))
        return redirect(done.recipe)
    if revision.review == Revision.Review.HELD:
        messages.warning(request, _("The commit is taken and waits for a reviewer: the page says why."))
    else:
        messages.success(request, _("The commit is taken and published."))
    return redirect(reverse("revision", args=[done.recipe.name, done.commit]))
