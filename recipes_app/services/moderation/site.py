"""What moderators set for the whole site: switches, and rules about names."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from recipes_app.limits import MAX_NAME_LENGTH
from recipes_app.models import NameRule, QueueEntry, Recipe, Switch, User

from ..audit import audit, moderation_queue
from ..audit.audit import EventKind
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require

_WORDS = 300


def turn(user: User, name: Switch.Name, *, off: bool, message: str = "") -> Switch:
    """Turn a switch; `message` is what people read while it is off. Raises PermissionDenied, Refused."""
    require(Action.SWITCH, user)
    words = texts.checked(message, "message", most=_WORDS)
    with transaction.atomic():
        switch, _created = Switch.objects.update_or_create(
            name=name, defaults={"off": off, "message": words, "changed_by_name": user.username}
        )
        facts = {"switch": name.value, "off": off, "message": switch.message}
        audit.record(EventKind.SWITCH_TURNED, user, public=facts)
    return switch


def switches() -> list[Switch]:
    """Return every switch, those that were never turned too."""
    known = Switch.objects.in_bulk()
    return [known.get(name.value) or Switch(name=name, off=False) for name in Switch.Name]


def add_name_rule(user: User, pattern: str, effect: NameRule.Effect, reason: str) -> NameRule:
    """Add a rule for new names; `pattern` is shell-style (`linux-image-*`). Raises PermissionDenied, Refused."""
    require(Action.NAME_RULES, user)
    wanted = pattern.strip().lower()
    if not wanted or len(wanted) > MAX_NAME_LENGTH or not set(wanted) - set("*?"):
        raise Refused(_("a pattern is a name with * and ? in it; it cannot fit every name"), field="pattern", code="bad-pattern")
    words = texts.checked(reason, "reason", blank=_("give a reason: who is refused reads it"), most=_WORDS)
    with transaction.atomic():
        rule, created = NameRule.objects.get_or_create(
            pattern=wanted, defaults={"effect": effect, "reason": words, "created_by_name": user.username}
        )
        if not created:
            raise Refused(
                _("there is a rule for %(pattern)r already: remove it first") % {"pattern": wanted},
                field="pattern",
                code="already",
            )
        facts = {"pattern": wanted, "effect": effect.value, "reason": rule.reason}
        audit.record(EventKind.NAME_RULE_CHANGED, user, public=facts)
    return rule


def remove_name_rule(user: User, rule: NameRule) -> None:
    """Remove a rule for new names. Raises PermissionDenied."""
    require(Action.NAME_RULES, user)
    with transaction.atomic():
        audit.record(EventKind.NAME_RULE_CHANGED, user, public={"pattern": rule.pattern, "effect": "removed"})
        rule.delete()


def accept_name(user: User, recipe: Recipe) -> None:
    """Take a new name that waited for a moderator's look out of the queue. Raises PermissionDenied."""
    require(Action.NAME_RULES, user)
    with transaction.atomic():
        moderation_queue.close_entry(QueueEntry.Kind.NAME, recipe.pk)
