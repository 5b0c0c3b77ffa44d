"""The terms of service: one version in force, which each account accepts once.

Asked on the site only: a token or a key is made there by an account that has accepted the version of its day, and a new
version must not stop a script overnight; its owner is asked at the next visit.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recipes_app.models import User
from recipes_app.rendering.markdown import parse, to_html

from ..core.errors import Refused

TERMS_FILE = Path("docs") / "terms.md"
# For readers; what binds is the text above.
TRANSLATION = "terms.{language}.md"


def in_force() -> str:
    """Return the version in force (settings.TERMS_VERSION); empty where the operator has no terms."""
    return str(settings.TERMS_VERSION)


def must_accept(user: User) -> bool:
    """Return whether `user` has still to accept the version in force: the account's own row says it, and nobody else's.

    aurweb asked "did anybody accept since?" and looped for the second account.
    """
    return bool(in_force()) and user.terms_version != in_force()


def accept(user: User, version: str) -> None:
    """Note that `user` accepts `version`. Raises Refused where that is not what is in force: he has read another text."""
    if version != in_force():
        raise Refused(
            _("the terms have changed while you were reading: this is the new version"), field="version", code="old-terms"
        )
    user.terms_version, user.terms_accepted_at = version, timezone.now()
    user.save(update_fields=["terms_version", "terms_accepted_at"])


@lru_cache
def as_html(language: str) -> SafeString:
    """Return the terms as safe HTML, without the text's own title, in `language` where there is a translation.

    Read once: a new version comes with a new release.
    """
    english = settings.BASE_DIR / TERMS_FILE
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    translated = english.with_name(TRANSLATION.format(language=known))
    file = translated if translated.is_file() else english
    _title, _newline, text = file.read_text(encoding="utf-8").partition("\n")
    return to_html(parse(text, heading_shift=1, target=str))
