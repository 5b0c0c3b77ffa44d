"""Making up for what was interrupted or lost: the sweep after crashes, `manage.py reconcile`, and the packing of repositories.

Each repository is settled by itself: one that is damaged is noted, and the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import Error as DatabaseError

from recipes_app.models import Recipe
from recipes_app.repos.objects import ObjectError
from recipes_app.repos.store import store
from recipes_app.search.index import rebuild_index

from ..publishing import publish

logger = logging.getLogger(__name__)


@dataclass
class Reconciled:
    """What was done for one repository. `error` says why nothing could be; `unreadable` are commits that the parser refuses."""

    name: str
    new_revisions: int = 0
    unreadable: list[str] = field(default_factory=list)
    error: str = ""


def settle_interrupted() -> list[Reconciled]:
    """Settle every repository whose act died between database and git; return what became of each.

    The marker of a damaged one stays.
    """
    settled = []
    for name in store().interrupted():
        result = _settle(name)
        if not result.error:
            store().clear_pending(name)
        settled.append(result)
    return settled


def reconcile() -> Iterator[Reconciled]:
    """Bring the database and the public repositories to what the intake says, one repository a step; yields a line for each.

    Rows that hold what people did here (ownership, votes, reviews) are kept; catalogue, revisions and search are written anew.
    """
    store().move_old_layout()
    for name in store().names():
        yield _settle(name)
    # What misspelt words are corrected to forgets the names that are gone.
    rebuild_index()


def pack_repositories() -> tuple[int, list[Reconciled]]:
    """Pack every repository that has become untidy; return how many there were, and those that could not be packed."""
    packed, failed = 0, []
    for name in store().names():
        try:
            with store().lock(name):
                packed += store().pack(name)
        except OSError as error:
            logger.warning("%s cannot be packed: %s", name, error)
            store().note_damage(name, f"cannot be packed: {error}")
            failed.append(Reconciled(name, error=str(error)))
    return packed, failed


def recipes_without_repository() -> list[str]:
    """Return the names of recipes whose repository is missing from the store: a restore of the store was incomplete."""
    return [
        name
        for name, storage_name in Recipe.objects.order_by("name").values_list("name", "storage_name")
        if not store().exists(storage_name)
    ]


def _settle(name: str) -> Reconciled:
    """Settle one repository under its lock. What goes wrong is noted in the store until it goes well."""
    result = Reconciled(name)
    try:
        with store().lock(name):
            if store().exists(name):
                done = publish.settle(name)
                result.new_revisions, result.unreadable = len(done.new_revisions), done.unreadable
    except (OSError, ObjectError, DatabaseError, ValueError) as error:
        logger.exception("%s cannot be settled", name)
        result.error = f"{type(error).__name__}: {error}"
    store().note_damage(name, result.error)
    return result
