"""The pages that explain the recipe checks, each with an example that fails and one that mends it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recipes_app.rendering.highlight import Shown, show_file
from recipes_app.services.lint import checks
from recipes_app.services.lint.checks import ExampleFile


@dataclass(frozen=True)
class ShownFile:
    """A file of an example, highlighted; `shown` is None for one that the example takes away."""

    file: ExampleFile
    shown: Shown | None


@require_safe
def check_list(request: HttpRequest) -> HttpResponse:
    """List every check by family. No query."""
    return render(request, "checks/list.html", {"families": checks.by_family()})


@require_safe
def check(request: HttpRequest, identifier: str) -> HttpResponse:
    """Explain one check. No query."""
    about = checks.find(identifier)
    if about is None:
        raise Http404(_("There is no check %(identifier)s.") % {"identifier": identifier})
    context = {
        "about": about,
        "failing": [_shown(each) for each in checks.failing_files(about)],
        "mending": [_shown(each) for each in checks.mending_files(about)],
    }
    return render(request, "checks/check.html", context)


def _shown(file: ExampleFile) -> ShownFile:
    return ShownFile(file, None if file.content is None else show_file(file.path, file.content))
