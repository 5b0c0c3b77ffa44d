"""The shapes of what lies in git: files of a revision, and what changed between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from recipes_app.models import Revision
from recipes_app.repos.browse import ListedFile

from ..framework.fields import LinkField
from ..framework.links import absolute


@dataclass(frozen=True)
class Tree:
    """A revision and its files."""

    revision: Revision
    files: list[ListedFile]


class ListedFileSerializer(serializers.Serializer[Any]):
    """A file of a revision. The context holds the revision."""

    path = serializers.CharField()
    kind = serializers.CharField(help_text="file or link: a link's bytes are where it leads.")
    executable = serializers.BooleanField(source="is_executable")
    size = serializers.IntegerField(help_text="In bytes.")
    oid = serializers.CharField(help_text="git's id of the bytes.")
    url = serializers.SerializerMethodField(help_text="The bytes; null for a link, which the archive has.")

    def get_url(self, file: ListedFile) -> str | None:
        """Return the address of the bytes."""
        revision: Revision = self.context["revision"]
        return absolute("api:file", revision.recipe.name, revision.commit, file.path) if file.kind == "file" else None


class TreeSerializer(serializers.Serializer[Tree]):
    """All files of a revision."""

    recipe = serializers.CharField(source="revision.recipe.name")
    commit = serializers.CharField(source="revision.commit")
    version = serializers.CharField(source="revision.version")
    snapshot = LinkField("api:snapshot", "revision.recipe.name", "revision.commit", help_text="All of them as a tar archive.")
    files = ListedFileSerializer(many=True)


class DiffSideSerializer(serializers.Serializer[Any]):
    """One of two revisions that are compared."""

    commit = serializers.CharField()
    version = serializers.CharField()
    pushed_at = serializers.DateTimeField()


class DiffLineSerializer(serializers.Serializer[Any]):
    """A line of a difference."""

    kind = serializers.CharField(help_text="context, added, deleted, hunk or note.")
    old_number = serializers.IntegerField(allow_null=True)
    new_number = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()


class FileDiffSerializer(serializers.Serializer[Any]):
    """What changed in one file."""

    status = serializers.CharField(help_text="added, deleted, changed or renamed.")
    path = serializers.CharField()
    old_path = serializers.CharField(help_text="What a renamed file was called; else empty.")
    added = serializers.IntegerField(help_text="Lines.")
    deleted = serializers.IntegerField(help_text="Lines.")
    binary = serializers.BooleanField(source="is_binary")
    mode_change = serializers.CharField()
    cut = serializers.BooleanField(source="is_cut", help_text="Whether more was changed than `lines` shows.")
    lines = DiffLineSerializer(many=True)


class DiffSerializer(serializers.Serializer[Any]):
    """What has to be done to get from one revision to the other."""

    old = DiffSideSerializer()
    new = DiffSideSerializer()
    cut = serializers.BooleanField(source="is_cut", help_text="Whether it is too large: the last files have no lines.")
    files = FileDiffSerializer(many=True)
