"""Publishing: what the repositories hold becomes catalogue, revisions and search rows.

There is one path: the reflog of a repository lists every push with its account and its time, and `sync_recipe` records
those that the database does not know yet. A push, the sweep after a crash and `manage.py reconcile` all call it, so what
they leave behind is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import transaction

from ..formats.recipe import ParsedRecipe, parse_recipe
from ..models import Recipe, Revision, SuiteBranch, User
from ..repos.objects import read_tree
from ..repos.store import PushRecord, store
from . import lint
from .projection import project_current

logger = logging.getLogger(__name__)

MAIN = "main"


@dataclass
class SyncResult:
    """What one synchronisation did. `unreadable` are commits whose tree the parser of today refuses."""

    recipe: Recipe | None
    new_revisions: list[Revision] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def sync_recipe(storage_name: str) -> SyncResult:
    """Record every push of the repository `storage_name` that the database does not have, in one transaction.

    Idempotent: a second call finds nothing to do. The caller holds the store's lock of this name. Lint is queued, once the
    transaction has been committed, for each new revision that stands at the tip of a branch.
    """
    history = store().push_history(storage_name)
    if not any(record.branch == MAIN for record in history):
        return SyncResult(recipe=None)
    with transaction.atomic():
        recipe = Recipe.objects.select_for_update(of=("self",)).filter(storage_name=storage_name).first()
        if recipe is None:
            recipe = _create_recipe(storage_name, history)
        result = SyncResult(recipe=recipe)
        _record_revisions(recipe, history, result)
        _move_branches(recipe, history)
        project_current(recipe)
        tips = set(SuiteBranch.objects.filter(recipe=recipe).values_list("revision_id", flat=True))
        for revision in result.new_revisions:
            if revision.pk in tips:
                lint.enqueue(revision)
    return result


def _create_recipe(storage_name: str, history: list[PushRecord]) -> Recipe:
    """Make the row of a recipe that was pushed for the first time; who pushed first maintains it."""
    first = history[0]
    return Recipe.objects.create(
        name=storage_name,
        storage_name=storage_name,
        maintainer=User.objects.filter(username=first.username).first(),
        submitter_name=first.username,
        maintainer_since=first.pushed_at,
        created_at=first.pushed_at,
        updated_at=first.pushed_at,
    )


def _record_revisions(recipe: Recipe, history: list[PushRecord], result: SyncResult) -> None:
    """Write a Revision for each pushed commit that has none."""
    known = set(recipe.revisions.values_list("commit", flat=True))
    missing = [record for record in history if record.new not in known]
    pushers = User.objects.in_bulk([record.username for record in missing], field_name="username") if missing else {}
    for record in missing:
        if record.new in known:
            continue
        known.add(record.new)
        parsed = _parse(recipe, record.new)
        if parsed.metadata is None:
            logger.warning("%s: commit %s cannot be read: %s", recipe.name, record.new, "; ".join(map(str, parsed.errors)))
            result.unreadable.append(record.new)
            continue
        revision = Revision.objects.create(
            recipe=recipe,
            commit=record.new,
            branch=record.branch,
            version=parsed.metadata.version,
            pushed_at=record.pushed_at,
            pusher=pushers.get(record.username),
            pusher_name=record.username,
            metadata=parsed.metadata.to_json(),
            findings=[finding.to_json() for finding in parsed.findings],
        )
        result.new_revisions.append(revision)


def _parse(recipe: Recipe, commit: str) -> ParsedRecipe:
    return parse_recipe(read_tree(store().path(recipe.storage_name), commit))


def _move_branches(recipe: Recipe, history: list[PushRecord]) -> None:
    """Point each branch at the revision of its newest push."""
    newest = {record.branch: record for record in history}
    revisions = {each.commit: each for each in recipe.revisions.filter(commit__in=[record.new for record in newest.values()])}
    for name, record in newest.items():
        revision = revisions.get(record.new)
        if revision is None:
            continue
        SuiteBranch.objects.update_or_create(recipe=recipe, name=name, defaults={"revision": revision})
        if name == MAIN:
            recipe.current = revision
            recipe.updated_at = record.pushed_at
            recipe.save(update_fields=["current", "updated_at"])


def settle_interrupted() -> list[str]:
    """Publish what pushes left behind whose process died between git and database; return the names that were settled."""
    settled = []
    for name in store().interrupted():
        with store().lock(name):
            if store().exists(name):
                sync_recipe(name)
            store().clear_pending(name)
        settled.append(name)
    return settled


@dataclass
class Reconciled:
    """What `reconcile` did for one repository."""

    name: str
    new_revisions: int
    unreadable: list[str]


def reconcile() -> Iterator[Reconciled]:
    """Bring the database to what the repositories say, one repository a step; yields a line for each.

    Rows that hold what people did here (ownership, votes) are kept; catalogue, revisions and search are written anew.
    """
    for name in store().names():
        with store().lock(name):
            result = sync_recipe(name)
        yield Reconciled(name, len(result.new_revisions), result.unreadable)


def recipes_without_repository() -> list[str]:
    """Return the names of recipes whose repository is missing from the store: a restore of the store was incomplete."""
    return [
        name
        for name, storage_name in Recipe.objects.order_by("name").values_list("name", "storage_name")
        if not store().exists(storage_name)
    ]
