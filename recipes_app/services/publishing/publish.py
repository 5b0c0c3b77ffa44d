"""Publishing: what was pushed becomes catalogue, revisions and search rows, and what is published becomes the public repository.

There is one path, `settle`, and everything in it follows from two things: the reflog of the intake, which lists every push with
its account and its time, and the review state of each revision in the database. A push, a review, a roll-back, the sweep after a
crash and `manage.py reconcile` all end in it, so what they leave behind is the same, and it can be run again at any time.

An act that changes what is published says so before it begins (`acting`, `settle_later`): a marker stands in the store until both
sides agree. A process that dies in between leaves the marker, and the sweep settles (`services.operations.reconciliation`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import Notification, QueueEntry, Recipe, Revision, SuiteBranch, Switch, User
from recipes_app.repos.push_rules import MAIN_BRANCH
from recipes_app.repos.signatures import signature_of
from recipes_app.repos.store import PushRecord, store

from ..audit import audit, moderation_queue
from ..audit.audit import EventKind
from ..catalogue import names
from ..core import switches
from ..core.errors import Refused
from ..core.permissions import PermissionDenied
from ..core.retrying import retried
from ..gates import gates, holds, incident, lint_gates
from ..gates.gate_table import Incident, Mode
from ..gates.provenance import Provenance
from ..lint import jobs
from ..notifications import notify, webhooks
from . import inspection, reviews
from .inspection import Inspection
from .projection import project_current

logger = logging.getLogger(__name__)

# Followers hear of a push that is recorded when it happens, not of one that a reconciliation finds later.
_NEWS_AGE = timedelta(hours=1)
_thread = threading.local()


@dataclass
class SyncResult:
    """What one synchronisation did. `history` is every push; `unreadable` are commits whose tree the parser of today refuses."""

    recipe: Recipe | None
    new_revisions: list[Revision] = field(default_factory=list)
    history: list[PushRecord] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


@contextmanager
def acting(storage_name: str) -> Iterator[None]:
    """Change what is published of the repository `storage_name` inside of this; afterwards database and git agree.

    The marker stands from before the change, so the sweep makes up for a process that dies anywhere in here. A refusal leaves
    nothing to be settled. The lock of the name is held: the change itself is one transaction.
    """
    marker = store().pending(storage_name)
    refusal: Exception | None = None
    held = _held_by_thread()
    try:
        with marker.settling(), store().lock(storage_name):
            held.add(storage_name)
            try:
                yield
            except (Refused, PermissionDenied) as error:
                refusal = error
            else:
                settle(storage_name)
            finally:
                held.discard(storage_name)
    finally:
        marker.close()
    if refusal is not None:
        raise refusal


def settle_later(recipe: Recipe) -> None:
    """Let what is published of `recipe` follow once the caller's transaction is committed; the marker stands from now on.

    For rules that change what is published within a larger act (a quarantine after reports, a merge). Where settling fails, the
    act is not undone: the sweep tries again.
    """
    name = recipe.storage_name
    if name in _held_by_thread():
        # A part of an act that settles at its own end.
        return
    marker = store().pending(name)

    def settle_now() -> None:
        try:
            with marker.settling(), store().lock(name):
                settle(name)
        finally:
            marker.close()

    transaction.on_commit(settle_now, robust=True)


def _held_by_thread() -> set[str]:
    """Return the names that this thread acts on: the lock of a name is held by one thread once."""
    if not hasattr(_thread, "names"):
        _thread.names = set()
    names: set[str] = _thread.names
    return names


def settle(storage_name: str, inspected: Mapping[str, Inspection] = inspection.NOTHING) -> SyncResult:
    """Bring the database, the intake's branches and the public repository of `storage_name` to what follows from each other.

    Idempotent. The caller holds the store's lock of this name, and may have read what was pushed before (`inspected`).
    Raises OSError or ObjectError where the repository is damaged, NoPlace where it has to be tried again later.
    """
    result = sync_recipe(storage_name, inspected)
    if result.recipe is None:
        return result
    reviews = dict(result.recipe.revisions.values_list("commit", "review"))
    taken_out = {commit for commit, review in reviews.items() if review == Revision.Review.QUARANTINED}
    _place_tips(storage_name, result.history, taken_out)
    store().purge(storage_name, result.recipe.revisions.exclude(purged_at=None).values_list("commit", flat=True))
    store().refuse_commits(storage_name, taken_out)
    store().show(storage_name, wanted_branches(result.recipe))
    return result


def wanted_branches(recipe: Recipe) -> Mapping[str, str]:
    """Return the commit that each branch of the public repository of `recipe` is to have: the one rule of what git hands out.

    A quarantined or deleted recipe has none. One query.
    """
    row = Recipe.objects.filter(pk=recipe.pk, quarantined_at=None, deleted_at=None)
    return dict(SuiteBranch.objects.filter(recipe__in=row).values_list("name", "revision__commit"))


def _place_tips(storage_name: str, history: list[PushRecord], taken_out: set[str]) -> None:
    """Let each branch of the intake stand at its newest push that was not taken out; one without any stays as it is."""
    newest = {record.branch: record.new for record in history if record.new not in taken_out}
    for branch, tip in store().branches(storage_name).items():
        wanted = newest.get(branch, tip)
        if wanted != tip:
            store().rewind(storage_name, branch, wanted)


@retried
def sync_recipe(storage_name: str, inspected: Mapping[str, Inspection] = inspection.NOTHING) -> SyncResult:
    """Record every push of the repository `storage_name` that the database does not have, in one transaction: a part of `settle`.

    Idempotent: a second call finds nothing to do. The caller holds the store's lock of this name. Lint is queued, once the
    transaction has been committed, for each new revision that stands at the tip of a branch, held ones included. What `inspected`
    does not have, or compared with what is not published any more, is inspected before the transaction.
    """
    history = store().push_history(storage_name)
    if not any(record.branch == MAIN_BRANCH for record in history):
        return SyncResult(recipe=None)
    inspected = inspection.inspect_pushed(storage_name, history, inspected)
    with transaction.atomic():
        recipe = Recipe.objects.select_for_update(no_key=True, of=("self",)).filter(storage_name=storage_name).first()
        if recipe is None:
            recipe = _create_recipe(storage_name, history)
        result = SyncResult(recipe=recipe, history=history)
        _record_revisions(recipe, history, inspected, result)
        _move_branches(recipe, history)
        project_current(recipe)
        tips = {record.new for record in {each.branch: each for each in history}.values()}
        for revision in result.new_revisions:
            if revision.commit in tips:
                jobs.enqueue(revision)
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
    held_for_its_name = gates.mode_of("name-likeness") in (Mode.ENFORCE, Mode.HOLD)
    if not held_for_its_name and (reasons := names.reasons_for_review(storage_name)):
        summary = f"{storage_name} {'; '.join(reasons)}"
        moderation_queue.open_entry(QueueEntry.Kind.NAME, recipe.pk, recipe=recipe, account=maintainer, summary=summary)
    return recipe


def _record_revisions(recipe: Recipe, history: list[PushRecord], inspected: Mapping[str, Inspection], result: SyncResult) -> None:
    """Write a Revision for each pushed commit that has none, and let the gates look at it."""
    known = set(recipe.revisions.values_list("commit", flat=True))
    missing = [record for record in history if record.new not in known]
    pushers = User.objects.in_bulk([record.username for record in missing], field_name="username") if missing else {}
    previous = {branch.name: branch.revision for branch in recipe.branches.select_related("revision")} if missing else {}
    for record in missing:
        if record.new in known:
            continue
        known.add(record.new)
        before = inspection.would_follow(record.branch, previous)
        revision = _record_one(recipe, record, pushers.get(record.username), before, inspected[record.new])
        if revision is None:
            result.unreadable.append(record.new)
            continue
        _log_rewrite(recipe, record, pushers.get(record.username))
        result.new_revisions.append(revision)
        if revision.review == Revision.Review.PUBLISHED:
            previous[record.branch] = revision


def _record_one(
    recipe: Recipe, record: PushRecord, pusher: User | None, before: Revision | None, found: Inspection
) -> Revision | None:
    """Write the revision of one push; return None where today's parser cannot read it. `before` is what it would follow."""
    repository = store().intake(recipe.storage_name)
    if found.inspected is None or found.inspected.parsed.metadata is None:
        errors = found.inspected.parsed.errors if found.inspected else ("it took too long",)
        logger.warning("%s: commit %s cannot be read: %s", recipe.name, record.new, "; ".join(map(str, errors)))
        return None
    parsed, metadata = found.inspected.parsed, found.inspected.parsed.metadata
    came_by = Provenance.decoded(record.came_by).signed(signature_of(repository, record.new))
    old = before.data if before else None
    pushed = gates.Pushed(
        recipe=recipe,
        pusher=pusher,
        pushed_at=record.pushed_at,
        metadata=metadata,
        old_metadata=old,
        provenance=came_by,
        old=before,
        comparison=found.inspected.comparisons.get(before.commit if before else ""),
    )
    # The gates count what is recorded: they are asked before this one is.
    examination = gates.examine(pushed) + lint_gates.of_pushed(pushed)
    revision = Revision.objects.create(
        recipe=recipe,
        commit=record.new,
        branch=record.branch,
        version=metadata.version,
        pushed_at=record.pushed_at,
        pusher=pusher,
        pusher_name=record.username,
        metadata=metadata.to_json(),
        findings=[finding.to_json() for finding in parsed.findings],
        came_by=came_by.to_json(),
    )
    holds.apply(revision, examination)
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
    if MAIN_BRANCH in newest:
        recipe.current = published[newest[MAIN_BRANCH].new]
        recipe.updated_at = newest[MAIN_BRANCH].pushed_at
    else:
        recipe.current = None
    recipe.save(update_fields=["current", "updated_at"])


