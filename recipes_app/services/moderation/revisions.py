"""What moderators do to a single revision: take it out, bring it back, and remove one for good that leaked a secret."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import Hold, Notification, Recipe, Revision, User
from recipes_app.repos.push_rules import MAIN_BRANCH
from recipes_app.repos.store import store

from ..audit import audit
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..notifications import notify
from ..ownership.ownership import lock
from ..publishing import publish
from . import quarantine


def take_out(user: User, revision: Revision, reason: str) -> None:
    """Quarantine `revision`: its branch goes back, in git too, to the newest published one before it.

    A recipe without another published revision on `main` is quarantined as a whole. Raises PermissionDenied, Refused.
    """
    recipe = revision.recipe
    require(Action.QUARANTINE, user, recipe)
    reason = _checked_reason(reason)
    with publish.acting(recipe.storage_name), transaction.atomic():
        locked, fresh = lock(recipe), Revision.objects.get(pk=revision.pk)
        if fresh.review == Revision.Review.QUARANTINED:
            raise Refused(_("this revision is quarantined already"), code="already")
        if fresh.review == Revision.Review.HELD:
            raise Refused(_("this revision waits for its review: reject it in the queue"), code="held")
        take_out_locked(locked, fresh, user, reason)


def take_out_locked(recipe: Recipe, revision: Revision, actor: User | None, reason: str) -> None:
    """Quarantine a `revision` of the locked `recipe`, and tell those who follow it: they may have built it.

    Without an actor, a rule did it. The caller acts inside of `publish.acting`, which moves the branches.
    """
    _write(revision, Revision.Review.QUARANTINED, EventKind.REVISION_QUARANTINED, actor, reason)
    values = {"version": revision.version, "recipe": recipe.name, "reason": reason}

    def text() -> str:
        return _("Revision %(version)s of %(recipe)s was taken out; do not use what was built from it. %(reason)s") % values

    notify.notify_followers(Notification.Kind.MODERATION, recipe, actor=actor, url=revision.get_absolute_url(), text=text)
    quarantine_without_revisions(recipe, actor, reason)


def bring_back(user: User, revision: Revision, reason: str) -> None:
    """Publish a quarantined `revision` again. It is current again where nothing newer was published on its branch.

    A quarantine of the whole recipe is ended by itself (`quarantine.release`). Raises PermissionDenied, Refused.
    """
    recipe = revision.recipe
    require(Action.QUARANTINE, user, recipe)
    reason = _checked_reason(reason)
    with publish.acting(recipe.storage_name), transaction.atomic():
        lock(recipe)
        fresh = Revision.objects.get(pk=revision.pk)
        if fresh.review != Revision.Review.QUARANTINED:
            raise Refused(_("this revision is not quarantined"), code="not-quarantined")
        if fresh.purged_at is not None:
            raise Refused(_("this revision was removed for good: nothing is left to be released"), code="purged")
        _write(fresh, Revision.Review.PUBLISHED, EventKind.REVISION_RELEASED, user, reason)


def purge(user: User, revision: Revision, reason: str) -> list[str]:
    """Remove what a rejected or quarantined `revision` brought, for good; return the commits that are gone.

    For a secret or personal data that got in. Revisions that were pushed upon it go with it, as they have it in their history; so
    none of them may be published or wait for its review. What the log says of it stays, with its commit and version; git, its
    metadata and its lint reports forget it, and it cannot be pushed again. Raises PermissionDenied, Refused.
    """
    recipe = revision.recipe
    require(Action.PURGE, user, recipe)
    reason = _checked_reason(reason)
    with publish.acting(recipe.storage_name), transaction.atomic():
        lock(recipe)
        doomed = _with_what_builds_on_it(revision)
        for each in doomed:
            _forget(each)
            facts = {"commit": each.commit, "version": each.version, "reason": reason}
            audit.record(EventKind.REVISION_PURGED, user, recipe=recipe, account=each.pusher, public=facts)
    return [each.commit for each in doomed]


def _with_what_builds_on_it(revision: Revision) -> list[Revision]:
    """Return `revision` and those that have it in their history. Raises Refused where one of them is not taken out."""
    recipe = revision.recipe
    others = {each.commit: each for each in recipe.revisions.filter(purged_at=None)}
    if revision.commit not in others:
        raise Refused(_("this revision was removed for good already"), code="already")
    descendants = store().descendants(recipe.storage_name, revision.commit, others)
    found = [others[commit] for commit in (revision.commit, *descendants)]
    for each in found:
        if each.review != Revision.Review.QUARANTINED:
            values = {"version": each.version, "commit": each.commit[:12]}
            message = _("%(version)s (%(commit)s) has it and is not taken out: reject or quarantine that revision first")
            raise Refused(message % values, code="in-history")
    return found


def _forget(revision: Revision) -> None:
    revision.purged_at = timezone.now()
    revision.metadata, revision.findings = {}, []
    revision.save(update_fields=["purged_at", "metadata", "findings"])
    revision.lint_jobs.all().delete()
    Hold.objects.filter(revision=revision).update(reasons=[], observed=[])


def quarantine_without_revisions(recipe: Recipe, actor: User | None, reason: str) -> bool:
    """Quarantine the locked `recipe` if `main` has no published revision left; return whether it has none.

    Nothing of it is left to be handed out, and its page has to say why.
    """
    if recipe.revisions.filter(branch=MAIN_BRANCH, review=Revision.Review.PUBLISHED).exists():
        return False
    if recipe.quarantined_at is None:
        quarantine.quarantine_locked(recipe, actor, reason)
    return True


def _checked_reason(reason: str) -> str:
    return texts.checked(reason, "reason", blank=_("give a reason: it stands in the log"))


def _write(revision: Revision, review: Revision.Review, kind: EventKind, user: User | None, reason: str) -> None:
    revision.review = review
    revision.save(update_fields=["review"])
    facts = {"commit": revision.commit, "version": revision.version, "reason": reason}
    audit.record(kind, user, recipe=revision.recipe, account=revision.pusher, public=facts)
