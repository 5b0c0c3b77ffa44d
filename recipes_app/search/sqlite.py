"""SQLite: an FTS5 table over the documents' tokens, and one with the trigram tokenizer over known words."""

from __future__ import annotations

from typing import assert_never

from .matching import AllOf, AnyOf, Node, Phrase, Token
from .statement import Part, Sql

_COLUMNS = {Part.NAMES: "{names}", Part.HEAD: "{names topics}"}
_LOOK_UP = "SELECT rowid FROM recipes_app_search WHERE recipes_app_search MATCH %s"
# As many as PostgreSQL's function returns (migrations/_search_indexes.py).
_SIMILAR = """SELECT %s, word FROM recipes_app_searchword WHERE id IN (
    SELECT rowid FROM recipes_app_similar WHERE recipes_app_similar MATCH %s ORDER BY rank LIMIT 50)"""


class SQLite:
    """Tokens are looked up by subselects on the FTS5 table, whose rowid is the recipe's id."""

    join = ""

    def matches(self, node: Node) -> Sql:
        """Return the condition that the recipe has `node`."""
        return Sql(f"r.id IN ({_LOOK_UP})", (fts5_query(node),))

    def matches_in(self, part: Part, node: Node) -> Sql:
        """Return the condition that the recipe has `node` within `part`, by a column filter."""
        return Sql(f"r.id IN ({_LOOK_UP})", (f"{_COLUMNS[part]} : ({fts5_query(node)})",))

    def matching_ids(self, node: Node) -> Sql:
        """Return the SELECT of the ids of all recipes that have `node`."""
        return Sql(_LOOK_UP, (fts5_query(node),))

    def begins(self, column: str, text: str) -> Sql:
        """Return the condition that `column` begins with `text`: SQLite's LIKE knows no case and so no index."""
        return Sql(f"{column} >= %s AND {column} < %s", (text, f"{text}\U0010ffff"))

    def similar_words(self, word: str) -> Sql:
        """Return the SELECT of known words that share trigrams with `word`, padded as the known ones are."""
        padded = f"  {word} "
        trigrams = dict.fromkeys(padded[start : start + 3] for start in range(len(padded) - 2))
        return Sql(_SIMILAR, (word, " OR ".join(_quoted(trigram) for trigram in trigrams)))


def fts5_query(node: Node) -> str:
    """Return `node` as an FTS5 query (SQLite's FTS5 manual, section 3), each string quoted."""
    match node:
        case Token():
            return _quoted(node.text) + (" *" if node.prefix else "")
        case Phrase():
            return _quoted(" ".join(token.text for token in node.tokens)) + (" *" if node.tokens[-1].prefix else "")
        case AllOf():
            return "(" + " AND ".join(fts5_query(member) for member in node.members) + ")"
        case AnyOf():
            return "(" + " OR ".join(fts5_query(member) for member in node.members) + ")"
        case _:
            assert_never(node)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