def _tell(revision: Revision) -> None:
    """Tell followers and webhooks of a revision that users get from now on."""
    if revision.review == Revision.Review.PUBLISHED and timezone.now() - revision.pushed_at <= _NEWS_AGE:
        _tell_now(revision)


def _tell_now(revision: Revision) -> None:
    """Tell of a published revision, in the caller's transaction."""
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

    A rejected one leaves its branch in the intake too, and cannot be pushed again.
    """
    with acting(revision.recipe.storage_name):
        holds.decide(user, revision, release=release, decision=decision)
    if release:
        _announce(revision)


def approve(user: User, revision: Revision) -> bool:
    """Approve for the team what a token pushed to a recipe with staging; return whether it is current now.

    Raises PermissionDenied, Refused.
    """
    with acting(revision.recipe.storage_name):
        released = holds.approve(user, revision)
    if released:
        _announce(revision)
    return released


def release_due(now: datetime | None = None) -> int:
    """Publish the delayed revisions whose time has come and that nobody stopped; return how many. One recipe stops no other.

    In maintenance mode nothing moves; while the incident level is raised, only what a person releases.
    """
    moment = now or timezone.now()
    if switches.message_if_off(Switch.Name.WRITES) is not None or incident.level() is not Incident.NORMAL:
        return 0
    released = 0
    for revision in holds.due(moment):
        try:
            with acting(revision.recipe.storage_name):
                is_released = holds.release_due(revision, moment)
            if is_released:
                _announce(revision)
                released += 1
        except Exception:
            logger.exception("%s: a delayed revision could not be released; the next turn tries again", revision.recipe.name)
    return released


def release_confirmed(revision: Revision, witnesses: Iterable[str]) -> bool:
    """Publish a plain bump that waited for a witness of its files; return whether it is published now. Not under siege."""
    if switches.message_if_off(Switch.Name.WRITES) is not None or incident.level() is Incident.SIEGE:
        return False
    with acting(revision.recipe.storage_name):
        is_released = holds.release_confirmed(revision, witnesses)
    if is_released:
        _announce(revision)
    return is_released


def close_stale_reviews(now: datetime | None = None) -> int:
    """Close, with notice, the reviews that nobody has decided on for REVIEW_STALE_DAYS; return how many."""
    if switches.message_if_off(Switch.Name.WRITES) is not None:
        return 0
    closed = 0
    for revision in reviews.stale(now):
        with acting(revision.recipe.storage_name):
            closed += holds.close_stale(revision)
    return closed


def _announce(revision: Revision) -> None:
    """Tell followers and webhooks of a revision that waited, where users get it from now on."""
    with transaction.atomic():
        if SuiteBranch.objects.filter(revision=revision).exists():
            _tell_now(Revision.objects.select_related("recipe", "pusher").get(pk=revision.pk))
