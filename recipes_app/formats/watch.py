"""debian/watch (uscan(1), versions 3 to 5): where new versions are looked for, and how upstream's signatures are found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .deb822 import read_paragraphs
from .report import Report

PATH = "debian/watch"
_VERSION_LINE = re.compile(r"version\s*=\s*[0-9]+", re.IGNORECASE)
_OPTIONS = re.compile(r'(?:opts|options)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))\s*', re.IGNORECASE)
_OPTION_NAME = re.compile(r"[a-z-]+")
# What is no address any more: a pattern's first group, class or joker. What stands before it is where uscan looks.
_PATTERN = re.compile(r"[(\[*\\@]|\.\+|%")
# Fields of version 5 that name an origin beside Source; templates build the address from them.
_TEMPLATE_FIELDS = ("Template", "Owner", "Project", "Dist", "Host", "Namespace", "Package")


@dataclass(frozen=True)
class Watch:
    """One source that is watched. `address` ends before the pattern for file names; `action` is the program that uscan calls."""

    line: int
    address: str
    options: dict[str, str] = field(default_factory=dict)
    action: str = ""

    @property
    def signature(self) -> dict[str, str]:
        """The options that say how upstream's signature is found and whether it is asked for."""
        return {name: value for name, value in self.options.items() if name.startswith("pgp")}


def read_watch(data: bytes) -> tuple[Watch, ...]:
    """Return what the watch file `data` watches. Never raises: lines that say nothing are passed over."""
    text = data.decode("utf-8", "replace")
    first = next((line for line in text.split("\n") if line.strip() and not line.startswith("#")), "")
    return _paragraphs(text) if re.match(r"version\s*:", first, re.IGNORECASE) else _lines(text)


def _lines(text: str) -> tuple[Watch, ...]:
    """Return the sources of versions 1 to 4: a line each, continued by a backslash."""
    found = []
    for number, line in _logical(text):
        if _VERSION_LINE.fullmatch(line):
            continue
        match = _OPTIONS.match(line)
        options = _options(match["quoted"] or match["bare"] or "") if match else {}
        words = line[match.end() if match else 0 :].split()
        if not words:
            continue
        # uscan(1): URL [PATTERN [VERSION [SCRIPT]]], or the pattern in the URL itself.
        inside = "(" in words[0] or "@ANY_VERSION@" in words[0]
        action = words[2:3] if inside else words[3:4]
        found.append(Watch(number, _address(words[0]), options, "".join(action)))
    return tuple(found)


def _logical(text: str) -> list[tuple[int, str]]:
    """Return the lines with what continues them, without comments, each with the number of its first line.

    uscan(1): a backslash at the end continues a line, and blanks at the beginning of the next one are dropped.
    """
    found: list[tuple[int, str]] = []
    parts: list[str] = []
    start = 0
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip("\r").lstrip()
        if not parts and (line.startswith("#") or not line):
            continue
        start = start if parts else number
        stripped = line.rstrip()
        parts.append(stripped.removesuffix("\\") if stripped.endswith("\\") else line)
        if not stripped.endswith("\\"):
            found.append((start, "".join(parts).strip()))
            parts = []
    if parts:
        found.append((start, "".join(parts).strip()))
    return found


def _options(text: str) -> dict[str, str]:
    """Return the options `name=value, name`; a comma inside a value separates nothing where no name follows."""
    parts: list[tuple[str, list[str]]] = []
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if parts and not _OPTION_NAME.fullmatch(name):
            parts[-1][1].append(part)
        else:
            parts.append((name, [value.strip()] if equals else []))
    return {name: ",".join(values) for name, values in parts if name}


def _paragraphs(text: str) -> tuple[Watch, ...]:
    """Return the sources of version 5: a header, and a paragraph each."""
    found = []
    for paragraph in read_paragraphs(text, Report(PATH)):
        values = {each.name: each.value for each in paragraph.fields.values()}
        lower = {name.lower(): value for name, value in values.items()}
        named = " ".join(lower[name.lower()] for name in _TEMPLATE_FIELDS if name.lower() in lower)
        address = lower.get("source", "") or lower.get("url", "")
        if not address and not named:
            continue
        options = {name.replace("-", ""): value for name, value in lower.items() if name not in {"source", "url", "version"}}
        found.append(Watch(paragraph.line, _address(address) if address else f"template:{named.lower()}", options))
    return tuple(found)


def _address(text: str) -> str:
    """Return the part of an address before its pattern, up to the last slash."""
    match = _PATTERN.search(text)
    return text[: match.start()].rpartition("/")[0] + "/" if match else text
