"""The ends and the names of recipes: delete, restore, merge, rename; and where an old name leads.

Nothing is ever removed from disk here: a deleted recipe leaves every list, keeps its name, and a moderator can bring it back.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.models import Comment, Follow, NameRedirect, Notification, QueueEntry, Recipe, User, Vote
from recipes_app.search.index import index_recipe, remove_recipe

from ..audit import audit, events
from ..audit.audit import EventKind
from ..catalogue import names, votes
from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require
from ..ownership.ownership import lock
from ..publishing import publish


def delete(user: User, recipe: Recipe, reason: str) -> None:
    """Take `recipe` out of the catalogue. Raises PermissionDenied, Refused."""
    require(Action.DELETE, user, recipe)
    words = texts.checked(reason, "reason")
    with transaction.atomic():
        delete_locked(lock(recipe), user, words)


def delete_locked(recipe: Recipe, actor: User | None, reason: str) -> None:
    """Delete the locked `recipe`: hidden everywhere, its name kept, its maintainer kept for a restoration."""
    recipe.deleted_at = timezone.now()
    recipe.save(update_fields=["deleted_at"])
    publish.settle_later(recipe)
    remove_recipe(recipe)
    events.publish(events.Happened(
        EventKind.RECIPE_DELETED, actor, recipe=recipe, account=recipe.maintainer, public={"reason": reason},
        ends=(QueueEntry.Kind.NAME, recipe.pk),
        told=events.Told(Notification.Kind.OWNERSHIP, lambda: _("%(recipe)s was deleted.") % {"recipe": recipe.name}, "/log/"),
    ))  # fmt: skip


def restore(user: User, recipe: Recipe) -> None:
    """Bring a deleted or merged recipe back to who maintained it; nobody gains it by restoring it (a fault of the AUR).

    Raises PermissionDenied, Refused where it is not deleted.
    """
    require(Action.DELETE, user, recipe)
    with transaction.atomic():
        locked = lock(recipe)
        if locked.deleted_at is None:
            raise Refused(_("%(recipe)s is not deleted") % {"recipe": recipe.name}, code="not-deleted")
        locked.deleted_at = None
        locked.save(update_fields=["deleted_at"])
        publish.settle_later(locked)
        NameRedirect.objects.filter(name=locked.name).delete()
        if locked.current is not None:
            index_recipe(locked, locked.current.data)
        audit.record(EventKind.RECIPE_RESTORED, user, recipe=locked, account=locked.maintainer)


def deleted_recipe(name: str) -> Recipe:
    """Return the deleted (or merged) recipe of this name. Raises Refused where none was deleted."""
    recipe = Recipe.objects.filter(name=name, deleted_at__isnull=False).first()
    if recipe is None:
        raise Refused(_("there is no deleted recipe %(name)r") % {"name": name[:80]}, field="name", code="not-deleted")
    return recipe


def merge_locked(source: Recipe, target: Recipe, actor: User | None) -> None:
    """Move votes, comments and followers of the locked `source` to `target`, delete `source`, and let its name lead on."""
    target = lock(target)
    Vote.objects.filter(recipe=source).exclude(user__in=Vote.objects.filter(recipe=target).values("user")).update(recipe=target)
    Vote.objects.filter(recipe=source).delete()
    votes.refresh(target)
    votes.refresh(source)
    Comment.objects.filter(recipe=source).update(recipe=target)
    Follow.objects.filter(recipe=source).exclude(user__in=Follow.objects.filter(recipe=target).values("user")).update(
        recipe=target
    )
    NameRedirect.objects.filter(recipe=source).update(recipe=target)
    NameRedirect.objects.update_or_create(name=source.name, defaults={"recipe": target})
    audit.record(EventKind.RECIPE_MERGED, actor, recipe=source, public={"into": target.name})
    delete_locked(source, actor, f"merged into {target.name}")


def rename(user: User, recipe: Recipe, new_name: str) -> None:
    """Give `recipe` another name; the old one leads on. The repository stays where it lies.

    The next push must carry the new name as `Source` of debian/control. Raises PermissionDenied, Refused.
    """
    require(Action.RENAME, user, recipe)
    names.check_new_name(new_name)
    with transaction.atomic():
        locked = lock(recipe)
        old_name = locked.name
        locked.name = new_name
        locked.save(update_fields=["name"])
        NameRedirect.objects.update_or_create(name=old_name, defaults={"recipe": locked})
        if locked.current is not None:
            index_recipe(locked, locked.current.data)
        values = {"old": old_name, "new": new_name}
        events.publish(events.Happened(
            EventKind.RECIPE_RENAMED, user, recipe=locked, public={"from": old_name, "to": new_name},
            told=events.Told(
                Notification.Kind.OWNERSHIP, lambda: _("%(old)s is called %(new)s now.") % values, locked.get_absolute_url(),
            ),
        ))  # fmt: skip
