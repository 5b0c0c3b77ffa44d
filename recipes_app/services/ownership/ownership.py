"""Who looks after a recipe: disown, leave, order of succession, keywords; and the one function that changes the owner.

Invitations stand in `invitations`, requests (adoption among them) in `requests`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import CoMaintainer, CoRole, Invitation, Notification, Recipe, User
from recipes_app.search.index import index_recipe

from ..audit import audit, events
from ..audit.audit import EventKind
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..core.retrying import retried
from ..notifications import notify

MAX_KEYWORDS = 20
_KEYWORD = re.compile(r"[a-z0-9][a-z0-9.+-]{0,39}")


def lock(recipe: Recipe) -> Recipe:
    """Return the row of `recipe`, fresh and locked until the caller's transaction ends: owners change one after the other."""
    return Recipe.objects.select_for_update(no_key=True, of=("self",)).select_related("maintainer", "current").get(pk=recipe.pk)


def hand_over(recipe: Recipe, owner: User | None, kind: EventKind, actor: User | None, *, adopted: bool = False) -> None:
    """Make `owner` (None: nobody) the maintainer of the locked `recipe`, log it, and tell those who follow it.

    The only place that writes `maintainer`. `adopted` starts the time in which the new owner's revisions are held for review.
    """
    now = timezone.now()
    previous = recipe.maintainer
    recipe.previous_maintainer_name = previous.username if previous else recipe.previous_maintainer_name
    recipe.maintainer = owner
    recipe.maintainer_since = now if owner else None
    recipe.ownership_changed_at = now
    recipe.adopted_at = now if adopted else None
    recipe.save(
        update_fields=["maintainer", "maintainer_since", "ownership_changed_at", "adopted_at", "previous_maintainer_name"]
    )
    if owner is not None:
        CoMaintainer.objects.filter(recipe=recipe, user=owner).delete()
        Invitation.objects.filter(recipe=recipe, user=owner).delete()
    # What the previous owner offered to give away is no longer his to give.
    Invitation.objects.filter(recipe=recipe, role=Invitation.TRANSFER).delete()
    facts = {"from": previous.username if previous else None, "to": owner.username if owner else None}
    audit.record(kind, actor, recipe=recipe, account=owner, public=facts)

    def text() -> str:
        if owner is None:
            return _("%(recipe)s has no maintainer any more.") % {"recipe": recipe.name}
        return _("%(recipe)s is now maintained by %(owner)s.") % {"recipe": recipe.name, "owner": owner.username}

    url = recipe.get_absolute_url()
    # Who loses a recipe by another's act hears of it even if he does not follow it.
    told = [previous] if previous is not None and previous != actor else []
    notify.notify(Notification.Kind.OWNERSHIP, told, recipe=recipe, actor=actor, text=text, url=url)
    notify.notify_followers(Notification.Kind.OWNERSHIP, recipe, actor=actor, text=text, url=url, besides=told)


@retried
def disown(user: User, recipe: Recipe) -> User | None:
    """Give up `recipe`; return the co-maintainer it passed to, or None where it is an orphan now.

    The first in the order of succession follows. A triager is passed over: he was never trusted with a push.
    Raises PermissionDenied, and Refused where the recipe is an orphan already.
    """
    require(Action.DISOWN, user, recipe)
    with transaction.atomic():
        recipe = lock(recipe)
        if recipe.maintainer is None:
            raise Refused(
                _("%(recipe)s has no maintainer: there is nobody to take away") % {"recipe": recipe.name}, code="orphan"
            )
        return pass_on(recipe, user, EventKind.OWNER_DISOWNED)


def pass_on(recipe: Recipe, actor: User | None, kind: EventKind) -> User | None:
    """Take the maintainer away from the locked `recipe` and let the first in succession follow; return who follows."""
    follower = next_in_line(recipe)
    if follower is None:
        hand_over(recipe, None, kind, actor)
        return None
    audit.record(kind, actor, recipe=recipe, account=recipe.maintainer)
    hand_over(recipe, follower, EventKind.OWNER_PROMOTED, actor)
    return follower


