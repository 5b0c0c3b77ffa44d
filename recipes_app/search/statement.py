"""From a query to SQL that both engines run. What differs between them is behind `Engine`.

Every value is a parameter; what is put into the text of a statement are the names of tables and columns written here.
"""
# ruff: noqa: S608 - the parts that are put together are constants of this room, never input

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from ..limits import MAX_COUNTED_HITS
from ..models import BinaryPackage, Recipe, User
from .fields import FIELDS, ColumnField, PersonField, StateField, TagField
from .matching import Node, all_of, field_node, sought_node, text_node, word_node
from .query import RELEVANCE, FieldTerm, SearchQuery

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

    def begins(self, column: str, text: str) -> Sql:
        """Return the condition that `column` begins with `text`, in the form that the column's index answers."""
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
    """A column of `recipes r` to sort by, or an expression."""

    sql: Sql
    type: KeyType


_ID = SortColumn(Sql("r.id"), KeyType.INTEGER)
_WEIGHT = SortColumn(Sql("r.vote_weight"), KeyType.REAL)
# Every list of columns ends in one that is unique, so that a page begins exactly where the last one ended. Each has its index.
SORTS = {
    "name": (SortColumn(Sql("r.name"), KeyType.TEXT),),
    "updated": (SortColumn(Sql("r.updated_at"), KeyType.TIME), _ID),
    "created": (SortColumn(Sql("r.created_at"), KeyType.TIME), _ID),
    "votes": (SortColumn(Sql("r.vote_count"), KeyType.INTEGER), _ID),
    "popularity": (_WEIGHT, _ID),
}


@dataclass(frozen=True)
class Order:
    """What hits are sorted by: all columns in the same direction."""

    columns: tuple[SortColumn, ...]
    descending: bool

    @property
    def types(self) -> tuple[KeyType, ...]:
        """The type of each key."""
        return tuple(column.type for column in self.columns)


def order_of(query: SearchQuery, engine: Engine) -> Order:
    """Return the order that the query's sort key stands for; relevance is how well a hit fits, and then popularity."""
    if query.sort == RELEVANCE:
        return Order((SortColumn(_tier(query, engine), KeyType.INTEGER), _WEIGHT, _ID), descending=True)
    return Order(SORTS[query.sort.removeprefix("-")], query.sort.startswith("-"))


def narrow_page(query: SearchQuery, engine: Engine, after: tuple[Any, ...] | None, limit: int) -> Sql:
    """Return the SELECT of one page of not very many hits: rows of (keys…, id, count of hits).

    All hits are collected and then sorted, which is only right where there are no more than MAX_COUNTED_HITS; a count above
    it says that there are more, and that `broad_page` is the one to ask. To leave the choice to the planner instead does not
    do: it then walks along the index of the order and looks every recipe up, where it takes the hits to be more than they are.
    """
    order = order_of(query, engine)
    names = [f"key{number}" for number, _ in enumerate(order.columns)]
    selected = ", ".join(f"{column.sql.text} AS {name}" for column, name in zip(order.columns, names, strict=True))
    where = _conjunction(_restrictions(query, engine))
    beyond = _beyond(names, after, descending=order.descending)
    return Sql(
        f"WITH hits AS (SELECT {selected}, r.id AS id {_source(query, engine)} WHERE {where.text} LIMIT %s)"
        f" SELECT {', '.join(names)}, id, (SELECT count(*) FROM hits) FROM hits WHERE {beyond.text}"
        f" ORDER BY {_direction(names, descending=order.descending)} LIMIT %s",
        (
            *_parameters(column.sql for column in order.columns),
            *where.parameters,
            MAX_COUNTED_HITS + 1,
            *beyond.parameters,
            limit,
        ),
    )


