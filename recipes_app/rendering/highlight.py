"""Files as lines of highlighted HTML. The lexer is chosen by name, never by looking into the content."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from pygments import format as format_tokens
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import _TokenType

from ..limits import MAX_HIGHLIGHT_BYTES, MAX_HIGHLIGHT_LINE, MAX_HIGHLIGHT_SECONDS
from .characters import reveal

# What lies in a debian/ folder: by its path there or its name, or by its suffix. Maintainer scripts have no suffix of their own.
_LANGUAGES = {
    "debcontrol": ("control", "copyright", "dur", "tests/control"),
    "bash": (
        "preinst",
        "postinst",
        "prerm",
        "postrm",
        "config",
        ".preinst",
        ".postinst",
        ".prerm",
        ".postrm",
        ".config",
        ".sh",
        ".init",
    ),
    "make": ("rules", "Makefile", ".mk"),
    "diff": (".patch", ".diff"),
    "yaml": ("upstream/metadata", ".yaml", ".yml"),
    "ini": ("gbp.conf", ".ini", ".cfg", ".desktop"),
    "systemd": (".service", ".socket", ".timer"),
    "cmake": ("CMakeLists.txt", ".cmake"),
    "meson": ("meson.build",),
    "c": (".c", ".h"),
    "cpp": (".cc", ".cpp", ".hpp"),
    "python": (".py",),
    "perl": (".pl", ".pm"),
    "ruby": (".rb",),
    "rust": (".rs",),
    "go": (".go",),
    "javascript": (".js",),
    "json": (".json",),
    "toml": (".toml",),
    "xml": (".xml",),
    "html": (".html",),
    "css": (".css",),
    "markdown": (".md",),
    "rst": (".rst",),
}
_BY_NAME = {name: language for language, names in _LANGUAGES.items() for name in names}
_NUL = b"\0"
_LINE_END = re.compile(r"\r?\n")
_Token = tuple[_TokenType, str]


@dataclass(frozen=True)
class Shown:
    """A file as a page shows it: its lines, or why there are none. `note` is a word about the encoding, or empty."""

    lines: tuple[SafeString, ...]
    language: str = ""
    is_binary: bool = False
    is_latin1: bool = False


def show_file(path: str, content: bytes) -> Shown:
    """Return the lines of a file, highlighted where its name tells the language and its size allows. Never raises."""
    if _NUL in content:
        return Shown((), is_binary=True)
    text, is_latin1 = _decode(content)
    language = _language(path)
    too_much = len(content) > MAX_HIGHLIGHT_BYTES or any(len(line) > MAX_HIGHLIGHT_LINE for line in text.split("\n"))
    html = escape(text) if too_much or not language else _colour(text, language)
    # Once for the whole file: a call for each of 256 Ki empty lines takes seconds.
    revealed = reveal(mark_safe(_LINE_END.sub("\n", html)))  # noqa: S308 - escaped by escape() or by Pygments above
    lines = revealed.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    shown = tuple(map(mark_safe, lines))
    return Shown(shown, language=language, is_latin1=is_latin1)


def _decode(content: bytes) -> tuple[str, bool]:
    """Return the text, and whether it had to be read as Latin-1, in which every byte is a character."""
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        return content.decode("latin-1"), True


def _language(path: str) -> str:
    inside = path.removeprefix("debian/")
    name = PurePosixPath(path)
    return _BY_NAME.get(inside) or _BY_NAME.get(name.name) or _BY_NAME.get(name.suffix, "")


class _TooSlow(Exception):
    """The lexer does not come to an end in the time that a page has."""


def _colour(text: str, language: str) -> str:
    """Return `text` as Pygments' HTML, in which every line closes what it opens; escaped alone where the lexer takes too long."""
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    try:
        return format_tokens(_in_time(lexer.get_tokens(text)), HtmlFormatter(nowrap=True))
    except _TooSlow:
        return escape(text)


def _in_time(items: Iterable[_Token]) -> Iterator[_Token]:
    """Pass `items` on until the time is up. Raises _TooSlow.

    Some lexers look through the whole rest of the file at each step: 96 KiB of line feeds kept the one for C busy for 110 s.
    """
    end = time.monotonic() + MAX_HIGHLIGHT_SECONDS
    for item in items:
        yield item
        if time.monotonic() > end:
            raise _TooSlow
