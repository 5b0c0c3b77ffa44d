"""From a query to SQL that both engines run. What differs between them is behind `Engine`.

Every value is a parameter; what is put into the text of a statement are the names of tables and columns written here.
"""
# ruff: noqa: S608 - the parts that are put together are constants of this room, never input

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from ..limits import MAX_COUNTED_HITS
from ..models import BinaryPackage, Recipe, User
from .fields import FIELDS, ColumnField, PersonField
from .matching import Node, all_of, field_node, sought_node, text_node, word_node
from .query import FieldTerm, SearchQuery

RECIPES = Recipe._meta.db_table
BINARIES = BinaryPackage._meta.db_table
ACCOUNTS = User._meta.db_table


class Part(StrEnum):
    """Parts of a recipe's text whose matches weigh more than those elsewhere."""

    NAMES = "names"
    HEAD = "head"


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with its parameters."""

    text: str
    parameters: tuple[Any, ...] = ()


class Engine(Protocol):
    """What a database brings to the search: how it looks tokens up."""

    # What `FROM recipes r` is joined with for the conditions below to stand.
    join: str

    def matches(self, node: Node) -> Sql:
        """Return the condition that the recipe `r` has `node`."""
        ...

    def matches_in(self, part: Part, node: Node) -> Sql:
        """Return the condition that the recipe `r` has `node` within `part`."""
        ...

    def matching_ids(self, node: Node) -> Sql:
        """Return the SELECT of the ids of all recipes that have `node`."""
        ...

    def similar_words(self, word: str) -> Sql:
        """Return the SELECT of known words that look like `word`, the likest first, as rows of (word, known word)."""
        ...


class KeyType(StrEnum):
    """What a sort column holds: a cursor's values are checked against it."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    TIME = "time"


@dataclass(frozen=True)
class SortColumn:
    """A column of `recipes r` to sort by."""

    sql: str
    type: KeyType


_ID = SortColumn("r.id", KeyType.INTEGER)
_WEIGHT = SortColumn("r.vote_weight", KeyType.REAL)
# Every list of columns ends in one that is unique, so that a page begins exactly where the last one ended. Each has its index.
SORTS = {
    "name": (SortColumn("r.name", KeyType.TEXT),),
    "updated": (SortColumn("r.updated_at", KeyType.TIME), _ID),
    "created": (SortColumn("r.created_at", KeyType.TIME), _ID),
    "votes": (SortColumn("r.vote_count", KeyType.INTEGER), _ID),
    "popularity": (_WEIGHT, _ID),
}
RANKED_KEYS = (KeyType.INTEGER, KeyType.REAL, KeyType.INTEGER)


def sorted_page(query: SearchQuery, engine: Engine, after: tuple[Any, ...] | None, limit: int) -> Sql:
    """Return the SELECT of one page in the order of a column: rows of (keys…, id, count of all hits up to the cap).

    The count is only made for the first page; later ones get NULL there.
    """
    columns = SORTS[query.sort.removeprefix("-")]
    keys = ", ".join(column.sql for column in columns)
    descending = query.sort.startswith("-")
    order = ", ".join(f"{column.sql} {'DESC' if descending else 'ASC'}" for column in columns)
    source = _source(query, engine)
    conditions = _restrictions(query, engine)
    where = _conjunction(conditions)
    count = Sql("NULL")
    if after is None:
        count = Sql(f"(SELECT count(*) FROM (SELECT 1 {source} WHERE {where.text} LIMIT %s) AS counted)",
                    (*where.parameters, MAX_COUNTED_HITS + 1))  # fmt: skip
    else:
        where = _conjunction([*conditions, _beyond(keys, after, descending=descending)])
    return Sql(
        f"SELECT {keys}, r.id, {count.text} {source} WHERE {where.text} ORDER BY {order} LIMIT %s",
        (*count.parameters, *where.parameters, limit),
    )


def ranked_page(query: SearchQuery, engine: Engine, after: tuple[Any, ...] | None, limit: int) -> Sql:
    """Return the SELECT of one page of the best hits: rows of (tier, weight, id, id, count up to the cap).

    All hits are ranked, so it is only right where there are no more than MAX_COUNTED_HITS; `broad_page` is for the rest.
    """
    tier = _tier(query, engine)
    where = _conjunction(_restrictions(query, engine))
    beyond = _beyond("tier, weight, id", after, descending=True) if after else Sql("1 = 1")
    return Sql(
        f"WITH hits AS (SELECT {tier.text} AS tier, r.vote_weight AS weight, r.id AS id {_source(query, engine)}"
        f" WHERE {where.text} LIMIT %s)"
        f" SELECT tier, weight, id, id, (SELECT count(*) FROM hits) FROM hits WHERE {beyond.text}"
        " ORDER BY tier DESC, weight DESC, id DESC LIMIT %s",
        (*tier.parameters, *where.parameters, MAX_COUNTED_HITS + 1, *beyond.parameters, limit),
    )