def broad_page(query: SearchQuery, engine: Engine, after: tuple[Any, ...] | None, limit: int) -> Sql:
    """Return the SELECT of one page of very many hits: rows of (keys…, id).

    It walks along the index of the order and stops when the page is full: with so many hits that is soon. By relevance, who
    bears the very name comes first, and then it goes by popularity.
    """
    if query.sort == RELEVANCE:
        return _broad_relevance(query, engine, after, limit)
    order = order_of(query, engine)
    keys = [column.sql.text for column in order.columns]
    beyond = _beyond(keys, after, descending=order.descending)
    where = _conjunction([*_restrictions(query, engine), beyond])
    return Sql(
        f"SELECT {', '.join(keys)}, r.id {_source(query, engine)} WHERE {where.text}"
        f" ORDER BY {_direction(keys, descending=order.descending)} LIMIT %s",
        (*where.parameters, limit),
    )


def _broad_relevance(query: SearchQuery, engine: Engine, after: tuple[Any, ...] | None, limit: int) -> Sql:
    source = _source(query, engine)
    restrictions = _restrictions(query, engine)
    named = Sql(
        f"r.id IN (SELECT id FROM {RECIPES} WHERE name = %s UNION SELECT recipe_id FROM {BINARIES} WHERE name = %s)",
        (query.name, query.name),
    )
    first = _conjunction([*restrictions, named])
    walked_beyond = _beyond(["r.vote_weight", "r.id"], after[1:] if after and after[0] == 0 else None, descending=True)
    rest = _conjunction([*restrictions, _negation(named), walked_beyond])
    keys = ["tier", "weight", "id"]
    beyond = _beyond(keys, after, descending=True)
    return Sql(
        f"SELECT tier, weight, id, id FROM ("
        f" SELECT CASE WHEN r.name = %s THEN 2 ELSE 1 END AS tier, r.vote_weight AS weight, r.id AS id {source}"
        f" WHERE {first.text} UNION ALL SELECT * FROM ("
        f" SELECT 0 AS tier, r.vote_weight AS weight, r.id AS id {source} WHERE {rest.text}"
        " ORDER BY r.vote_weight DESC, r.id DESC LIMIT %s) AS rest) AS hits"
        f" WHERE {beyond.text} ORDER BY {_direction(keys, descending=True)} LIMIT %s",
        (query.name, *first.parameters, *rest.parameters, limit, *beyond.parameters, limit),
    )


def grouped(query: SearchQuery, engine: Engine, columns: Sequence[str], most: int | None) -> Sql:
    """Return the SELECT of (column…, count) over the hits of `query`, one row for each combination that there is.

    At most `most` hits are looked at; None looks at all of them.
    """
    where = _conjunction(_restrictions(query, engine))
    limit = Sql("") if most is None else Sql(" LIMIT %s", (most,))
    names = ", ".join(columns)
    return Sql(
        f"WITH hits AS (SELECT {', '.join(f'r.{name}' for name in columns)} {_source(query, engine)}"
        f" WHERE {where.text}{limit.text}) SELECT {names}, count(*) FROM hits GROUP BY {names}",
        (*where.parameters, *limit.parameters),
    )


def similar_words(words: Iterable[str], engine: Engine) -> Sql:
    """Return one SELECT of (word, known word that looks like it) for all of `words`."""
    parts = [engine.similar_words(word) for word in words]
    return Sql(" UNION ALL ".join(part.text for part in parts), _parameters(parts))


def _source(query: SearchQuery, engine: Engine) -> str:
    """Return the FROM clause; the documents are joined where one of the conditions is on them."""
    on_documents = bool(query.words) or any(_is_on_documents(term) for term in (*query.fields, *query.filters))
    return f"FROM {RECIPES} r" + (engine.join if on_documents else "")


def _is_on_documents(term: FieldTerm) -> bool:
    field = FIELDS[term.field]
    return isinstance(field, TagField) or (isinstance(field, PersonField) and not field.by_account)


