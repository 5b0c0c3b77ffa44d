"""PostgreSQL: one GIN index over a tsvector that holds stems and tags alike; pg_trgm for misspellings."""
# ruff: noqa: S608 - the parts that are put together are constants of this room, never input

from __future__ import annotations

from typing import assert_never

from ..models import SearchDocument
from .matching import AllOf, AnyOf, Node, Phrase, Token
from .statement import Part, Sql

_DOCUMENTS = SearchDocument._meta.db_table
# Names have weight A; the column `head` has names and topics and nothing else (migrations/_search_indexes.py).
_WEIGHTS = {Part.NAMES: "A", Part.HEAD: ""}


class PostgreSQL:
    """Tokens are looked up in the generated columns of the documents."""

    join = f" JOIN {_DOCUMENTS} d ON d.recipe_id = r.id"

    def matches(self, node: Node) -> Sql:
        """Return the condition that the recipe has `node`: one scan of the GIN index."""
        return Sql("d.vector @@ %s::tsquery", (tsquery(node),))

    def matches_in(self, part: Part, node: Node) -> Sql:
        """Return the condition that the recipe has `node` within `part`; the column is small and read with its row."""
        return Sql("d.head @@ %s::tsquery", (tsquery(node, _WEIGHTS[part]),))

    def matching_ids(self, node: Node) -> Sql:
        """Return the SELECT of the ids of all recipes that have `node`."""
        return Sql(f"SELECT recipe_id FROM {_DOCUMENTS} WHERE vector @@ %s::tsquery", (tsquery(node),))

    def begins(self, column: str, text: str) -> Sql:
        """Return the condition that `column` begins with `text`: LIKE, for Django's index with varchar_pattern_ops."""
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return Sql(f"{column} LIKE %s", (f"{escaped}%",))

    def similar_words(self, word: str) -> Sql:
        """Return the SELECT of known words that share enough trigrams with `word`."""
        return Sql("SELECT %s, known FROM recipes_app_similar_words(%s) AS known", (word, word))


def tsquery(node: Node, weight: str = "") -> str:
    """Return `node` as the text of a tsquery (PostgreSQL manual 8.11.2), each lexeme quoted, with `weight` on each."""
    match node:
        case Token():
            marks = ("*" if node.prefix else "") + weight
            return _quoted(node.text) + (f":{marks}" if marks else "")
        case Phrase():
            return "(" + " <-> ".join(tsquery(token, weight) for token in node.tokens) + ")"
        case AllOf():
            return "(" + " & ".join(tsquery(member, weight) for member in node.members) + ")"
        case AnyOf():
            return "(" + " | ".join(tsquery(member, weight) for member in node.members) + ")"
        case _:
            assert_never(node)


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
