"""What changes whenever something else about a recipe does: annotations that make an ETag without reading it all.

They are texts, which both databases take: to put ten subselects together, Django takes longer than the database to answer them.
"""
# ruff: noqa: S608 - the parts that are put together are constants of this code, never input

from __future__ import annotations

from typing import Any

from django.db.models import BooleanField, DateTimeField, Field, IntegerField
from django.db.models.expressions import RawSQL

from recipes_app.models import LintState, OwnershipRequest, Revision


def _stamp(select: str, *parameters: Any, output: Field[Any, Any]) -> RawSQL:
    """Return an annotation by a subselect."""
    return RawSQL(select, parameters, output)  # noqa: S611 - a constant text of this module; what varies is a parameter


_OF_RECIPE = "recipe_id = recipes_app_recipe.id"
RECIPE = {
    "has_held_revision": _stamp(
        f"EXISTS (SELECT 1 FROM recipes_app_revision held WHERE held.{_OF_RECIPE} AND held.review = %s)",
        Revision.Review.HELD, output=BooleanField(),
    ),
    "has_team": _stamp(f"EXISTS (SELECT 1 FROM recipes_app_comaintainer WHERE {_OF_RECIPE})", output=BooleanField()),
    "branches_stamp": _stamp(
        f"SELECT SUM(id * revision_id) FROM recipes_app_suitebranch WHERE {_OF_RECIPE}", output=IntegerField()
    ),
    "has_suite_branches": _stamp(
        f"EXISTS (SELECT 1 FROM recipes_app_suitebranch other WHERE other.{_OF_RECIPE} AND other.name <> 'main')",
        output=BooleanField(),
    ),
    "requests_stamp": _stamp(
        f"SELECT SUM(id) FROM recipes_app_ownershiprequest WHERE {_OF_RECIPE} AND state = %s",
        OwnershipRequest.State.OPEN, output=IntegerField(),
    ),
    "rulings_stamp": _stamp(f"SELECT MAX(id) FROM recipes_app_modelruling WHERE {_OF_RECIPE}", output=IntegerField()),
    "rulings_ended": _stamp(f"SELECT MAX(ended_at) FROM recipes_app_modelruling WHERE {_OF_RECIPE}", output=DateTimeField()),
}  # fmt: skip


def lint(revision: str) -> dict[str, RawSQL]:
    """Return annotations that change whenever a lint job of the revision in the column `revision` does.

    The column is a name of this code, with its table, and never input.
    """
    jobs = f"FROM recipes_app_lintjob WHERE revision_id = {revision}"
    return {
        "lint_finished": _stamp(f"SELECT MAX(finished_at) {jobs}", output=DateTimeField()),
        "lint_started": _stamp(f"SELECT MAX(started_at) {jobs}", output=DateTimeField()),
        "lint_attempts": _stamp(f"SELECT SUM(attempts + 1) {jobs}", output=IntegerField()),
        "lint_queued": _stamp(f"SELECT COUNT(*) {jobs} AND state = %s", LintState.QUEUED, output=IntegerField()),
    }
