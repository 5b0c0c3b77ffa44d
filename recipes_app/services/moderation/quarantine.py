"""Quarantine: a recipe stays visible with a banner, is not cloned, and is released as easily as it was taken."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import Notification, Recipe, User

from ..audit import events
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..ownership.ownership import lock
from ..publishing import publish


def quarantine(user: User, recipe: Recipe, reason: str) -> None:
    """Quarantine `recipe`. Raises PermissionDenied, Refused where it is or where no reason is given."""
    require(Action.QUARANTINE, user, recipe)
    words = texts.checked(reason, "reason", blank=_("give a reason: it stands in the banner and in the log"))
    with transaction.atomic():
        locked = lock(recipe)
        if locked.quarantined_at is not None:
            raise Refused(_("%(recipe)s is quarantined already") % {"recipe": recipe.name}, code="already")
        quarantine_locked(locked, user, words)


def quarantine_locked(recipe: Recipe, actor: User | None, reason: str) -> None:
    """Quarantine the locked `recipe`; without an actor, a rule did it."""
    recipe.quarantined_at = timezone.now()
    recipe.quarantine_reason = reason
    recipe.save(update_fields=["quarantined_at", "quarantine_reason"])
    publish.settle_later(recipe)
    values = {"recipe": recipe.name, "reason": reason}
    events.publish(events.Happened(
        EventKind.RECIPE_QUARANTINED, actor, recipe=recipe, account=recipe.maintainer, public={"reason": reason},
        told=events.Told(
            Notification.Kind.MODERATION, lambda: _("%(recipe)s is quarantined: %(reason)s") % values, recipe.get_absolute_url(),
        ),
    ))  # fmt: skip


def release(user: User, recipe: Recipe, reason: str) -> None:
    """End the quarantine of `recipe`. Raises PermissionDenied, Refused where it is not quarantined."""
    require(Action.QUARANTINE, user, recipe)
    words = texts.checked(reason, "reason")
    with transaction.atomic():
        locked = lock(recipe)
        if locked.quarantined_at is None:
            raise Refused(_("%(recipe)s is not quarantined") % {"recipe": recipe.name}, code="not-quarantined")
        locked.quarantined_at = None
        locked.quarantine_reason = ""
        locked.save(update_fields=["quarantined_at", "quarantine_reason"])
        publish.settle_later(locked)
        events.publish(events.Happened(
            EventKind.RECIPE_RELEASED, user, recipe=locked, account=locked.maintainer, public={"reason": words},
            told=events.Told(
                Notification.Kind.MODERATION, lambda: _("%(recipe)s is released from quarantine.") % {"recipe": recipe.name},
                recipe.get_absolute_url(),
            ),
        ))  # fmt: skip