def next_in_line(recipe: Recipe) -> User | None:
    """Return who maintains `recipe` when its maintainer goes: the first co-maintainer who may push; None where there is none."""
    members = recipe.co_maintainers.exclude(role=CoRole.TRIAGE).filter(user__is_active=True, user__frozen_at=None)
    first = members.select_related("user").order_by("position", "id").first()
    return first.user if first else None


@retried
def leave(user: User, recipe: Recipe) -> None:
    """Stop co-maintaining `recipe`. Raises Refused where `user` is no co-maintainer."""
    require(Action.READ, user, recipe)
    with transaction.atomic():
        deleted, _rows = CoMaintainer.objects.filter(recipe=lock(recipe), user=user).delete()
        if not deleted:
            raise Refused(_("you do not co-maintain %(recipe)s") % {"recipe": recipe.name}, code="no-co-maintainer")
        audit.record(EventKind.CO_MAINTAINER_LEFT, user, recipe=recipe, account=user)


@retried
def remove_co_maintainer(user: User, recipe: Recipe, member: User) -> None:
    """Take `member` out of the team of `recipe`. Raises PermissionDenied, Refused where he is not in it."""
    require(Action.REMOVE_CO_MAINTAINER, user, recipe)
    with transaction.atomic():
        deleted, _rows = CoMaintainer.objects.filter(recipe=lock(recipe), user=member).delete()
        if not deleted:
            raise Refused(
                _("%(member)s does not co-maintain %(recipe)s") % {"member": member.username, "recipe": recipe.name},
                field="username",
                code="no-co-maintainer",
            )
        events.publish(events.Happened(
            EventKind.CO_MAINTAINER_LEFT, user, recipe=recipe, account=member,
            told=events.Told(
                Notification.Kind.OWNERSHIP, lambda: _("You do not co-maintain %(recipe)s any more.") % {"recipe": recipe.name},
                recipe.get_absolute_url(), [member],
            ),
        ))  # fmt: skip


@retried
def order_succession(user: User, recipe: Recipe, usernames: Sequence[str]) -> None:
    """Put the co-maintainers of `recipe` in the order of `usernames`; those who are not named stand behind, as they stood.

    Raises PermissionDenied, Refused where a name is no co-maintainer.
    """
    require(Action.INVITE, user, recipe)
    with transaction.atomic():
        members = {member.user.username: member for member in lock(recipe).co_maintainers.select_related("user")}
        for username in usernames:
            if username not in members:
                raise Refused(
                    _("%(username)s does not co-maintain %(recipe)s") % {"username": username, "recipe": recipe.name},
                    field="usernames",
                    code="no-co-maintainer",
                )
        named = list(dict.fromkeys(usernames))
        order = named + [username for username in members if username not in set(named)]
        for position, username in enumerate(order):
            members[username].position = position
        CoMaintainer.objects.bulk_update(members.values(), ["position"])


@retried
def set_keywords(user: User, recipe: Recipe, keywords: Sequence[str]) -> list[str]:
    """Set the keywords of `recipe` that stand beside those of debian/dur; return them as stored.

    Raises PermissionDenied, Refused with the keyword that is none.
    """
    require(Action.SET_KEYWORDS, user, recipe)
    wanted = list(dict.fromkeys(keyword.strip().lower() for keyword in keywords if keyword.strip()))
    for keyword in wanted:
        if not _KEYWORD.fullmatch(keyword):
            raise Refused(
                _("%(keyword)r is no keyword: use up to 40 letters, digits, '.', '+' or '-'") % {"keyword": keyword},
                field="keywords",
                code="bad-keyword",
            )
    if len(wanted) > MAX_KEYWORDS:
        raise Refused(
            _("a recipe has at most %(most)s keywords; these are %(length)s") % {"most": MAX_KEYWORDS, "length": len(wanted)},
            field="keywords",
            code="too-many",
        )
    with transaction.atomic():
        locked = lock(recipe)
        locked.extra_keywords = wanted
        locked.save(update_fields=["extra_keywords"])
        if locked.current is not None:
            index_recipe(locked, locked.current.data)
    return wanted
