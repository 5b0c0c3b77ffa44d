"""What lies in git: the files of a revision, one of them, all of them as an archive, and what changed between two."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recipes_app.models import Recipe, Revision
from recipes_app.repos import archive, browse
from recipes_app.repos import diff as diffs
from recipes_app.services.catalogue import catalogue
from recipes_app.services.core.errors import Refused
from recipes_app.services.publishing import git_access

from ..framework import converters, lookups  # noqa: F401 - the addresses below use its converter
from ..framework.base import BINARY, FILE_PROBLEMS, PortalView, operation
from ..framework.links import absolute
from ..framework.problems import Problem
from ..framework.renderers import PageRenderer, PatchRenderer
from ..schemas.files import DiffSerializer, Tree, TreeSerializer

_FILE_TYPES = ("text/plain", "application/octet-stream")
_TAR = "application/x-tar"


class _AlwaysJson(BaseContentNegotiation):
    """For addresses that give bytes, whatever the header Accept says (RFC 9110, 12.1); only their problems are JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """Return the first parser: nothing is sent here."""
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[JSONRenderer, str]:
        """Return the renderer of problems."""
        return JSONRenderer(), JSONRenderer.media_type


class TreeView(PortalView):
    """The files of a revision."""

    @operation("files", "The files of a revision", TreeSerializer, problems=FILE_PROBLEMS)
    def get(self, request: Request, name: str, commit: str) -> Response:
        """Return every file and link of the revision at `commit`; push rules bound their number."""
        revision = lookups.revision(name, commit)
        repository = _repository(request, revision)
        self.unless_known(request, revision.recipe.name, revision.commit, modified=revision.pushed_at, exact=True)
        files = browse.files(repository, revision.commit)
        return Response(TreeSerializer(Tree(revision, files), context={"revision": revision}).data)


class FileView(PortalView):
    """One file of a revision: its bytes."""

    content_negotiation_class = _AlwaysJson

    @operation("file", "One file of a revision: its bytes", dict.fromkeys(_FILE_TYPES, BINARY), problems=FILE_PROBLEMS)
    def get(self, request: Request, name: str, commit: str, file_path: str) -> HttpResponseBase:
        """Return the bytes as they stand in git: UTF-8 as plain text, whatever its name says, else as unknown bytes."""
        revision = lookups.revision(name, commit)
        repository = _repository(request, revision)
        self.unless_known(request, revision.commit, file_path, modified=revision.pushed_at, exact=True)
        try:
            found = browse.look(repository, commit, file_path)
        except browse.PathMissing as error:
            raise Problem("unknown-file", str(error)) from error
        if not isinstance(found, browse.File) or found.content is None:
            raise Problem("unknown-file", f"{file_path} is no file that can be shown: {absolute('api:files', name, commit)}")
        return HttpResponse(found.content, content_type=_content_type(found.content))


class SnapshotView(PortalView):
    """All files of a revision, as a tar archive."""

    content_negotiation_class = _AlwaysJson

    @operation("snapshot", "All files of a revision, as a tar archive", {_TAR: BINARY}, problems=FILE_PROBLEMS)
    def get(self, request: Request, name: str, commit: str) -> HttpResponseBase:
        """Return the archive: the same bytes each time, with their SHA-256 in the header Repr-Digest (RFC 9530)."""
        revision = lookups.revision(name, commit)
        repository = _repository(request, revision)
        self.unless_known(request, archive.FORMAT, revision.commit, modified=revision.pushed_at, exact=True)
        # A rename changes no byte of it.
        folder = f"{revision.recipe.storage_name}-{commit[:12]}"
        made = archive.snapshot(repository, commit, folder)
        answer = FileResponse(made.stream, content_type=_TAR, as_attachment=True, filename=f"{folder}.tar")
        answer["Content-Length"] = str(made.size)
        answer["Repr-Digest"] = f"sha-256=:{base64.b64encode(made.sha256).decode()}:"
        return answer


class DiffView(PortalView):
    """What changed from one revision to another."""

    renderer_classes = [JSONRenderer, PatchRenderer, PageRenderer]

    @operation(
        "diff",
        "What changed from one revision to another",
        {JSONRenderer.media_type: DiffSerializer, PatchRenderer.media_type: OpenApiTypes.STR},
        problems=[403, 404, 409],
    )
    def get(self, request: Request, name: str, old: str, new: str) -> Response:
        """Return the difference: JSON, or a patch where `Accept: text/x-diff` asks for it."""
        recipe = lookups.recipe_row(name)
        revisions = _both(recipe, old, new)
        repository = _repository(request, revisions[old], revisions[new])
        self.unless_known(request, recipe.name, old, new, modified=revisions[new].pushed_at, exact=True)
        try:
            if request.accepted_renderer.media_type == PatchRenderer.media_type:
                return Response(diffs.patch(repository, old, new))
            difference = diffs.diff(repository, old, new)
        except diffs.DiffError as error:
            raise Refused(str(error), code="no-diff") from error
        shown = {"old": revisions[old], "new": revisions[new], "files": difference.files, "is_cut": difference.is_cut}
        return Response(DiffSerializer(shown).data)


def _repository(request: Request, *revisions: Revision) -> Path:
    """Return where the files of `revisions` are read. Raises Problem where one of them is held back from the reader."""
    try:
        return git_access.repository_of(request.user, *revisions)
    except Refused as error:
        raise Problem("held-back", str(error), reason=error.code) from error


def _both(recipe: Recipe, *commits: str) -> dict[str, Revision]:
    for commit in commits:
        lookups.check_commit(commit)
    found = catalogue.get_revisions(recipe, commits)
    for commit in commits:
        if commit not in found:
            raise Problem("unknown-revision", f"{recipe.name} has no revision at commit {commit}")
        found[commit].recipe = recipe
    return found


def _content_type(content: bytes) -> str:
    """Return text for what is UTF-8 without NUL; nothing that a browser would run, whatever the file says of itself."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return _FILE_TYPES[1]
    return _FILE_TYPES[1] if "\0" in text else f"{_FILE_TYPES[0]}; charset=utf-8"


_RECIPE = "recipes/<str:name>/"
PATHS = [
    path(f"{_RECIPE}files/<str:commit>/", TreeView.as_view(), name="files"),
    path(f"{_RECIPE}files/<str:commit>/<rest:file_path>", FileView.as_view(), name="file"),
    path(f"{_RECIPE}snapshots/<str:commit>/", SnapshotView.as_view(), name="snapshot"),
    path(f"{_RECIPE}diff/<str:old>/<str:new>/", DiffView.as_view(), name="diff"),
]
