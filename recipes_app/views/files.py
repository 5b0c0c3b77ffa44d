"""A revision's files, and what changed between two revisions."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..rendering.highlight import show_file
from ..repos import browse, diff
from ..repos.store import store
from ..services import catalogue
from .access import recipe_or_404, revision_or_404


@require_safe
def tree(request: HttpRequest, name: str, commit: str, path: str = "") -> HttpResponse:
    """Show a folder or a file of a revision. Two queries."""
    revision = revision_or_404(name, commit)
    try:
        found = browse.look(store().path(revision.recipe.storage_name), commit, path.strip("/"))
    except browse.PathMissing as error:
        raise Http404(str(error)) from error
    context: dict[str, Any] = {"recipe": revision.recipe, "revision": revision, "found": found, "trail": _trail(found.path)}
    if isinstance(found, browse.Folder):
        return render(request, "recipes/folder.html", context)
    context["shown"] = show_file(found.path, found.content) if found.content is not None else None
    return render(request, "recipes/file.html", context)


@require_safe
def diff_page(request: HttpRequest, name: str, old: str, new: str) -> HttpResponse:
    """Show what changed from the revision `old` to the revision `new`. Two queries."""
    recipe = recipe_or_404(name)
    revisions = catalogue.get_revisions(recipe, [old, new])
    for commit in (old, new):
        if commit not in revisions:
            raise Http404(_("%(name)s has no revision %(commit)s.") % {"name": name, "commit": commit})
    context = {
        "recipe": recipe,
        "old": revisions[old],
        "new": revisions[new],
        "diff": diff.diff(store().path(recipe.storage_name), old, new),
    }
    return render(request, "recipes/diff.html", context)


def _trail(path: str) -> list[tuple[str, str]]:
    """Return (name, path) of each folder on the way to `path` and of itself."""
    names = path.split("/") if path else []
    return [(name, "/".join(names[: depth + 1])) for depth, name in enumerate(names)]
