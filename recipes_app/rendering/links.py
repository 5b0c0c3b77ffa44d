"""Addresses that a recipe names: only the web's own schemes become links, and search engines are told to ignore them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString

from .characters import has_odd_characters, reveal

_SCHEMES = frozenset({"http", "https"})
REL = "nofollow noopener noreferrer"
_BLANK_OR_QUOTE = re.compile(r"[\s\"'<>\\]")


def web_address(text: str) -> str:
    """Return `text` where it is an http or https address with a host and no odd character, and else nothing."""
    if has_odd_characters(text) or _BLANK_OR_QUOTE.search(text):
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return ""
    return text if parts.scheme.lower() in _SCHEMES and host else ""


def external_link(address: str, text: str = "") -> SafeString:
    """Return a link to `address` that reads `text` or the address; what is no web address is shown and not linked."""
    shown = reveal(text or address)
    target = web_address(address)
    if not target:
        return shown
    return format_html('<a href="{}" rel="{}">{}</a>', target, REL, shown)


def cited(reference: str) -> SafeString:
    """Return a reference, `TITLE: ADDRESS` or an address alone, as a link that reads the title; else as text.

    So `services.lint.explanations` stores what the tools cite; several addresses behind one title are shown and not linked.
    """
    title, found, address = reference.rpartition(": ")
    return external_link(address, title) if found and web_address(address) else external_link(reference)
