"""A Markdown text to tokens. No Django: long texts are parsed in a bounded process (recipes_app/deadline.py)."""

from __future__ import annotations

import threading
from typing import Any

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

from ..limits import MAX_MARKDOWN_NESTING, MAX_PARAGRAPH_LENGTH, MAX_TABLE_CELLS

# What GFM's delimiter row is made of, in a quote or a list too; it alone makes a table and tells its number of columns.
_DELIMITER_SIGNS = "|:- \t>*+"
_local = threading.local()


def prepare() -> None:
    """Make the parsers, before processes are forked that use them."""
    for with_tables in (False, True):
        parser(with_tables=with_tables)


def token_fields(source: str) -> list[dict[str, Any]]:
    """Return the tokens of a Markdown text, each as `Token.from_dict` takes it."""
    return [dict(token.as_dict()) for token in parser(with_tables=_table_cells(source) <= MAX_TABLE_CELLS).parse(source)]


def parser(*, with_tables: bool) -> MarkdownIt:
    """Return this thread's parser: making one takes longer than most texts, and two threads must not share its linkifier."""
    made: dict[bool, MarkdownIt] = _local.__dict__.setdefault("parsers", {})
    if with_tables not in made:
        made[with_tables] = _make_parser(with_tables=with_tables)
    return made[with_tables]


def _make_parser(*, with_tables: bool) -> MarkdownIt:
    """Return a parser. Bare addresses become links only with their scheme: `debian/rules.sh` is a file, not a site."""
    made = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": MAX_MARKDOWN_NESTING})
    made.enable(["linkify", "strikethrough"])
    if with_tables:
        made.enable("table")
    made.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    made.core.ruler.before("inline", "long_paragraphs", _leave_long_paragraphs)
    return made


def _leave_long_paragraphs(state: StateCore) -> None:
    """Show a paragraph beyond the limit as it was written: looking for pairs in it takes the square of its length."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > MAX_PARAGRAPH_LENGTH:
            token.type = "text"


def _table_cells(source: str) -> int:
    """Return how many cells the tables of `source` can come to at most: each row is filled up to its table's width."""
    lines = source.split("\n")
    return len(lines) * max((line.count("|") + 1 for line in lines if not line.strip(_DELIMITER_SIGNS)), default=0)
