"""A comment's Markdown to HTML, with links to what it names: the renderer of all pages, and the references of this portal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recipes_app.models import Recipe, User
from recipes_app.rendering.links import REL, web_address
from recipes_app.rendering.markdown import parse, to_html

from . import references

# Below the headings of the page and of its sections.
_HEADING_SHIFT = 3
# Search engines are told that these links are not ours.
_REL = f"{REL} ugc"
# Controls, and the marks that turn the order of text around. Joiners stay, unlike in a recipe's files: emoji and Persian need
# them, and no one runs a comment.
_MISLEADING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Rendered:
    """Clean HTML, and the accounts that the text names by @name, in their order."""

    html: str
    mentioned: tuple[User, ...]


def render_comment(text: str, recipe: Recipe | None = None) -> Rendered:
    """Return `text` as HTML, with links to what it names: accounts, recipes, bugs, and commits and tags of `recipe`.

    Only full web addresses are links: a comment stands on several pages, so a relative one means nothing. At most one query
    for each kind of reference that the text holds.
    """
    source = _MISLEADING.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text.replace("\r\n", "\n"))
    tokens = parse(source, heading_shift=_HEADING_SHIFT, target=web_address)
    mentioned = references.link_tokens(tokens, recipe)
    return Rendered(str(to_html(tokens, _REL)), mentioned)
