"""Who hears of a recipe.

Who looks after it hears of it without asking: the maintainer and every co-maintainer, as long as they are that. Anyone else
hears of it who follows it; commenting or voting does not make one follow, unless one asks for it. `muted` are the kinds of
notification that an account does not want for one recipe, whichever way it came to hear of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from recipes_app.models import Follow, Notification, Recipe, User

from ..core.errors import Refused
from ..core.permissions import Action, require


def follow(user: User, recipe: Recipe) -> bool:
    """Let `user` hear of `recipe`; return whether that is new. What was muted stays muted. Raises PermissionDenied."""
    require(Action.FOLLOW, user, recipe)
    _row, created = Follow.objects.get_or_create(recipe=recipe, user=user)
    return created


def unfollow(user: User, recipe: Recipe) -> bool:
    """Stop following; return whether `user` did. Who looks after the recipe goes on hearing of it. Raises PermissionDenied."""
    require(Action.FOLLOW, user, recipe)
    deleted, _kinds = Follow.objects.filter(recipe=recipe, user=user).delete()
    return deleted > 0


def set_muted(user: User, recipe: Recipe, kinds: Iterable[str]) -> None:
    """Set the kinds that `user` does not want for `recipe`. Raises PermissionDenied, Refused where a kind is none."""
    require(Action.FOLLOW, user, recipe)
    wanted = sorted(set(kinds))
    for kind in wanted:
        if kind not in Notification.Kind.values:
            known = ", ".join(Notification.Kind.values)
            raise Refused(
                _("%(kind)r is no kind of notification: choose from %(known)s") % {"kind": kind, "known": known},
                field="muted",
                code="bad-kind",
            )
    Follow.objects.update_or_create(recipe=recipe, user=user, defaults={"muted": wanted})


@transaction.atomic
def mute(user: User, recipe: Recipe, kind: Notification.Kind) -> None:
    """Mute one kind more, on the word of an unsubscribe link: its signature stands for the permission."""
    Follow.objects.get_or_create(recipe=recipe, user=user)
    row = Follow.objects.select_for_update(no_key=True).get(recipe=recipe, user=user)
    row.muted = sorted({*row.muted, kind.value})
    row.save(update_fields=["muted"])


def muted_kinds(user: User, recipe: Recipe) -> list[str] | None:
    """Return the kinds that `user` muted for `recipe`, or None where it does not follow it."""
    return Follow.objects.filter(recipe=recipe, user=user).values_list("muted", flat=True).first()


def audience(recipe: Recipe, kind: Notification.Kind) -> list[User]:
    """Return the accounts that hear of `kind` on `recipe`: followers and who looks after it, but for those who muted it.

    Two queries, however many they are.
    """
    rows = list(Follow.objects.filter(recipe=recipe).values_list("user_id", "muted"))
    silent = {user_id for user_id, muted in rows if kind.value in muted}
    wanted = [user_id for user_id, _muted in rows if user_id not in silent]
    people = User.objects.filter(
        Q(pk__in=wanted) | Q(maintained_recipes=recipe) | Q(co_maintained__recipe=recipe), is_active=True
    ).exclude(pk__in=silent)
    return list(people.distinct().order_by("pk"))


def team(recipe: Recipe) -> list[User]:
    """Return the accounts that look after `recipe`, whatever they muted: they have to hear of what is in their hands."""
    people = User.objects.filter(Q(maintained_recipes=recipe) | Q(co_maintained__recipe=recipe), is_active=True)
    return list(people.distinct().order_by("pk"))
