"""Recipes with a catalogue row and a revision, and without a repository: for pages that never look into git."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from recipes_app.formats.recipe import parse_recipe
from recipes_app.models import LintJob, LintState, Recipe, Revision, User
from recipes_app.services.publishing.projection import project_current
from tests.factories import make_recipe, recipe_tree


def make_page(name: str = "hello-dur", maintainer: User | None = None, **files: str) -> Recipe:
    """Return a recipe whose current revision says what `files` (laid over a valid recipe's) say."""
    recipe = make_recipe(name, maintainer)
    add_revision(recipe, commit="a" * 40, **files)
    return recipe


def add_revision(recipe: Recipe, commit: str, version: str = "1.0-1", branch: str = "main", **files: str) -> Revision:
    """Give `recipe` a new current revision."""
    parsed = parse_recipe(recipe_tree(recipe.name, version, **files))
    assert parsed.metadata is not None, parsed.findings
    revision = Revision.objects.create(
        recipe=recipe, commit=commit, branch=branch, version=version, pushed_at=timezone.now(), pusher=recipe.maintainer,
        pusher_name=recipe.submitter_name, metadata=parsed.metadata.to_json(),
        findings=[finding.to_json() for finding in parsed.findings],
    )  # fmt: skip
    recipe.current = revision
    project_current(recipe)
    return revision


def add_report(revision: Revision, *hints: dict[str, Any], state: LintState = LintState.FAILED, **columns: Any) -> LintJob:
    """Give `revision` a finished lint job with these hints."""
    values = {"tool": "lintian", "tool_version": "2.116.3", "profile": "debian/main", "finished_at": timezone.now(), **columns}
    job = LintJob.objects.create(revision=revision, state=state, **values)
    for position, hint in enumerate(hints):
        job.hints.create(position=position, **{"severity": "warning", "tag": "some-tag", **hint})
    return job
