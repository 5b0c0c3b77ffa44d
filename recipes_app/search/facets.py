"""Facets: by what the hits of a search can be narrowed down, and how many would be left. One statement, or the cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection

from ..cached_counts import kept
from ..limits import MAX_COUNTED_HITS, MAX_FACET_VALUES
from ..plain import kept_plain
from . import statement
from .engine import ENGINES, run
from .fields import covering
from .query import SearchQuery

# Each facet is a field of the search box; its column of the recipe holds one value, or words with a blank between them.
FACETS = {
    "suite": "suites",
    "arch": "architectures",
    "class": "licence_class",
    "model": "model_class",
    "lint": "lint_state",
    "category": "category",
}
# The release architectures of Debian 12 and 13, and `all`: a recipe for `any` or `linux-any` counts for each that it covers.
_ARCHITECTURES = ("all", "amd64", "arm64", "armel", "armhf", "i386", "mips64el", "ppc64el", "riscv64", "s390x")
_CACHED_SECONDS = 60
_CATALOGUE_SECONDS = 600


@kept_plain
@dataclass(frozen=True)
class Facets:
    """For each facet its values with the number of hits, most first. `is_exact` is false where not all hits were looked at."""

    values: dict[str, list[tuple[str, int]]]
    counted: int
    is_exact: bool


def facets(query: SearchQuery) -> Facets:
    """Return the facets of `query`, whatever its order.

    Of a search with very many hits MAX_COUNTED_HITS are counted; of the whole catalogue all, once in ten minutes.
    """
    if not (query.words or query.fields or query.filters):
        return kept("facets", lambda: _count(query, None), seconds=_CATALOGUE_SECONDS, is_worth_it=_is_of_many)
    key = f"facets:{query.digest}"
    found: Facets | None = cache.get(key)
    if found is None:
        found = _count(query, MAX_COUNTED_HITS + 1)
        cache.set(key, found, _CACHED_SECONDS)
    return found


def _is_of_many(found: Facets) -> bool:
    return found.counted > MAX_COUNTED_HITS


def _count(query: SearchQuery, most: int | None) -> Facets:
    rows = run(statement.grouped(query, ENGINES[connection.vendor], tuple(FACETS.values()), most))
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    total = 0
    for *columns, number in rows:
        total += number
        for name, column in zip(FACETS, columns, strict=True):
            for value in _values(name, column):
                counts[name][value] += number
    values = {
        name: sorted(counter.items(), key=lambda item: (-item[1], item[0]))[:MAX_FACET_VALUES] for name, counter in counts.items()
    }
    is_exact = most is None or total < most
    return Facets(values, total if is_exact else MAX_COUNTED_HITS, is_exact)


def _values(name: str, column: str) -> Iterator[str]:
    """Yield the values under which a recipe with this column would be found."""
    words = set(column.split())
    if name != "arch":
        yield from words
        return
    yield from (each for each in _ARCHITECTURES if words.intersection(covering(each)))
