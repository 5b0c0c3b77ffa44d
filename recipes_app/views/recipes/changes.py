"""What changed: between two revisions, and since the version that somebody built."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recipes_app.models import Recipe, Revision
from recipes_app.rendering.changes import lay_out
from recipes_app.repos import diff
from recipes_app.repos.objects import ObjectError
from recipes_app.services.catalogue import catalogue
from recipes_app.services.history import review_marks, since
from recipes_app.services.lint import lines as lint_lines

from ..shared.access import recipe_or_404, repository_or_403

_SPLIT = "split"


@require_safe
def diff_page(request: HttpRequest, name: str, old: str, new: str) -> HttpResponse:
    """Show what changed from one revision to another; `?view=split` puts the sides beside each other. Three queries."""
    recipe = recipe_or_404(name)
    revisions = catalogue.get_revisions(recipe, [old, new], metadata=True)
    for commit in (old, new):
        if commit not in revisions:
            raise Http404(_("%(name)s has no revision %(commit)s.") % {"name": name, "commit": commit})
    return render(request, "recipes/diff.html", _difference(request, recipe, revisions[old], revisions[new]))


@require_safe
def changes_since(request: HttpRequest, name: str) -> HttpResponse:
    """Show what changed since `?since=VERSION` up to the current revision. Five queries at most; two without a version."""
    recipe = recipe_or_404(name)
    asked = request.GET.get("since", "").strip()
    found = since.find(recipe, asked)
    context: dict[str, Any] = {"recipe": recipe, "revision": recipe.current, "asked": asked, "found": found}
    if found.revision is not None and recipe.current is not None and found.is_older:
        context |= _difference(request, recipe, found.revision, recipe.current)
        context["story"] = since.story(recipe, found.revision, recipe.current)
    return render(request, "recipes/changes.html", context, status=200 if found.revision or not asked else 404)


def _difference(request: HttpRequest, recipe: Recipe, old: Revision, new: Revision) -> dict[str, Any]:
    """Return what the pages of a difference are made of. One query, and a look into git."""
    is_split = request.GET.get("view") == _SPLIT
    old.recipe = new.recipe = recipe
    findings = lint_lines.new_at_lines(old, new)
    repository = repository_or_403(request, old, new)
    try:
        difference = diff.diff(repository, old.commit, new.commit)
        marks = review_marks.marks_of(repository, old, new)
    except (diff.DiffError, ObjectError) as error:
        raise Http404(_("The files of one of these revisions are not published any more.")) from error
    return {
        "recipe": recipe,
        "old": old,
        "new": new,
        "is_split": is_split,
        "changes": lay_out(difference, findings, split=is_split),
        "marks": marks,
        "new_findings": sum(len(hints) for lines in findings.values() for hints in lines.values()),
    }
