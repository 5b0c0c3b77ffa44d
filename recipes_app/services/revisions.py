"""What moderators do to a single revision after it was published: take it out, and bring it back. Nothing is lost by either."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from ..models import Recipe, Revision, User
from ..repos.store import store
from . import audit, publish, quarantine
from .audit import EventKind
from .errors import Refused
from .ownership import lock
from .permissions import Action, require


def take_out(user: User, revision: Revision, reason: str) -> None:
    """Quarantine `revision`: its branch goes back, in git too, to the newest published one before it.

    A recipe without another published revision on `main` is quarantined as a whole. Raises PermissionDenied, Refused.
    """
    recipe = revision.recipe
    require(Action.QUARANTINE, user, recipe)
    _check_reason(reason)
    with store().lock(recipe.storage_name):
        with transaction.atomic():
            locked, fresh = lock(recipe), Revision.objects.get(pk=revision.pk)
            if fresh.review == Revision.Review.QUARANTINED:
                raise Refused(_("this revision is quarantined already"), code="already")
            if fresh.review == Revision.Review.HELD:
                raise Refused(_("this revision waits for its review: reject it in the queue"), code="held")
            _write(fresh, Revision.Review.QUARANTINED, EventKind.REVISION_QUARANTINED, user, reason)
            quarantine_without_revisions(locked, user, reason)
        publish.rewind_branches(recipe, user)


def bring_back(user: User, revision: Revision, reason: str) -> None:
    """Publish a quarantined `revision` again. It is current again where nothing newer was published on its branch.

    A quarantine of the whole recipe is ended by itself (`quarantine.release`). Raises PermissionDenied, Refused.
    """
    recipe = revision.recipe
    require(Action.QUARANTINE, user, recipe)
    _check_reason(reason)
    with store().lock(recipe.storage_name):
        with transaction.atomic():
            lock(recipe)
            fresh = Revision.objects.get(pk=revision.pk)
            if fresh.review != Revision.Review.QUARANTINED:
                raise Refused(_("this revision is not quarantined"), code="not-quarantined")
            _write(fresh, Revision.Review.PUBLISHED, EventKind.REVISION_RELEASED, user, reason)
        publish.advance_branch(fresh, user)


def quarantine_without_revisions(recipe: Recipe, actor: User, reason: str) -> bool:
    """Quarantine the locked `recipe` if `main` has no published revision left; return whether it has none.

    Its branch has nowhere to go back to: git would go on to hand out what was taken out.
    """
    if recipe.revisions.filter(branch=publish.MAIN, review=Revision.Review.PUBLISHED).exists():
        return False
    if recipe.quarantined_at is None:
        quarantine.quarantine_locked(recipe, actor, reason)
    return True


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(_("give a reason: it stands in the log"), field="reason", code="blank")


def _write(revision: Revision, review: Revision.Review, kind: EventKind, user: User, reason: str) -> None:
    revision.review = review
    revision.save(update_fields=["review"])
    facts = {"commit": revision.commit, "version": revision.version, "reason": reason.strip()}
    audit.record(kind, user, recipe=revision.recipe, account=revision.pusher, public=facts)
