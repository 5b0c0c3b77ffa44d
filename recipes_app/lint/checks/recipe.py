"""What checks look at: a recipe's files, each read once and only when a check asks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from recipes_app.formats.deb822 import Paragraph, read_paragraphs
from recipes_app.formats.findings import Finding
from recipes_app.formats.manifest import PATH as MANIFEST_PATH
from recipes_app.formats.metadata import RecipeMetadata
from recipes_app.formats.recipe import ParsedRecipe, parse_recipe
from recipes_app.formats.report import Report
from recipes_app.formats.source_files import RULES_PATH
from recipes_app.formats.tree import Tree

from .base import CheckContext

# dpkg's maintainer scripts (Debian Policy 6.1) and debconf's config (debconf-devel(7)), for the first or a named binary
# package; debhelper fills in what ends in .in or is made by debian/rules.
_MAINTAINER_SCRIPT = re.compile(r"debian/(?:[^/]+\.)?(?:preinst|postinst|prerm|postrm|config)(?:\.in)?")
# What people read and no program acts on: its words may be in any language.
_PROSE_NAMES = frozenset({"changelog", "copyright", "news", "readme", "todo", "authors", "thanks", "copying", "license"})
_PROSE_SUFFIXES = (
    ".po", ".pot", ".templates", ".md", ".rst", ".txt", ".html", ".xml", ".sgml", ".tex", ".svg", ".desktop", ".doc-base",
    ".news", ".changelog", ".copyright", ".adoc", ".docbook", ".pod", ".bib", ".csv", ".metainfo", ".ad", ".hlp", ".texi",
)  # fmt: skip
_MANUAL = re.compile(r"\.[1-9][a-z]*$")
_SHEBANG = re.compile(r"#!\s*(?P<path>\S+)(?:[ \t]+(?P<argument>\S+))?")


@dataclass(frozen=True)
class Script:
    """A text that is run: its path, its content, the program that runs it (`sh`, `make`, `python3`), and what calls it.

    `role` is `rules` for debian/rules, `maintainer` for what dpkg runs as root on a user's machine, `other` for the rest.
    """

    path: str
    text: str
    interpreter: str
    role: str


class CheckedRecipe:
    """A recipe's files with what can be read from them. Never raises for any content."""

    def __init__(self, tree: Tree, context: CheckContext) -> None:
        self.tree = tree
        self.context = context
        self._texts: dict[str, str | None] = {}
        self._paragraphs: dict[str, list[Paragraph]] = {}

    @cached_property
    def parsed(self) -> ParsedRecipe:
        """What the parser of `formats` says."""
        return parse_recipe(self.tree)

    @property
    def metadata(self) -> RecipeMetadata | None:
        """Everything that the recipe says, or None where its control file or changelog cannot be read."""
        return self.parsed.metadata

    def parser_findings(self, *identifiers: str) -> Iterator[Finding]:
        """Yield what the parser found under one of `identifiers`."""
        return (finding for finding in self.parsed.findings if finding.id in identifiers)

    def text(self, path: str) -> str:
        """Return the file at `path` as text, bytes that are no UTF-8 replaced; empty where it is missing or holds a NUL."""
        return self._text(path) or ""

    def lines(self, path: str) -> list[str]:
        """Return the lines of the file at `path` as text, without their ends."""
        return self.text(path).split("\n")

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield path and text of every file that is text: one without a NUL."""
        for path in self.tree:
            text = self._text(path)
            if text is not None:
                yield path, text

    def paragraphs(self, path: str) -> list[Paragraph]:
        """Return the deb822 paragraphs of the file at `path`, with lines; what cannot be read in it is left out."""
        if path not in self._paragraphs:
            self._paragraphs[path] = read_paragraphs(self.text(path), Report(path))
        return self._paragraphs[path]

    def manifest_paragraphs(self, kind: str) -> list[Paragraph]:
        """Return the paragraphs of debian/dur that the field `kind` makes one of its kind: Fetch, Model, Dataset, Variant."""
        return [paragraph for paragraph in self.paragraphs(MANIFEST_PATH)[1:] if paragraph.get(kind)]

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """The files that are run at build, at installation or as a program: debian/rules, maintainer scripts, all with `#!`."""
        found = []
        for path, text in self.texts():
            interpreter = interpreter_of(text)
            if path == RULES_PATH:
                found.append(Script(path, text, interpreter or "make", "rules"))
            elif _MAINTAINER_SCRIPT.fullmatch(path):
                found.append(Script(path, text, interpreter or "sh", "maintainer"))
            elif interpreter:
                found.append(Script(path, text, interpreter, "other"))
        return tuple(found)

    def _text(self, path: str) -> str | None:
        if path not in self._texts:
            content = self.tree.get(path, b"\0")
            self._texts[path] = None if b"\0" in content else content.decode("utf-8", "replace")
        return self._texts[path]


def interpreter_of(text: str) -> str:
    """Return the name of the program in the `#!` line of `text`, behind env's where env calls it; empty where there is none."""
    match = _SHEBANG.match(text)
    if match is None:
        return ""
    name = match["path"].rpartition("/")[2]
    return (match["argument"] or "").rpartition("/")[2] if name == "env" else name


def is_patch(path: str) -> bool:
    """Return whether the file is a patch: it holds lines of upstream's files, in whatever form they have there."""
    return path.startswith("debian/patches/") or path.endswith((".patch", ".diff", ".dpatch"))


def is_prose(path: str) -> bool:
    """Return whether people read the file and no program acts on it: documentation, translations, licences."""
    name = path.rpartition("/")[2]
    stem = name.partition(".")[0]
    is_documentation = name.endswith(_PROSE_SUFFIXES) or _MANUAL.search(name) is not None
    return is_documentation or name.lower() in _PROSE_NAMES or stem.lower() in _PROSE_NAMES


def line_of(text: str, position: int) -> int:
    """Return the number of the line in which `position` of `text` stands."""
    return text.count("\n", 0, position) + 1
