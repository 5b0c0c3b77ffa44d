"""Names of recipes: which are free, which are refused, and which a moderator looks at first."""

from __future__ import annotations

import difflib
from fnmatch import fnmatchcase

from django.utils.translation import gettext as _

from ..formats.names import is_package_name
from ..models import NameRedirect, NameRule, Recipe
from .errors import Refused

# How alike two names must be (0 to 1) that a person may take one for the other.
_ALIKE = 0.88


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
    reasons = [f"fits {rule.pattern}: {rule.reason}" for rule in rules if fnmatchcase(name, rule.pattern)]
    known = (
        Recipe.objects.filter(deleted_at=None).exclude(name=name).order_by("-vote_weight", "-id").values_list("name", flat=True)
    )
    alike = difflib.get_close_matches(name, list(known[:1000]), n=3, cutoff=_ALIKE)
    return reasons + [f"is much like {each}" for each in alike]
