"""What a recipe's page tells its reader to paste: the blocks of its HTML, as a browser's clipboard would have them."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser

MAX_PAGE_BYTES = 4_000_000
_SECONDS = 60


class PageError(Exception):
    """The page lacks something that its reader needs; the text says what."""


@dataclass(frozen=True)
class Block:
    """Lines to paste in one go. `kind` is get, build, clean, install, all or undo; `variant` is empty where there is but one."""

    kind: str
    variant: str
    text: str


@dataclass(frozen=True)
class RecipePage:
    """The blocks of a recipe's page, and the recipes that are to be installed before."""

    name: str
    blocks: tuple[Block, ...]
    needs: tuple[str, ...] = ()

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants that the page offers, in its order; empty where there is one way to build."""
        return tuple(dict.fromkeys(block.variant for block in self.blocks if block.variant))

    def block(self, kind: str, variant: str = "") -> Block:
        """Return the block of this kind for a variant, or the one that serves all variants. Raises PageError without one."""
        of_kind = [block for block in self.blocks if block.kind == kind]
        for wanted in (variant, ""):
            for block in of_kind:
                if block.variant == wanted:
                    return block
        # The page shows the default variant first.
        if of_kind and not variant:
            return of_kind[0]
        raise PageError(f"the page of {self.name} has no block {kind!r}" + (f" for the variant {variant!r}" if variant else ""))


def read_page(name: str, html: str) -> RecipePage:
    """Return what the HTML of a recipe's page says. Raises PageError where it has no block at all."""
    parser = _Blocks()
    parser.feed(html)
    parser.close()
    if not parser.blocks:
        raise PageError(f"the page of {name} has no lines to paste (no element with data-block)")
    return RecipePage(name, tuple(parser.blocks), tuple(dict.fromkeys(parser.needs)))


def fetch_page(portal: str, name: str) -> RecipePage:
    """Return the page of the recipe `name` that the portal at this address serves. Raises PageError, OSError."""
    # The portal is our own, on loopback.
    with urllib.request.urlopen(f"{portal}/recipes/{name}/", timeout=_SECONDS) as answer:  # noqa: S310
        return read_page(name, answer.read(MAX_PAGE_BYTES).decode("utf-8"))


class _Blocks(HTMLParser):
    """Gathers the text of elements with `data-block`, and the names in `data-needs`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.needs: list[str] = []
        self._open: tuple[str, str, str] | None = None
        self._depth = 0
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.needs += attributes.get("data-needs", "").split()
        if self._open is not None:
            self._depth += tag == self._open[0]
        elif "data-block" in attributes:
            self._open = (tag, attributes["data-block"], attributes.get("data-variant", ""))
            self._depth = 1
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        if self._open is None or tag != self._open[0]:
            return
        self._depth -= 1
        if self._depth == 0:
            _, kind, variant = self._open
            # HTML drops a line break right after <pre>, and a copied text ends where its last line does.
            self.blocks.append(Block(kind, variant, "".join(self._text).strip("\n")))
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._text.append(data)
