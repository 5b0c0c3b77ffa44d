"""A view's first line: the object that the address names, or the page that says why there is none."""

from __future__ import annotations

from django.http import Http404
from django.utils.translation import gettext as _

from ..models import Recipe, Revision
from ..services import catalogue


def recipe_or_404(name: str) -> Recipe:
    """Return the recipe with its current revision and its maintainer; one query. Raises Http404."""
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
