"""What an account says about itself on its public page, and how it wants to read the site."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import gettext as _

from recipes_app.models import User

from ..core import texts
from ..core.errors import Refused
from ..core.permissions import Action, require

_ABOUT = 2000
_HOMEPAGE = 200
_FINGERPRINT = re.compile(r"[0-9A-F]{40}")


@dataclass(frozen=True)
class Profile:
    """What can be changed; empty where nothing is said."""

    about: str = ""
    homepage: str = ""
    openpgp_fingerprint: str = ""
    language: str = ""
    time_zone: str = ""


def profile_of(user: User) -> Profile:
    """Return the profile of `user` as it stands."""
    return Profile(user.about, user.homepage, user.openpgp_fingerprint, user.language, user.time_zone)


def update(user: User, profile: Profile) -> None:
    """Replace the profile of `user`. Raises PermissionDenied, Refused with the field that is wrong."""
    require(Action.EDIT_ACCOUNT, user)
    values = {
        "about": _about(profile.about),
        "homepage": _homepage(profile.homepage),
        "openpgp_fingerprint": _fingerprint(profile.openpgp_fingerprint),
        "language": _one_of(profile.language, dict(settings.LANGUAGES), "language"),
        "time_zone": _one_of(profile.time_zone, dict.fromkeys(available_timezones()), "time_zone"),
    }
    for field, value in values.items():
        setattr(user, field, value)
    user.save(update_fields=list(values))


def begin(user: User, language: str) -> None:
    """Let the mails of a new account be in the language in which it signed up; the site's own need not be chosen."""
    if language != settings.LANGUAGE_CODE and language in dict(settings.LANGUAGES):
        user.language = language
        user.save(update_fields=["language"])


def choose_language(user: User, language: str) -> None:
    """Read the site and its mails in `language` from now on. Raises PermissionDenied, Refused where there is no such language."""
    require(Action.EDIT_ACCOUNT, user)
    if not language:
        raise Refused(_("choose a language"), field="language", code="blank")
    user.language = _one_of(language, dict(settings.LANGUAGES), "language")
    user.save(update_fields=["language"])


def _about(text: str) -> str:
    return texts.checked(text, "about", most=_ABOUT)


def _homepage(address: str) -> str:
    """Only http and https: a link with another scheme is no homepage, and `javascript:` would be an attack."""
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or len(address) > _HOMEPAGE:
        raise Refused(_("give an address that begins with https:// or http://"), field="homepage", code="bad-address")
    return address


def _fingerprint(text: str) -> str:
    """A version 4 fingerprint is 160 bits (RFC 4880, 12.2); the short ids of old are forged in seconds."""
    compact = re.sub(r"\s", "", text).upper().removeprefix("0X")
    if compact and not _FINGERPRINT.fullmatch(compact):
        raise Refused(
            _("a fingerprint has 40 hexadecimal digits: gpg --fingerprint prints it"),
            field="openpgp_fingerprint",
            code="bad-fingerprint",
        )
    return compact


def _one_of(value: str, choices: Mapping[str, object], field: str) -> str:
    if value and value not in choices:
        raise Refused(_("%(value)r is not to be had here") % {"value": value}, field=field, code="unknown")
    return value
