"""Who stopped a recipe or a revision, when and why: what the red box on its page says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from recipes_app.limits import EVENTS_SHOWN
from recipes_app.models import Event, NameRedirect, Recipe, Revision

from ..core.event_kinds import EventKind

_OF_REVISIONS = (EventKind.REVISION_QUARANTINED.value, EventKind.REVISION_ROLLED_BACK.value)


@dataclass(frozen=True)
class Stop:
    """One quarantine. `actor` is empty where a rule of the site did it; `packages` are what one may have installed."""

    actor: str
    at: datetime | None
    reason: str
    packages: tuple[str, ...]
    is_whole_recipe: bool


def stop_of(recipe: Recipe, revision: Revision | None) -> Stop | None:
    """Return what stopped `recipe`, or else `revision` of it; None where nothing did. No query then, else one."""
    packages = tuple(binary.name for binary in revision.data.binaries) if revision is not None else ()
    if recipe.quarantined_at is not None:
        line = _lines(recipe, (EventKind.RECIPE_QUARANTINED.value,)).first()
        return Stop(line.actor_name if line else "", recipe.quarantined_at, recipe.quarantine_reason, packages, True)
    if revision is None or revision.review != Revision.Review.QUARANTINED:
        return None
    for line in _lines(recipe, _OF_REVISIONS)[:EVENTS_SHOWN]:
        if revision.commit in (line.public.get("commit"), *line.public.get("commits", ())):
            return Stop(line.actor_name, line.at, str(line.public.get("reason", "")), packages, False)
    return Stop("", None, "", packages, False)


def _lines(recipe: Recipe, kinds: tuple[str, ...]) -> QuerySet[Event]:
    former = NameRedirect.objects.filter(recipe=recipe).values("name")
    about = Q(recipe_name=recipe.name) | Q(recipe_name__in=former)
    return Event.objects.filter(about, kind__in=kinds).order_by("-id")
