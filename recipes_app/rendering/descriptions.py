"""The markup of a binary package's long description: Debian Policy 5.6.13."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .characters import reveal


def description_html(description: str) -> SafeString:
    """Return a long description, as the parser gives it, as paragraphs and verbatim blocks.

    An empty line ends a paragraph, and a line that starts with a blank is shown as it is; the lines that start with a full
    stop are reserved by Policy and say nothing.
    """
    return format_html_join("\n", "{}", ((block,) for block in _blocks(description.split("\n"))))


def _kind(line: str) -> str:
    if line.startswith(".") or not line.strip():
        return "end"
    return "verbatim" if line[0] in " \t" else "paragraph"


def _blocks(lines: list[str]) -> Iterator[SafeString]:
    for kind, members in groupby(lines, key=_kind):
        if kind == "verbatim":
            yield format_html("<pre>{}</pre>", reveal("\n".join(line[1:] for line in members)))
        elif kind == "paragraph":
            yield format_html("<p>{}</p>", reveal("\n".join(members)))
