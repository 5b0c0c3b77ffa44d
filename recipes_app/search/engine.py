"""Running a query: the one door to the search.

Two statements a search: one finds and orders ids, one reads the recipes. A search with very many hits takes a third once in a
minute, one that finds nothing and has a misspelt word two more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.cache import cache
from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from ..limits import MAX_COUNTED_HITS, MAX_PAGE_SIZE, PAGE_SIZE
from ..models import Recipe
from . import cursor as cursors
from . import statement
from .index import SHORTEST_CORRECTED
from .matching import Token
from .postgresql import PostgreSQL
from .query import QueryError, SearchQuery
from .spelling import nearest
from .sqlite import SQLite
from .statement import Engine, Sql
from .tokens import fold, tag

ENGINES: dict[str, Engine] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}
# So long a search that had more than MAX_COUNTED_HITS hits is taken to have them still, which saves its count.
_BROAD_SECONDS = 60
# Each word is compared with the whole vocabulary; a query of many words is no misspelt name.
_MOST_CORRECTED = 4


Hit = TypeVar("Hit")


@dataclass(frozen=True)
class SearchPage(Generic[Hit]):
    """One page of hits, best first: recipes, or what was made of their ids.

    `total` counts all hits, up to MAX_COUNTED_HITS; beyond it `total_is_exact` is false and there are more. `corrected` is the
    query that was run instead, where nothing matched what was asked and a word seemed misspelt.
    """

    hits: list[Hit]
    total: int
    next_cursor: str | None
    total_is_exact: bool = True
    corrected: SearchQuery | None = None


@dataclass(frozen=True)
class _FoundRows:
    """Rows of (keys…, id), one more than a page holds if there is another page, and what the cursor has to keep."""

    rows: list[tuple[Any, ...]]
    total: int
    broad: bool


def search(query: SearchQuery, cursor: str | None = None, limit: int = PAGE_SIZE) -> SearchPage[Recipe]:
    """Return the page of recipes that begins at `cursor` (from the page before; None for the first), with at most `limit` hits.

    Raises QueryError as `search_for` does.
    """
    return search_for(query, _recipes, cursor, limit)


def search_for(
    query: SearchQuery, load: Callable[[list[int]], list[Hit]], cursor: str | None = None, limit: int = PAGE_SIZE
) -> SearchPage[Hit]:
    """Return the page of hits that begins at `cursor`; `load` makes them of their ids, in their order.

    Raises QueryError where the limit is out of range or the cursor is not one of this query.
    """
    if not 1 <= limit <= MAX_PAGE_SIZE:
        raise QueryError(_("a page has 1 to %(most)s recipes, not %(limit)s") % {"most": MAX_PAGE_SIZE, "limit": limit})
    corrected: dict[str, str] = {}
    if cursor:
        place = cursors.decode(cursor, query)
        corrected = place.corrected
        found = _find_after(query.with_words(corrected), place, limit)
    else:
        found = _find_first(query, limit)
        if found.total == 0:
            corrected = _corrections(query)
            if corrected:
                found = _find_first(query.with_words(corrected), limit)
    next_cursor = None
    if len(found.rows) > limit:
        place = cursors.Cursor(found.rows[limit - 1][:-1], found.total, found.broad, corrected)
        next_cursor = cursors.encode(place, query)
    return SearchPage(
        hits=load([row[-1] for row in found.rows[:limit]]),
        total=min(found.total, MAX_COUNTED_HITS),
        next_cursor=next_cursor,
        total_is_exact=found.total <= MAX_COUNTED_HITS,
        corrected=query.with_words(corrected) if corrected and found.total else None,
    )


def tagged(field: str, value: str) -> RawSQL:
    """Return the subselect of the ids of all recipes whose search row has `value` for the tag field `field`."""
    sql = ENGINES[connection.vendor].matching_ids(Token(tag(field, value)))
    return RawSQL(sql.text, sql.parameters)  # noqa: S611 - a constant text of this room; the value is a parameter


def _find_first(query: SearchQuery, limit: int) -> _FoundRows:
    """Return the first page's rows and the count of all hits."""
    engine = ENGINES[connection.vendor]
    broad_key = f"search:broad:{query.digest}"
    if not cache.get(broad_key):
        rows = run(statement.narrow_page(query, engine, None, limit + 1))
        total = int(rows[0][-1]) if rows else 0
        if total <= MAX_COUNTED_HITS:
            return _FoundRows([row[:-1] for row in rows], total, broad=False)
        cache.set(broad_key, True, _BROAD_SECONDS)
    return _FoundRows(run(statement.broad_page(query, engine, None, limit + 1)), MAX_COUNTED_HITS + 1, broad=True)


def _find_after(query: SearchQuery, place: cursors.Cursor, limit: int) -> _FoundRows:
    """Return the rows of the page after `place`."""
    engine = ENGINES[connection.vendor]
    keys = cursors.checked_keys(place.keys, statement.order_of(query, engine).types)
    if place.broad:
        return _FoundRows(run(statement.broad_page(query, engine, keys, limit + 1)), place.total, broad=True)
    rows = run(statement.narrow_page(query, engine, keys, limit + 1))
    return _FoundRows([row[:-1] for row in rows], place.total, broad=False)


def _corrections(query: SearchQuery) -> dict[str, str]:
    """Return a known word for each sought word that is none but is near to one."""
    plain = [term.text for term in query.sought if not term.quoted and not term.prefix and len(term.text) >= SHORTEST_CORRECTED]
    if not plain or len(plain) > _MOST_CORRECTED:
        return {}
    similar: dict[str, list[str]] = {}
    for word, known in run(statement.similar_words(dict.fromkeys(fold(text) for text in plain), ENGINES[connection.vendor])):
        similar.setdefault(word, []).append(known)
    chosen = {text: nearest(fold(text), similar.get(fold(text), ())) for text in plain}
    return {text: known for text, known in chosen.items() if known is not None and known != fold(text)}


def run(sql: Sql) -> list[tuple[Any, ...]]:
    """Return the rows of a statement of this room."""
    with connection.cursor() as handle:
        handle.execute(sql.text, sql.parameters)
        return list(handle.fetchall())


def _recipes(ids: list[int]) -> list[Recipe]:
    """Return the recipes in the order of `ids`."""
    if not ids:
        return []
    found = Recipe.objects.select_related("maintainer").in_bulk(ids)
    return [found[each] for each in ids if each in found]
