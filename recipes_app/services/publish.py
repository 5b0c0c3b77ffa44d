"""Publishing: what the repositories hold becomes catalogue, revisions and search rows.

There is one path: the reflog of a repository lists every push with its account and its time, and `sync_recipe` records
those that the database does not know yet. A push, the sweep after a crash and `manage.py reconcile` all call it, so what
they leave behind is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..formats.recipe import parse_recipe
from ..models import Notification, QueueEntry, Recipe, Revision, SuiteBranch, User
from ..repos.objects import read_tree
from ..repos.store import PushRecord, store
from ..search.index import rebuild_index
from . import audit, gates, holds, lint, lint_gates, names, notify, queue, webhooks
from .audit import EventKind
from .projection import project_current

logger = logging.getLogger(__name__)

MAIN = "main"
# Followers hear of a push that is recorded when it happens, not of one that a reconciliation finds later.
_NEWS_AGE = timedelta(hours=1)


@dataclass
class SyncResult:
    """What one synchronisation did. `unreadable` are commits whose tree the parser of today refuses."""

    recipe: Recipe | None
    new_revisions: list[Revision] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def sync_recipe(storage_name: str) -> SyncResult:
    """Record every push of the repository `storage_name` that the database does not have, in one transaction.

    Idempotent: a second call finds nothing to do. The caller holds the store's lock of this name. Lint is queued, once the
    transaction has been committed, for each new revision that stands at the tip of a branch, held ones included.
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
        tips = {record.new for record in {each.branch: each for each in history}.values()}
        for revision in result.new_revisions:
            if revision.commit in tips:
                lint.enqueue(revision)
                _tell(revision)
    return result


def _create_recipe(storage_name: str, history: list[PushRecord]) -> Recipe:
    """Make the row of a recipe that was pushed for the first time; who pushed first maintains it."""
    first = history[0]
    maintainer = User.objects.filter(username=first.username).first()
    recipe = Recipe.objects.create(
        name=storage_name,
        storage_name=storage_name,
        maintainer=maintainer,
        submitter_name=first.username,
        maintainer_since=first.pushed_at,
        created_at=first.pushed_at,
        updated_at=first.pushed_at,
    )
    audit.record(EventKind.RECIPE_CREATED, maintainer, recipe=recipe)
    if reasons := names.reasons_for_review(storage_name):
        summary = f"{storage_name} {'; '.join(reasons)}"
        queue.open_entry(QueueEntry.Kind.NAME, recipe.pk, recipe=recipe, account=maintainer, summary=summary)
    return recipe


def _record_revisions(recipe: Recipe, history: list[PushRecord], result: SyncResult) -> None:
    """Write a Revision for each pushed commit that has none, and let the gates look at it."""
    known = set(recipe.revisions.values_list("commit", flat=True))
    missing = [record for record in history if record.new not in known]
    pushers = User.objects.in_bulk([record.username for record in missing], field_name="username") if missing else {}
    previous = {branch.name: branch.revision for branch in recipe.branches.select_related("revision")} if missing else {}
    for record in missing:
        if record.new in known:
            continue
        known.add(record.new)
        before = previous.get(record.branch) or previous.get(MAIN)
        revision = _record_one(recipe, record, pushers.get(record.username), before)
        if revision is None:
            result.unreadable.append(record.new)
            continue
        _log_rewrite(recipe, record, pushers.get(record.username))
        result.new_revisions.append(revision)
        if revision.review == Revision.Review.PUBLISHED:
            previous[record.branch] = revision


def _record_one(recipe: Recipe, record: PushRecord, pusher: User | None, before: Revision | None) -> Revision | None:
    """Write the revision of one push; return None where today's parser cannot read it. `before` is what it would follow."""
    repository = store().path(recipe.storage_name)
    tree = read_tree(repository, record.new)
    parsed = parse_recipe(tree)
    if parsed.metadata is None:
        logger.warning("%s: commit %s cannot be read: %s", recipe.name, record.new, "; ".join(map(str, parsed.errors)))
        return None
    revision = Revision.objects.create(
        recipe=recipe,
        commit=record.new,
        branch=record.branch,
        version=parsed.metadata.version,
        pushed_at=record.pushed_at,
        pusher=pusher,
        pusher_name=record.username,
        metadata=parsed.metadata.to_json(),
        findings=[finding.to_json() for finding in parsed.findings],
    )
    pushed = gates.Pushed(
        recipe=recipe,
        pusher=pusher,
        pushed_at=record.pushed_at,
        metadata=parsed.metadata,
        tree=tree,
        old_metadata=before.data if before else None,
        old_tree=read_tree(repository, before.commit) if before else {},
    )
    holds.apply(revision, gates.examine(pushed) + lint_gates.of_tree(pushed))
    return revision


