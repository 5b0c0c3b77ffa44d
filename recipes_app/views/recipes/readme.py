"""A revision's README as HTML, kept in the cache: a commit never changes."""

from __future__ import annotations

import logging

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from recipes_app.models import Recipe, Revision
from recipes_app.rendering.markdown import readme_html
from recipes_app.repos.browse import PathMissing, read_file
from recipes_app.repos.objects import ObjectError
from recipes_app.services.core.errors import Refused
from recipes_app.services.publishing import git_access

logger = logging.getLogger(__name__)
# Raised when the rendering changes, so that pages do not show what an older version made.
_VERSION = 1
_KEPT_SECONDS = 24 * 3600


def readme_of(request: HttpRequest, recipe: Recipe, revision: Revision) -> SafeString | None:
    """Return the rendered README of `revision`; None where it has none, the reader may not see it, or it cannot be read now."""
    path = revision.data.readme_path
    if not path:
        return None
    try:
        repository = git_access.repository_of(request.user, revision)
    except Refused:
        # Held back: the page says so.
        return None
    files_address = reverse("tree", args=[recipe.name, revision.commit])
    key = f"readme:{_VERSION}:{recipe.pk}:{revision.commit}:{recipe.name}"
    html = cache.get(key)
    if html is None:
        try:
            content = read_file(repository, revision.commit, path)
        except (PathMissing, ObjectError):
            # The page is worth showing without it; whoever keeps the store has to know.
            logger.exception("the README of %s at %s cannot be read", recipe.name, revision.commit)
            return None
        html = str(readme_html(content, files_address))
        cache.set(key, html, _KEPT_SECONDS)
    return SafeString(html)  # made by readme_html, here or in an earlier request
