"""The order of locks: whoever takes several takes them in this one, so that no two wait for each other.

    1. the store's lock of a repository (a file; `store().lock`)
    2. rows of recipes, by their ids
    3. rows of accounts, by their ids
    4. everything else of a recipe or an account: lint jobs, holds, flags, comments, requests, entries of the queue
    5. the public log's advisory lock

Rows are locked with `no_key=True`, where their keys do not change: a row that refers to them can be written meanwhile. A plain
FOR UPDATE would make every comment of an account wait for its vote, and the vote for the comment.
"""

from __future__ import annotations

from collections.abc import Collection

from recipes_app.models import Recipe


def lock_recipe(recipe_id: int) -> None:
    """Lock the row of a recipe until the transaction ends. One query."""
    lock_recipes((recipe_id,))


def lock_recipes(recipe_ids: Collection[int]) -> None:
    """Lock the rows of recipes, in the order of their ids. One query."""
    list(Recipe.objects.select_for_update(no_key=True).filter(pk__in=recipe_ids).order_by("pk").values_list("pk", flat=True))
