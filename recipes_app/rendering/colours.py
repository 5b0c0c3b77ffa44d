"""What Pygments makes of a file's text. No Django: it is done in a bounded process (recipes_app/deadline.py)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from pygments import format as format_tokens
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import _TokenType

from ..limits import MAX_HIGHLIGHT_SECONDS

_Token = tuple[_TokenType, str]
# What lies in most recipes; other lexers are loaded by the process that needs one.
_USUAL = ("debcontrol", "bash", "make", "diff", "yaml", "ini", "c", "python", "json")


class _TooSlow(Exception):
    """The lexer does not come to an end in the time that a page has."""


def prepare() -> None:
    """Load the usual lexers, before processes are forked that use them."""
    for language in _USUAL:
        coloured("x\n", language)


def coloured(text: str, language: str) -> str | None:
    """Return `text` as HTML in which every line closes what it opens; None where the lexer takes too long."""
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    try:
        return format_tokens(_in_time(lexer.get_tokens(text)), HtmlFormatter(nowrap=True))
    except _TooSlow:
        return None


def _in_time(items: Iterable[_Token]) -> Iterator[_Token]:
    """Pass `items` on until the time is up. Raises _TooSlow.

    Some lexers look through the whole rest of the file at each step: 96 KiB of line feeds kept the one for C busy for 110 s.
    """
    end = time.monotonic() + MAX_HIGHLIGHT_SECONDS
    for item in items:
        yield item
        if time.monotonic() > end:
            raise _TooSlow
