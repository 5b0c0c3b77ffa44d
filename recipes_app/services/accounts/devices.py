"""Devices that an account has signed in from: each has a cookie of its own, and a new one is told by mail."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from recipes_app.limits import MAX_KNOWN_DEVICES
from recipes_app.models import KnownDevice, SecurityEvent, User

from . import security_mail
from .security_history import SecurityKind

COOKIE = "device"


def note_sign_in(user: User, request: HttpRequest | None) -> bool:
    """Remember the device of a sign-in; return whether it is new to `user`, who then gets a mail. The first of all is not told.

    The request gets `new_device`, the secret that `views.account.account_middleware` sets as a cookie for the pages that sign in.
    """
    given = request.COOKIES.get(COOKIE, "") if request is not None else ""
    now = timezone.now()
    if given and KnownDevice.objects.filter(user=user, digest=_digest(given)).update(seen_at=now):
        return False
    # Other accounts may have signed in from this device: it keeps the secret that it has.
    secret = given if given and KnownDevice.objects.filter(digest=_digest(given)).exists() else secrets.token_urlsafe(32)
    with transaction.atomic():
        is_first = not KnownDevice.objects.filter(user=user).exists() and not _has_signed_in_before(user)
        KnownDevice.objects.create(user=user, digest=_digest(secret), seen_at=now)
        kept = KnownDevice.objects.filter(user=user).order_by("-seen_at", "-pk").values_list("pk", flat=True)
        KnownDevice.objects.filter(pk__in=list(kept[MAX_KNOWN_DEVICES:])).delete()
        if not is_first:
            security_mail.tell(user, lambda: _("Somebody signed in to your account on a new device."))
    if request is not None:
        request.new_device = secret  # type: ignore[attr-defined]  # read by the middleware
    return not is_first


def _has_signed_in_before(user: User) -> bool:
    """Return whether there was a sign-in before this one, whose line stands in the history already."""
    return SecurityEvent.objects.filter(user=user, kind=SecurityKind.SIGNED_IN).count() > 1


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
