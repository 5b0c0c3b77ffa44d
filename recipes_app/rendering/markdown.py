"""Markdown of strangers to HTML that can stand on our pages: the one renderer, for READMEs and for comments.

Three walls: raw HTML is text to the parser; links and images are rewritten on the parser's tokens; and nh3 cleans what comes
out by an allow-list. The parser's time is bounded by the limits on paragraphs, nesting and tables, and by a clock.
"""

from __future__ import annotations

import logging
import posixpath
from collections.abc import Callable, Sequence
from urllib.parse import quote, urlsplit

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it.token import Token

from ..deadline import WorkFailed, run_bounded
from ..limits import (
    MARKDOWN_CPU_SECONDS,
    MARKDOWN_WAIT_SECONDS,
    MARKDOWN_WALL_SECONDS,
    MAX_QUICK_MARKDOWN,
    MAX_README_BYTES,
)
from .characters import reveal
from .links import REL, web_address
from .markdown_parser import parser, token_fields

logger = logging.getLogger(__name__)

# The page's own headings are of the first two levels.
_README_HEADING_SHIFT = 2
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


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
    tokens = _tokens(source)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + heading_shift)}"
        if token.children is not None:
            token.children = _with_targets(token.children, target)
    return tokens


def to_html(tokens: Sequence[Token], rel: str = REL) -> SafeString:
    """Return tokens of `parse` as safe HTML, every link in it with `rel`."""
    with_tables = parser(with_tables=True)
    html = with_tables.renderer.render(tokens, with_tables.options, {})
    attributes = {"a": {"href"}, "ol": {"start"}}
    cleaned = nh3.clean(html, tags=_TAGS, attributes=attributes, url_schemes={"http", "https"}, link_rel=rel)
    return mark_safe(cleaned)  # noqa: S308 - nh3 has just cleaned it


def link_around(text: Token, href: str) -> list[Token]:
    """Return the token `text` with a link to `href` around it."""
    return [Token("link_open", "a", 1, attrs={"href": href}), text, Token("link_close", "a", -1)]


def _tokens(source: str) -> list[Token]:
    """Return the tokens of a text as the parser makes them. One that takes too long to be parsed is shown as it is."""
    if len(source) <= MAX_QUICK_MARKDOWN:
        return list(map(Token.from_dict, token_fields(source)))
    try:
        fields = run_bounded(
            token_fields, source,
            wall_seconds=MARKDOWN_WALL_SECONDS, cpu_seconds=MARKDOWN_CPU_SECONDS, wait_seconds=MARKDOWN_WAIT_SECONDS,
        )  # fmt: skip
    except WorkFailed as error:
        logger.info("a text is shown without its markup: %s", error)
        return [Token("code_block", "code", 0, content=source)]
    return list(map(Token.from_dict, fields))


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
