"""Markdown of strangers to HTML that can stand on our pages: the one renderer, for READMEs and for comments.

Three walls: raw HTML is text to the parser; links and images are rewritten on the parser's tokens; and nh3 cleans what comes
out by an allow-list. The parser's time is bounded by the limits on paragraphs, nesting and tables.
"""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from ..limits import MAX_MARKDOWN_NESTING, MAX_PARAGRAPH_LENGTH, MAX_README_BYTES, MAX_TABLE_CELLS
from .characters import reveal
from .links import REL, web_address

# The page's own headings are of the first two levels.
_README_HEADING_SHIFT = 2
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
# What GFM's delimiter row is made of, in a quote or a list too; it alone makes a table and tells its number of columns.
_DELIMITER_SIGNS = "|:- \t>*+"
_local = threading.local()


def readme_html(content: bytes, files_address: str) -> SafeString:
    """Return a README as safe HTML. `files_address` is the address of the recipe's top folder, for links to its files.

    Never raises: bytes that are no UTF-8 are replaced, and a text that is too long to be formatted is shown as it is.
    """
    text = content.decode("utf-8", "replace")
    if len(content) > MAX_README_BYTES:
        return format_html("<pre>{}</pre>", reveal(text))
    tokens = parse(text, heading_shift=_README_HEADING_SHIFT, target=lambda href: _into_files(href, files_address))
    return reveal(to_html(tokens))


def parse(source: str, *, heading_shift: int, target: Callable[[str], str]) -> list[Token]:
    """Return the tokens of a Markdown text, its headings moved down by `heading_shift` levels.

    `target` says where a link leads, from what the text says; where it returns nothing, the words stay without a link. An
    image becomes a link: it would be fetched from elsewhere and tell there who reads, and the page's policy forbids it.
    """
    tokens = _parser(with_tables=_table_cells(source) <= MAX_TABLE_CELLS).parse(source)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + heading_shift)}"
        if token.children is not None:
            token.children = _with_targets(token.children, target)
    return tokens


def to_html(tokens: Sequence[Token], rel: str = REL) -> SafeString:
    """Return tokens of `parse` as safe HTML, every link in it with `rel`."""
    parser = _parser(with_tables=True)
    html = parser.renderer.render(tokens, parser.options, {})
    attributes = {"a": {"href"}, "ol": {"start"}}
    cleaned = nh3.clean(html, tags=_TAGS, attributes=attributes, url_schemes={"http", "https"}, link_rel=rel)
    return mark_safe(cleaned)  # noqa: S308 - nh3 has just cleaned it


def link_around(text: Token, href: str) -> list[Token]:
    """Return the token `text` with a link to `href` around it."""
    return [Token("link_open", "a", 1, attrs={"href": href}), text, Token("link_close", "a", -1)]


def _parser(*, with_tables: bool) -> MarkdownIt:
    """Return this thread's parser: making one takes longer than most texts, and two threads must not share its linkifier."""
    made: dict[bool, MarkdownIt] = _local.__dict__.setdefault("parsers", {})
    if with_tables not in made:
        made[with_tables] = _make_parser(with_tables=with_tables)
    return made[with_tables]


def _make_parser(*, with_tables: bool) -> MarkdownIt:
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


def _with_targets(children: Sequence[Token], target: Callable[[str], str]) -> list[Token]:
    """Return inline tokens with each link led to its target, or taken off its words where it has none."""
    shown: list[Token] = []
    href = ""
    for token in children:
        if token.type == "link_open":
            href = target(str(token.attrGet("href")))
            token.attrs = {"href": href}
        if token.type == "image":
            shown.extend(_image_as_link(token, "" if href else target(str(token.attrGet("src")))))
        elif token.type not in ("link_open", "link_close") or href:
            shown.append(token)
        if token.type == "link_close":
            href = ""
    return shown


def _image_as_link(image: Token, href: str) -> list[Token]:
    text = Token("text", "", 0, content=image.content or str(image.attrGet("src")))
    return link_around(text, href) if href else [text]


def _into_files(href: str, files_address: str) -> str:
    """Return where a link of the README leads: a web address as it is, a relative path into the files, else nowhere."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc:
        return web_address(href)
    path = posixpath.normpath(parts.path) if parts.path else ""
    if not path or path.startswith(("/", "..")):
        return ""
    return files_address + quote(path, safe="/%")
