"""From a query to what the engines look up: a small tree of tokens, the same for both. No Django, no SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never

from .fields import FIELDS, PersonField, TagField
from .query import FieldTerm, SearchQuery, WordTerm
from .tokens import stem, tag, tag_value, words


@dataclass(frozen=True)
class Token:
    """One token of the index, or every token that begins so."""

    text: str
    prefix: bool = False


@dataclass(frozen=True)
class Phrase:
    """Tokens that stand next to each other; with `prefix` the last is the beginning of one."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True)
class AllOf:
    """Every member has to match. Never empty."""

    members: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    """One member has to match. Never empty."""

    members: tuple[Node, ...]


Node = Token | Phrase | AllOf | AnyOf


def all_of(nodes: Iterable[Node]) -> Node | None:
    """Return the conjunction of `nodes`; None where there is none, the node itself where there is one."""
    members = tuple(nodes)
    if len(members) < 2:
        return members[0] if members else None
    return AllOf(members)


def any_of(nodes: Iterable[Node]) -> Node:
    """Return the disjunction of `nodes`, of which there is at least one."""
    members = tuple(nodes)
    return members[0] if len(members) == 1 else AnyOf(members)


def word_node(term: WordTerm) -> Node:
    """Return what `term` looks for in a text: its stem, or its stems next to each other."""
    stems = [Token(stem(word)) for word in term.words]
    if not term.prefix:
        return stems[0] if len(stems) == 1 else Phrase(tuple(stems))
    # What is typed of a longer word may be longer than its stem: then the stem is what the index has.
    begun = Token(term.words[-1], prefix=True)
    if len(stems) > 1:
        return Phrase((*stems[:-1], begun))
    return AnyOf((begun, stems[0]))


def text_node(query: SearchQuery) -> Node | None:
    """Return what the sought words of `query` look for in texts alone; None where there are none."""
    return all_of(word_node(term) for term in query.sought)


def sought_node(query: SearchQuery) -> Node | None:
    """Return what the sought words look for: in texts, and as the beginning of a recipe's or binary package's name."""
    node = text_node(query)
    if node is None or not query.beginning:
        return node
    begun = tuple(Token(tag(field, query.beginning), prefix=True) for field in ("name", "binary"))
    return AnyOf((node, *begun))


def field_node(term: FieldTerm) -> Node:
    """Return the tags that a term of a tag field or a person field looks for. Raises KeyError for a column field's term."""
    field = FIELDS[term.field]
    match field:
        case TagField():
            values = [expanded for value in term.values for expanded in field.expand(value)]
            return any_of(Token(tag(term.field, value), term.prefix) for value in values)
        case PersonField():
            return any_of(_person_node(term.field, value) for value in term.values)
        case _:
            raise KeyError(term.field)


def _person_node(field: str, value: str) -> Node:
    """Return the address as one tag, or every word of the name as a tag each."""
    if "@" in value:
        return Token(tag(field, value))
    node = all_of(Token(tag(field, word)) for word in words(value))
    return node if node is not None else Token(tag(field, tag_value(value)))


def leaves(node: Node) -> Iterable[Token]:
    """Yield the tokens of a tree, in their order."""
    match node:
        case Token():
            yield node
        case Phrase():
            yield from node.tokens
        case AllOf() | AnyOf():
            for member in node.members:
                yield from leaves(member)
        case _:
            assert_never(node)