def _log_rewrite(recipe: Recipe, record: PushRecord, pusher: User | None) -> None:
    """A moderator rewrote a branch: that is an event of the public log."""
    if not store().is_rewrite(recipe.storage_name, record):
        return
    facts = {"branch": record.branch, "from": record.old, "to": record.new}
    audit.record(EventKind.HISTORY_REWRITTEN, pusher, recipe=recipe, public=facts)


def _move_branches(recipe: Recipe, history: list[PushRecord]) -> None:
    """Point each branch at the revision of its newest push that is published: held and quarantined ones are passed over."""
    published = {each.commit: each for each in recipe.revisions.filter(review=Revision.Review.PUBLISHED)}
    newest = {record.branch: record for record in history if record.new in published}
    for name, record in newest.items():
        SuiteBranch.objects.update_or_create(recipe=recipe, name=name, defaults={"revision": published[record.new]})
    recipe.branches.exclude(name__in=newest).delete()
    if MAIN in newest:
        recipe.current = published[newest[MAIN].new]
        recipe.updated_at = newest[MAIN].pushed_at
    else:
        recipe.current = None
    recipe.save(update_fields=["current", "updated_at"])


def _tell(revision: Revision) -> None:
    """Tell followers and webhooks of a revision that users get from now on."""
    if revision.review != Revision.Review.PUBLISHED or timezone.now() - revision.pushed_at > _NEWS_AGE:
        return
    values = {"recipe": revision.recipe.name, "version": revision.version}
    notify.notify_followers(
        Notification.Kind.UPDATE, revision.recipe, actor=revision.pusher, url=revision.get_absolute_url(),
        text=lambda: _("%(recipe)s %(version)s was pushed.") % values,
    )  # fmt: skip
    facts = {"commit": revision.commit, "branch": revision.branch, "version": revision.version, "actor": revision.pusher_name}
    url = f"{settings.PORTAL_URL}{revision.get_absolute_url()}"
    webhooks.emit(revision.recipe, webhooks.PUBLISHED, {**facts, "url": url})


def review(user: User, revision: Revision, *, release: bool, decision: str) -> None:
    """Release or reject a held revision, and move the branches to what follows from it. Raises PermissionDenied, Refused.

    A rejected one leaves its branch in git too: who clones gets the newest published revision.
    """
    with store().lock(revision.recipe.storage_name):
        holds.decide(user, revision, release=release, decision=decision)
        if release:
            advance_branch(revision, user)
        else:
            rewind_branches(revision.recipe, user)


def advance_branch(revision: Revision, actor: User) -> None:
    """Make a `revision` that was released the tip of its branch again, where the branch was set back before it.

    A branch that has a newer published revision, or a tip that waits for review, stays as it is. The caller holds the lock.
    """
    recipe, branch = revision.recipe, revision.branch
    tip = store().branches(recipe.storage_name).get(branch)
    published = recipe.revisions.filter(branch=branch, review=Revision.Review.PUBLISHED)
    newest = published.order_by("-pushed_at", "-id").values_list("commit", flat=True).first()
    tip_waits = recipe.revisions.filter(commit=tip, review=Revision.Review.HELD).exists()
    if newest == revision.commit and tip != newest and not tip_waits:
        store().rewind(recipe.storage_name, branch, newest, actor.username)
    sync_recipe(recipe.storage_name)


def rewind_branches(recipe: Recipe, actor: User) -> None:
    """Set each branch whose tip is quarantined back to its newest published revision, in git and in the catalogue.

    A branch without a published revision stays: its recipe is quarantined, and nobody clones that. The caller holds the lock.
    """
    reviewed = recipe.revisions.filter(review=Revision.Review.PUBLISHED).order_by("pushed_at", "id")
    published = dict(reviewed.values_list("branch", "commit"))
    quarantined = set(recipe.revisions.filter(review=Revision.Review.QUARANTINED).values_list("commit", flat=True))
    for branch, tip in store().branches(recipe.storage_name).items():
        if tip in quarantined and branch in published:
            store().rewind(recipe.storage_name, branch, published[branch], actor.username)
    sync_recipe(recipe.storage_name)


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
    # What misspelt words are corrected to forgets the names that are gone.
    rebuild_index()


def recipes_without_repository() -> list[str]:
    """Return the names of recipes whose repository is missing from the store: a restore of the store was incomplete."""
    return [
        name
        for name, storage_name in Recipe.objects.order_by("name").values_list("name", "storage_name")
        if not store().exists(storage_name)
    ]
