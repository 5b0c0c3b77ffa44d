"""A revision's files: as they are, who wrote each line, and which revisions touched them."""

from __future__ import annotations

import logging
import re
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recipes_app.limits import MAX_BLAME_LINES
from recipes_app.models import Revision
from recipes_app.rendering.highlight import show_file
from recipes_app.repos import browse
from recipes_app.repos.history import HistoryError
from recipes_app.repos.objects import ObjectError
from recipes_app.services.core.permissions import Action, allowed
from recipes_app.services.history import file_history
from recipes_app.services.lint import lines as lint_lines

from ..shared.access import repository_or_403, revision_or_404

logger = logging.getLogger(__name__)
_LINES = re.compile(r"([1-9][0-9]{0,6})(?:-([1-9][0-9]{0,6}))?")


@require_safe
def tree(request: HttpRequest, name: str, commit: str, path: str = "") -> HttpResponse:
    """Show a folder, in two queries, or a file with what lint found at its lines, in three. `?lines=3-9` marks these lines.

    An account costs the queries of its roles beside.
    """
    revision = revision_or_404(name, commit)
    found = _look(repository_or_403(request, revision), revision, path)
    context = _context(revision, found)
    # The tip of main as the catalogue has it; the edit itself asks git.
    context["may_edit"] = commit == _current(revision) and allowed(Action.PUSH, request.user, revision.recipe)
    if isinstance(found, browse.Folder):
        return render(request, "recipes/folder.html", context)
    shown = show_file(found.path, found.content) if found.content is not None else None
    hints = lint_lines.at_lines(revision, found.path)
    chosen = _chosen_lines(request.GET.get("lines", ""))
    numbered = enumerate(shown.lines if shown else (), start=1)
    lines = [(number, line, hints.get(number, ()), number in chosen) for number, line in numbered]
    # What is about the file as a whole, or a line that it has not, stands above it.
    about_file = [hint for number, here in sorted(hints.items()) if not 0 < number <= len(lines) for hint in here]
    context |= {"shown": shown, "lines": lines, "about_file": about_file, "hint_number": sum(map(len, hints.values()))}
    return render(request, "recipes/file.html", context)


@require_safe
def blame(request: HttpRequest, name: str, commit: str, path: str) -> HttpResponse:
    """Show who pushed each line of a file, and when. Three queries."""
    revision = revision_or_404(name, commit)
    repository = repository_or_403(request, revision)
    found = _file(repository, revision, path)
    shown = show_file(found.path, found.content) if found.content is not None else None
    context = _context(revision, found) | {"shown": shown, "view": "blame"}
    if shown and 0 < len(shown.lines) <= MAX_BLAME_LINES:
        try:
            origins = file_history.blame(repository, revision, found.path)
        except HistoryError:
            logger.info("no blame of %s of %s", found.path, revision, exc_info=True)
        else:
            context["blocks"] = [
                (origin, list(enumerate(shown.lines[origin.first - 1 : origin.first - 1 + origin.count], origin.first)))
                for origin in origins
            ]
    return render(request, "recipes/blame.html", context)


@require_safe
def file_revisions(request: HttpRequest, name: str, commit: str, path: str) -> HttpResponse:
    """List the revisions that changed a file, up to this one. Three queries."""
    revision = revision_or_404(name, commit)
    repository = repository_or_403(request, revision)
    found = _file(repository, revision, path)
    context = _context(revision, found) | {"view": "history"}
    try:
        touched = file_history.revisions_touching(repository, revision, found.path)
        context["changes"] = list(zip_longest(touched, touched[1:]))
    except HistoryError:
        logger.info("no history of %s of %s", found.path, revision, exc_info=True)
    return render(request, "recipes/file_history.html", context)


def _look(repository: Path, revision: Revision, path: str) -> browse.Folder | browse.File:
    try:
        return browse.look(repository, revision.commit, path.strip("/"))
    except browse.PathMissing as error:
        raise Http404(str(error)) from error
    except ObjectError as error:
        logger.warning("%s cannot be read: %s", revision, error)
        raise Http404(_("The files of this revision are not published any more.")) from error


def _file(repository: Path, revision: Revision, path: str) -> browse.File:
    found = _look(repository, revision, path)
    if not isinstance(found, browse.File):
        raise Http404(_("%(path)s is a folder; only files have a history page.") % {"path": found.path})
    return found


def _context(revision: Revision, found: browse.Folder | browse.File) -> dict[str, Any]:
    return {"recipe": revision.recipe, "revision": revision, "found": found, "trail": _trail(found.path)}


def _chosen_lines(text: str) -> range:
    """Return the lines that `3` or `3-9` names; none for anything else."""
    match = _LINES.fullmatch(text)
    return range(int(match[1]), int(match[2] or match[1]) + 1) if match else range(0)


def _current(revision: Revision) -> str:
    return revision.recipe.current.commit if revision.recipe.current else ""


def _trail(path: str) -> list[tuple[str, str]]:
    """Return (name, path) of each folder on the way to `path` and of itself."""
    names = path.split("/") if path else []
    return [(name, "/".join(names[: depth + 1])) for depth, name in enumerate(names)]