def _restrictions(query: SearchQuery, engine: Engine) -> list[Sql]:
    """Return every condition that a hit fulfils. What is looked up in the index is one condition, so that it is one look-up."""
    # Deleted recipes are in no list; one without a readable revision has nothing to show.
    conditions = [Sql("r.deleted_at IS NULL"), Sql("r.current_id IS NOT NULL")]
    terms = (*query.fields, *query.filters)
    conditions += [_state_condition(name, field, terms) for name, field in FIELDS.items() if isinstance(field, StateField)]
    node = sought_node(query)
    looked_up = [] if node is None else [node]
    for term in terms:
        field = FIELDS[term.field]
        if isinstance(field, StateField):
            continue
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


def _state_condition(name: str, field: StateField, terms: Iterable[FieldTerm]) -> Sql:
    """Return the condition of `field`: as the terms about it say, `no` where there is none."""
    wanted = {"yes", "no"}
    about = [term for term in terms if term.field == name]
    for term in about:
        said = {value for each in term.values for value in (("yes", "no") if each == "any" else (each,))}
        wanted = wanted - said if term.negated else wanted & said
    if not about:
        wanted = {"no"}
    column = f"r.{field.column}"
    return Sql({0: "1 = 0", 2: "1 = 1"}.get(len(wanted)) or f"{column} IS {'NOT NULL' if 'yes' in wanted else 'NULL'}")


def _maintainer_condition(term: FieldTerm, engine: Engine) -> Sql:
    """The account that maintains here, or the Maintainer of debian/control. Each half is a look-up in an index."""
    # One account at a time, by equality: the planner then knows that these are few recipes.
    by_account = f"SELECT id FROM {RECIPES} WHERE maintainer_id = (SELECT id FROM {ACCOUNTS} WHERE username = %s)"
    selects = [*(Sql(by_account, (value,)) for value in term.values), engine.matching_ids(field_node(term))]
    condition = Sql(f"r.id IN ({' UNION '.join(select.text for select in selects)})", _parameters(selects))
    return _negation(condition) if term.negated else condition


def _tier(query: SearchQuery, engine: Engine) -> Sql:
    """Return how well a hit fits, 0 to 5: the very name, a binary package's, its beginning, words in names, in synopses."""
    steps = list(_tier_steps(query, engine))
    whens = " ".join(f"WHEN {step.text} THEN {len(steps) - number}" for number, step in enumerate(steps))
    return Sql(f"CASE {whens} ELSE 0 END", _parameters(steps))


def _tier_steps(query: SearchQuery, engine: Engine) -> Iterator[Sql]:
    yield Sql("r.name = %s", (query.name,))
    yield Sql(f"r.id IN (SELECT recipe_id FROM {BINARIES} WHERE name = %s)", (query.name,))
    yield Sql("substr(r.name, 1, %s) = %s", (len(query.name), query.name))
    node = text_node(query)
    if node is not None:
        yield engine.matches_in(Part.NAMES, node)
        yield engine.matches_in(Part.HEAD, node)


def _beyond(keys: list[str], after: tuple[Any, ...] | None, *, descending: bool) -> Sql:
    """Return the condition that a row comes after the keys of the last one shown; without these, that it is a row."""
    if after is None:
        return Sql("1 = 1")
    marks = ", ".join(["%s"] * len(after))
    return Sql(f"({', '.join(keys)}) {'<' if descending else '>'} ({marks})", after)


def _direction(keys: list[str], *, descending: bool) -> str:
    return ", ".join(f"{key} {'DESC' if descending else 'ASC'}" for key in keys)


def _negation(condition: Sql) -> Sql:
    return Sql(f"NOT ({condition.text})", condition.parameters)


def _conjunction(conditions: list[Sql]) -> Sql:
    return Sql(" AND ".join(condition.text for condition in conditions), _parameters(conditions))


def _parameters(pieces: Iterable[Sql]) -> tuple[Any, ...]:
    return tuple(value for piece in pieces for value in piece.parameters)
