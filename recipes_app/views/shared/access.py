"""A view's first line: the object that the address names, or the page that says why there is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import PermissionDenied as Forbidden
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import gettext as _

from recipes_app.models import Recipe, Revision
from recipes_app.services.catalogue import catalogue
from recipes_app.services.catalogue.names import RecipeMoved
from recipes_app.services.core.errors import Refused
from recipes_app.services.publishing import git_access


class FormerNames:
    """Middleware: lead a reader on from a recipe's former name, to the same page of the recipe as it is called now."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer RecipeMoved by a redirect; an act (POST) on a former name is lost by it, so it gets the page instead."""
        if not isinstance(exception, RecipeMoved):
            return None
        old_path, new_path = f"/recipes/{exception.old_name}/", f"/recipes/{exception.new_name}/"
        if request.method not in ("GET", "HEAD"):
            return HttpResponsePermanentRedirect(new_path)
        return HttpResponsePermanentRedirect(request.get_full_path().replace(old_path, new_path, 1))


def recipe_or_404(name: str) -> Recipe:
    """Return the recipe with its current revision and its maintainer; one query. Raises Http404, RecipeMoved."""
    try:
        return catalogue.get_recipe(name)
    except Recipe.DoesNotExist as error:
        raise Http404(_("There is no recipe of the name %(name)s.") % {"name": name}) from error


def revision_or_404(name: str, commit: str) -> Revision:
    """Return the revision with its recipe; two queries. Raises Http404 where either is missing."""
    recipe = recipe_or_404(name)
    try:
        return catalogue.get_revision(recipe, commit)
    except Revision.DoesNotExist as error:
        message = _("%(name)s has no revision %(commit)s: only commits that were pushed to it have a page.")
        raise Http404(message % {"name": name, "commit": commit}) from error


def repository_or_403(request: HttpRequest, *revisions: Revision) -> Path:
    """Return the repository from which the reader may see the files of `revisions`; see `git_access.repository_of`.

    Raises PermissionDenied of Django, in the words of the refusal: the answer is the page 403.
    """
    try:
        return git_access.repository_of(request.user, *revisions)
    except Refused as error:
        raise Forbidden(str(error)) from error
