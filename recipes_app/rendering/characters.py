"""Characters that a reader cannot see and that change what he reads: shown by name instead of obeyed.

A right-to-left override in a maintainer script makes it read otherwise than it runs ("Trojan Source", CVE-2021-42574).
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

# Controls but line feed and tab; format characters (Unicode's Cf: bidi, zero width, tags); line and paragraph separators;
# letters that are drawn as nothing; surrogates, which no answer could carry.
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    name = unicodedata.name(character, "CONTROL CHARACTER" if ord(character) < 0xA0 else "INVISIBLE CHARACTER")
    return f'<span class="odd" title="{name}">U+{ord(character):04X}</span>'


def reveal(text: str) -> SafeString:
    """Return `text` escaped (unless it is safe HTML already) with every invisible character spelled out.

    Safe HTML must have such characters in its text only, never inside a tag.
    """
    return mark_safe(_ODD.sub(_shown, conditional_escape(text)))  # noqa: S308 - escaped in the same line


def spell_out(text: str) -> str:
    """Return `text`, unescaped, with every invisible character as its number: for titles and attributes, which hold no markup."""
    return _ODD.sub(lambda match: f"U+{ord(match[0]):04X}", text)


def has_odd_characters(text: str) -> bool:
    """Return whether `text` holds a character that `reveal` would spell out."""
    return _ODD.search(text) is not None
