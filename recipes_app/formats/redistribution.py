"""Whether what is built from a recipe may be passed on: said only where it is known. Unknown stays unknown.

Asked in this order: what a licence's class or a text in debian/copyright forbids, what debian/dur declares, and what licences say
that are all free. Nothing else is a yes: no name, no section and no silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .vocabulary import LicenceClass, Redistribution

# Debian Policy 2.2.3: the archive area stands before the slash. Packages of contrib are free themselves.
_NONFREE_AREAS = ("non-free/", "non-free-firmware/", "restricted/", "multiverse/")
_PASSIVE = "sold|resold|redistributed|distributed|passed on|copied|given away|made available"
# A licence forbids, or allows only with leave. GNU licences and the OFL forbid other terms, not copies: "except", "unless",
# "under any other license" behind the verb take the sentence out; so do conditions of the Artistic and Creative Commons licences.
_REFUSALS = (
    rf"\b(?:may|must|can|shall) not be (?:\w+,? (?:or |and )?){{0,4}}?(?:{_PASSIVE})\b",
    r"\bno person may (?:sell|distribute|copy)\b",
    r"(?<!that you )\bdo not (?:re-?)?distribute\b",
    r"(?<!consequence you )\b(?:may|must|shall) not (?:re-?)?distribute\b(?!,)",
    r"\bno re-?distribution\b",
    r"\bnot (?:be )?re-?distributable\b",
    r"\bre-?distribution[^.;,(]{0,60}\b(?:is|are) (?:not (?:permitted|allowed)|prohibited|forbidden)\b",
    r"\b(?:prohibits?|forbids?) (?:\w+ ){0,3}re-?distribut",
)
_EXCEPTED = r"(?![^.;]{0,60}\b(?:except|unless|under any other|under different|if the))"
_REFUSAL = re.compile(f"(?:{'|'.join(_REFUSALS)}){_EXCEPTED}", re.IGNORECASE)
# Terms that let some people pass it on, in some cases: neither a yes nor a no.
_LIMITS = re.compile(
    r"\bnon-?commercial (?:use|uses|purposes?|research)\b[^.;]{0,20}\bonly\b"
    r"|\bonly (?:\w+ ){0,3}non-?commercial\b(?! distribution and only)"
    r"|\b(?:research|evaluation|academic|educational|personal)(?: use| purposes?)? only\b"
    r"|\bno commercial use\b(?! of these trademarks)"
    r"|\bDisclaimer: [^:]{0,300}(?:non-?free|not (?:a )?part of (?:the )?debian)",
    re.IGNORECASE,
)


def refuses(text: str) -> bool:
    """Return whether the text of debian/copyright forbids to pass copies on, or asks for leave."""
    return _REFUSAL.search(_one_line(text)) is not None


def limits(text: str) -> bool:
    """Return whether the text of debian/copyright lets only some people, or only in some cases, use or pass on."""
    return _LIMITS.search(_one_line(text)) is not None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def is_nonfree_section(section: str) -> bool:
    """Return whether a section names an archive area for what is not free."""
    return section.lower().startswith(_NONFREE_AREAS) or f"{section.lower()}/" in _NONFREE_AREAS


def redistribution_of(licence_class: str, declared: str, sections: Iterable[str], text: str) -> str:
    """Return whether it may be passed on. `declared` is debian/dur's word, empty for none; `text` is debian/copyright.

    A refusing text under the short name of a free licence makes it unknown: one of the two is wrong, and a person has to look.
    """
    if declared in (Redistribution.FORBIDDEN, Redistribution.BINARIES_FORBIDDEN):
        return declared
    if licence_class == LicenceClass.NONFREE_NOREDIST:
        return Redistribution.FORBIDDEN
    is_free = licence_class == LicenceClass.DFSG_FREE
    if refuses(text):
        return Redistribution.UNKNOWN if is_free else Redistribution.FORBIDDEN
    if declared == Redistribution.PERMITTED:
        return declared
    if not is_free or limits(text) or any(map(is_nonfree_section, sections)):
        return Redistribution.UNKNOWN
    return Redistribution.PERMITTED
