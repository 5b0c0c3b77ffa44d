"""Markdown of strangers to HTML that can stand on our pages: comments and READMEs, one renderer.

Three walls: raw HTML is text to the parser; links and pictures are rewritten on the parser's tokens; and nh3 cleans what
comes out by an allow-list. The parser's time is bounded by the limits on paragraphs, nesting and tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ..limits import MAX_MARKDOWN_NESTING, MAX_PARAGRAPH_LENGTH, MAX_TABLE_CELLS
from ..models import Recipe, User
from . import references

_SCHEMES = frozenset({"http", "https", "mailto"})
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_LINK_REL = "nofollow noopener noreferrer ugc"
# C0 and C1 controls but for tab and newline, and the marks that turn the order of text around (Trojan Source, CVE-2021-42574).
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What GFM's delimiter row is made of, in a quote or a list too; it alone makes a table and tells its number of columns.
_DELIMITER_SIGNS = "|:- \t>*+"


@dataclass(frozen=True)
class Rendered:
    """Clean HTML, and the accounts that the text names by @name, in their order."""

    html: str
    mentioned: tuple[User, ...] = ()


def render_comment(text: str, recipe: Recipe | None = None) -> Rendered:
    """Return `text` as HTML, with links to what it names: accounts, recipes, bugs, and commits and tags of `recipe`.

    Headings start at the fourth level, below those of the page that the comment stands on. Four queries at most.
    """
    tokens, parser = _parse(text, heading_shift=3)
    linked = references.link_tokens(tokens, recipe)
    return Rendered(_to_html(parser, tokens), linked)


def render_readme(text: str) -> str:
    """Return a README as HTML. Relative links lose their link: the file that they mean is not a page here. No query."""
    tokens, parser = _parse(text, heading_shift=2)
    return _to_html(parser, tokens)


def _parse(text: str, heading_shift: int) -> tuple[list[Token], MarkdownIt]:
    source = _UNSEEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text.replace("\r\n", "\n"))
    parser = _parser(with_tables=_table_cells(source) <= MAX_TABLE_CELLS)
    tokens = parser.parse(source)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + heading_shift)}"
        if token.children is not None:
            token.children = _safe_links(token.children)
    return tokens, parser


def _to_html(parser: MarkdownIt, tokens: Sequence[Token]) -> str:
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=set(_SCHEMES), link_rel=_LINK_REL)


def _parser(*, with_tables: bool) -> MarkdownIt:
    """Return a parser. Bare addresses become links only with their scheme: `debian/rules.sh` is a file, not a site."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": MAX_MARKDOWN_NESTING})
    parser.enable(["linkify", "strikethrough"])
    if with_tables:
        parser.enable("table")
    parser.linkify = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    parser.core.ruler.before("inline", "long_paragraphs", _leave_long_paragraphs)
    return parser


def _leave_long_paragraphs(state: StateCore) -> None:
    """Show a paragraph beyond the limit as it was written: looking for pairs in it takes the square of its length."""
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > MAX_PARAGRAPH_LENGTH:
            token.type = "text"


def _table_cells(source: str) -> int:
    """Return how many cells the tables of `source` can come to at most: each row is filled up to its table's width."""
    lines = source.split("\n")
    return len(lines) * max((line.count("|") + 1 for line in lines if not line.strip(_DELIMITER_SIGNS)), default=0)


def _safe_links(children: Sequence[Token]) -> list[Token]:
    """Return inline tokens in which every link leads to a full address, and a picture is a link to where it lies.

    A picture would tell its server who reads the page; a relative link would lead to a page of ours that does not exist.
    """
    safe: list[Token] = []
    kept = False
    for token in children:
        if token.type == "link_open":
            kept = _is_full_address(str(token.attrGet("href")))
        if token.type == "image":
            safe.extend(_picture_as_link(token, inside_link=kept))
        elif token.type not in ("link_open", "link_close") or kept:
            safe.append(token)
        if token.type == "link_close":
            kept = False
    return safe


def _picture_as_link(picture: Token, *, inside_link: bool) -> list[Token]:
    source = str(picture.attrGet("src"))
    text = Token("text", "", 0, content=picture.content or source)
    if inside_link or not _is_full_address(source):
        return [text]
    return references.link(text, source)


def _is_full_address(href: str) -> bool:
    try:
        address = urlsplit(href)
    except ValueError:
        return False
    return address.scheme in _SCHEMES and bool(address.netloc or address.scheme == "mailto")
