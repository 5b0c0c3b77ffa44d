"""Checks of debian/dur: what is fetched, from where, and whether it is held down."""

from __future__ import annotations

from collections.abc import Iterator

from recipes_app.formats.findings import Severity

from .base import About, Family, Place, check
from .examples import DUR, SHA256
from .recipe import Recipe


@check(
    About(
        id="DUR101",
        severity=Severity.ERROR,
        family=Family.MANIFEST,
        title="A fetched file is not pinned",
        explanation=(
            "Without a checksum and a size, whoever controls the address decides later what the user builds. A git source is "
            "pinned by its commit: a branch or a tag can be moved."
        ),
        remedy="add SHA256 and Size of the file (sha256sum, stat -c %s), or #commit= with 40 hexadecimal digits",
        failing={"debian/dur": DUR.replace(f"SHA256: {SHA256}\n", "")},
        mending={"debian/dur": DUR},
    )
)
def fetches_are_pinned(recipe: Recipe) -> Iterator[Place]:
    """Tell what the parser of debian/dur says of missing and of malformed pins."""
    for finding in recipe.parser_findings("manifest-unpinned", "manifest-sha256", "manifest-size"):
        yield Place(finding.path, finding.line, finding.message)
