"""How a reader wants to see the site: a colour scheme, more contrast, single keys as shortcuts or not.

One line of text holds it, in a cookie for everybody and in the account for who has one, so that it follows him to other machines.
"""

from __future__ import annotations

from dataclasses import dataclass

# Where everybody's choice is kept.
LOOK_COOKIE = "look"
SCHEMES = ("light", "dark")
CONTRASTS = ("normal", "more")
_KEYS_OFF = "keys-off"


@dataclass(frozen=True)
class Look:
    """What was chosen; empty: as the reader's system asks."""

    scheme: str = ""
    contrast: str = ""
    keys_off: bool = False

    @property
    def text(self) -> str:
        """The choice as a cookie or an account keeps it."""
        return ".".join(word for word in (self.scheme, self.contrast, _KEYS_OFF if self.keys_off else "") if word)


def read(text: str) -> Look:
    """Return the choice that `text` holds; a word that means nothing here is passed over, since anybody can write a cookie."""
    words = text[:80].split(".")
    scheme = next((word for word in words if word in SCHEMES), "")
    contrast = next((word for word in words if word in CONTRASTS), "")
    return Look(scheme, contrast, _KEYS_OFF in words)
