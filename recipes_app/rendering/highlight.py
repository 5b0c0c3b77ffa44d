"""Files as lines of highlighted HTML. The lexer is chosen by name, never by looking into the content."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ..deadline import WorkFailed, run_bounded
from ..limits import (
    HIGHLIGHT_CPU_SECONDS,
    HIGHLIGHT_WAIT_SECONDS,
    HIGHLIGHT_WALL_SECONDS,
    MAX_HIGHLIGHT_BYTES,
    MAX_HIGHLIGHT_LINE,
)
from .characters import reveal
from .colours import coloured

logger = logging.getLogger(__name__)

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


def _colour(text: str, language: str) -> str:
    """Return `text` as Pygments' HTML, in which every line closes what it opens; escaped alone where the lexer takes too long.

    A lexer's patterns may step back and forth in what somebody wrote for ever, inside of one token: a process can be stopped.
    """
    try:
        html = run_bounded(
            coloured, text, language, wall_seconds=HIGHLIGHT_WALL_SECONDS, cpu_seconds=HIGHLIGHT_CPU_SECONDS,
            wait_seconds=HIGHLIGHT_WAIT_SECONDS,
        )  # fmt: skip
    except WorkFailed as error:
        logger.info("a file is shown without colours: %s", error)
        return escape(text)
    return escape(text) if html is None else html
