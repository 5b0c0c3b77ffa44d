"""The one rule for what people write: it is kept whole, or refused with the number. Nothing is cut silently."""

from __future__ import annotations

from django.utils.translation import gettext as _

from recipes_app.limits import MAX_TEXT_LENGTH

from .errors import Refused


def checked(text: str, field: str, *, blank: str = "", most: int = MAX_TEXT_LENGTH) -> str:
    """Return `text` without the white space around it.

    `blank` is what to answer where nothing was written; without it, an empty text is taken. Raises Refused with the code `blank`
    or `too-long`.
    """
    words = text.strip()
    if blank and not words:
        raise Refused(blank, field=field, code="blank")
    if len(words) > most:
        message = _("at most %(most)s characters fit; this has %(length)s: shorten it, or link to the rest")
        raise Refused(message % {"most": most, "length": len(words)}, field=field, code="too-long")
    return words


def shortened(text: str, most: int) -> str:
    """Return a line of at most `most` characters that was made of somebody's words; where it is cut, it ends with "…"."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
