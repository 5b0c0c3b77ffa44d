"""Names of recipes: whose they are, which are free, which are refused, and which a moderator looks at first."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from recipes_app.formats.names import is_package_name
from recipes_app.limits import MAX_LIKE_NAMES
from recipes_app.models import NameRedirect, NameRule, Recipe

from ..core.errors import Refused
from .archive_names import archive_names
from .likeness import How, Like, NameIndex

_WORDS = {
    How.AFFIX: "is {name} of {place} but for what stands before or behind it",
    How.LOOKS: "looks like {name} of {place}",
    How.SLIP: "differs from {name} of {place} in one letter",
}


class RecipeMoved(Exception):
    """A recipe was called `old_name` before it was renamed or merged; it is called `new_name` now."""

    def __init__(self, old_name: str, new_name: str) -> None:
        super().__init__(f"{old_name!r} is called {new_name!r} now, or was merged into it: ask there")
        self.old_name = old_name
        self.new_name = new_name


def living(name: str, rows: QuerySet[Recipe] | None = None) -> Recipe:
    """Return the living recipe called `name`, as `rows` read it. One query where there is one.

    Raises RecipeMoved where a recipe was called so before, Recipe.DoesNotExist where none was.
    """
    columns = Recipe.objects.select_related("current", "maintainer") if rows is None else rows
    if "\0" in name:
        # PostgreSQL takes no such text, not even to find nothing.
        raise Recipe.DoesNotExist
    try:
        return columns.get(name=name, deleted_at=None)
    except Recipe.DoesNotExist:
        redirects = NameRedirect.objects.filter(name=name, recipe__deleted_at=None)
        if new_name := redirects.values_list("recipe__name", flat=True).first():
            raise RecipeMoved(name, new_name) from None
        raise


def resolve(name: str, rows: QuerySet[Recipe] | None = None) -> Recipe:
    """Return the living recipe called `name`, now or formerly, for those who cannot be led on. Raises Recipe.DoesNotExist."""
    try:
        return living(name, rows)
    except RecipeMoved as moved:
        return living(moved.new_name, rows)


def check_new_name(name: str) -> None:
    """Raise Refused, saying why, unless a recipe may be called `name`."""
    if not is_package_name(name):
        raise Refused(
            _("%(name)r is no name of a source package: two or more of a-z, 0-9, '+', '-' and '.' (Debian Policy 5.6.1)")
            % {"name": name},
            field="name", code="bad-name",
        )  # fmt: skip
    for rule in NameRule.objects.filter(effect=NameRule.Effect.REFUSE):
        if fnmatchcase(name, rule.pattern):
            raise Refused(
                _("the name %(name)r is not taken here (%(pattern)s): %(reason)s")
                % {"name": name, "pattern": rule.pattern, "reason": rule.reason},
                field="name",
                code="name-rule",
            )
    if Recipe.objects.filter(name=name).exists():
        raise Refused(
            _("%(name)r is taken, or was deleted by a moderator: choose another name") % {"name": name},
            field="name",
            code="taken",
        )
    redirect = NameRedirect.objects.select_related("recipe").filter(name=name).first()
    if redirect is not None:
        raise Refused(
            _("%(name)r leads to %(recipe)s: choose another name") % {"name": name, "recipe": redirect.recipe.name},
            field="name",
            code="redirects",
        )
    if Recipe.objects.filter(storage_name=name).exists():
        raise Refused(
            _("%(name)r was the first name of another recipe: choose another name") % {"name": name}, field="name", code="taken"
        )


def reasons_for_review(name: str) -> list[str]:
    """Return why a moderator should look at the new name `name`: rules it fits, and well-known names it resembles."""
    rules = NameRule.objects.filter(effect=NameRule.Effect.REVIEW)
    return [f"fits {rule.pattern}: {rule.reason}" for rule in rules if fnmatchcase(name, rule.pattern)] + likeness(name)


def likeness(name: str) -> list[str]:
    """Return what a new name may be taken for, in words: names of this portal, and of packages of Debian's own.

    To be asked before the first revision is published. The name of a Debian package itself is said as such: packaging another
    version of it is what a portal like this is for, and its users should be told.
    """
    archive = archive_names()
    reasons = []
    if name in archive.names:
        kind = "a binary package" if name in archive.binaries else "a source package"
        reasons.append(f"is the name of {kind} in Debian: this is another packaging of it, or something else of that name")
    reasons += _in_words(archive.like(name), "Debian")
    found = [like for like in _here.like(name) if like.how is not How.SAME]
    there = set(Recipe.objects.filter(name__in=[like.name for like in found], deleted_at=None).values_list("name", flat=True))
    return reasons + _in_words((like for like in found if like.name in there), "this portal")


def _in_words(found: Iterable[Like], place: str) -> list[str]:
    """Return a reason for each way of being like others, with the first names."""
    names: dict[How, list[str]] = {}
    for like in found:
        if like.how is not How.SAME:
            names.setdefault(like.how, []).append(like.name)
    return [_WORDS[how].format(name=_listed(each), place=place) for how, each in names.items()]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_LIKE_NAMES} more" if len(names) > MAX_LIKE_NAMES else ""
    return ", ".join(names[:MAX_LIKE_NAMES]) + more


@dataclass
class _HereNames:
    """Names of this portal's recipes, former ones among them, as they were read; what came since is read at each question.

    The newest _AGAIN are read every time: rows appear out of the order of their keys, and a key is used again after a roll-back.
    """

    index: NameIndex = field(default_factory=NameIndex)
    last_recipe: int = 0
    last_redirect: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def like(self, name: str) -> list[Like]:
        """Return the names that `name` may be taken for."""
        recipes = list(Recipe.objects.filter(pk__gt=self.last_recipe - _AGAIN).values_list("pk", "name", "storage_name"))
        # A new name of an old recipe leaves a redirect from the one before.
        renamed = list(NameRedirect.objects.filter(pk__gt=self.last_redirect - _AGAIN).values_list("pk", "recipe__name"))
        with self.lock:
            self.index.add(each for _, *names in recipes for each in names)
            self.index.add(each for _, each in renamed)
            self.last_recipe = max([self.last_recipe, *(pk for pk, *_ in recipes)])
            self.last_redirect = max([self.last_redirect, *(pk for pk, _ in renamed)])
            return self.index.like(name)


_AGAIN = 1_000
_here = _HereNames()