def broad_page(query: SearchQuery, engine: Engine, after: tuple[Any, ...] | None, limit: int) -> Sql:
    """Return the SELECT of one page of very many hits: who bears the very name first, then by popularity.

    Rows as of `ranked_page`. The second half walks along the index of popularity and stops when the page is full: where
    every fiftieth recipe is a hit, that is soon.
    """
    source = _source(query, engine)
    restrictions = _restrictions(query, engine)
    named = Sql(
        f"r.id IN (SELECT id FROM {RECIPES} WHERE name = %s UNION SELECT recipe_id FROM {BINARIES} WHERE name = %s)",
        (query.name, query.name),
    )
    first = _conjunction([*restrictions, named])
    rest_conditions = [*restrictions, _negation(named)]
    if after and after[0] == 0:
        rest_conditions.append(_beyond("r.vote_weight, r.id", after[1:], descending=True))
    rest = _conjunction(rest_conditions)
    beyond = _beyond("tier, weight, id", after, descending=True) if after else Sql("1 = 1")
    return Sql(
        f"SELECT tier, weight, id, id, NULL FROM ("
        f" SELECT CASE WHEN r.name = %s THEN 2 ELSE 1 END AS tier, r.vote_weight AS weight, r.id AS id {source}"
        f" WHERE {first.text} UNION ALL SELECT * FROM ("
        f" SELECT 0 AS tier, r.vote_weight AS weight, r.id AS id {source} WHERE {rest.text}"
        " ORDER BY r.vote_weight DESC, r.id DESC LIMIT %s) AS rest) AS hits"
        f" WHERE {beyond.text} ORDER BY tier DESC, weight DESC, id DESC LIMIT %s",
        (query.name, *first.parameters, *rest.parameters, limit, *beyond.parameters, limit),
    )


def similar_words(words: Iterable[str], engine: Engine) -> Sql:
    """Return one SELECT of (word, known word that looks like it) for all of `words`."""
    parts = [engine.similar_words(word) for word in words]
    return Sql(" UNION ALL ".join(part.text for part in parts), tuple(value for part in parts for value in part.parameters))


def _source(query: SearchQuery, engine: Engine) -> str:
    """Return the FROM clause; the documents are joined where their text is looked at."""
    plain = not query.words and all(isinstance(FIELDS[term.field], ColumnField) for term in (*query.fields, *query.filters))
    return f"FROM {RECIPES} r" + ("" if plain else engine.join)


def _restrictions(query: SearchQuery, engine: Engine) -> list[Sql]:
    """Return every condition that a hit fulfils. What is looked up in the index is one condition, so that it is one look-up."""
    # Deleted recipes are in no list; one without a readable revision has nothing to show.
    conditions = [Sql("r.deleted_at IS NULL"), Sql("r.current_id IS NOT NULL")]
    node = sought_node(query)
    looked_up = [] if node is None else [node]
    for term in (*query.fields, *query.filters):
        field = FIELDS[term.field]
        if isinstance(field, ColumnField):
            conditions.append(_column_condition(field, term))
        elif isinstance(field, PersonField) and field.by_account:
            conditions.append(_maintainer_condition(term, engine))
        elif term.negated:
            conditions.append(_negation(engine.matches(field_node(term))))
        else:
            looked_up.append(field_node(term))
    conditions += [_negation(engine.matches(word_node(term))) for term in query.words if term.negated]
    whole = all_of(looked_up)
    return conditions if whole is None else [engine.matches(whole), *conditions]


def _column_condition(field: ColumnField, term: FieldTerm) -> Sql:
    marks = ", ".join(["%s"] * len(term.values))
    return Sql(f"r.{field.column} {'NOT IN' if term.negated else 'IN'} ({marks})", term.values)


def _maintainer_condition(term: FieldTerm, engine: Engine) -> Sql:
    """The account that maintains here, or the Maintainer of debian/control. Each half is a look-up in an index."""
    marks = ", ".join(["%s"] * len(term.values))
    in_control = engine.matching_ids(field_node(term))
    condition = Sql(
        f"r.id IN (SELECT m.id FROM {RECIPES} m JOIN {ACCOUNTS} a ON a.id = m.maintainer_id WHERE a.username IN ({marks})"
        f" UNION {in_control.text})",
        (*term.values, *in_control.parameters),
    )
    return _negation(condition) if term.negated else condition


def _tier(query: SearchQuery, engine: Engine) -> Sql:
    """Return how well a hit fits, 0 to 5: the very name, a binary package's, its beginning, words in names, in synopses."""
    steps = list(_tier_steps(query, engine))
    whens = " ".join(f"WHEN {step.text} THEN {len(steps) - number}" for number, step in enumerate(steps))
    return Sql(f"CASE {whens} ELSE 0 END", tuple(value for step in steps for value in step.parameters))


def _tier_steps(query: SearchQuery, engine: Engine) -> Iterator[Sql]:
    yield Sql("r.name = %s", (query.name,))
    yield Sql(f"r.id IN (SELECT recipe_id FROM {BINARIES} WHERE name = %s)", (query.name,))
    yield Sql("substr(r.name, 1, %s) = %s", (len(query.name), query.name))
    node = text_node(query)
    if node is not None:
        yield engine.matches_in(Part.NAMES, node)
        yield engine.matches_in(Part.HEAD, node)


def _beyond(keys: str, after: tuple[Any, ...], *, descending: bool) -> Sql:
    marks = ", ".join(["%s"] * len(after))
    return Sql(f"({keys}) {'<' if descending else '>'} ({marks})", after)


def _negation(condition: Sql) -> Sql:
    return Sql(f"NOT ({condition.text})", condition.parameters)


def _conjunction(conditions: list[Sql]) -> Sql:
    return Sql(
        " AND ".join(condition.text for condition in conditions),
        tuple(value for condition in conditions for value in condition.parameters),
    )
