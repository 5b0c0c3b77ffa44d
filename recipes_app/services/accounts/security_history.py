"""The security history of an account: what opened it, what was changed about its keys, and from where. Only its owner reads it.

Written where the state changes: by the services of tokens, keys and deletion, and by `account_events` for what allauth does.
"""

from __future__ import annotations

from enum import StrEnum

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recipes_app.limits import SECURITY_EVENTS_KEPT
from recipes_app.mail_addresses import normal
from recipes_app.models import SecurityEvent, User

from ..core import texts

_USER_AGENT = 200
_DETAIL = 200


class SecurityKind(StrEnum):
    """The typed names of the lines."""

    SIGNED_UP = "signed-up"
    SIGNED_IN = "signed-in"
    SIGN_IN_FAILED = "sign-in-failed"
    SECOND_FACTOR_FAILED = "second-factor-failed"
    SIGNED_OUT = "signed-out"
    SESSION_ENDED = "session-ended"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a name, no secret
    PASSWORD_RESET = "password-reset"  # noqa: S105 - a name, no secret
    FACTOR_ADDED = "factor-added"
    FACTOR_REMOVED = "factor-removed"
    RECOVERY_CODES_MADE = "recovery-codes-made"
    ADDRESS_CHANGED = "address-changed"
    OTHER_SITE_CONNECTED = "other-site-connected"
    OTHER_SITE_REMOVED = "other-site-removed"
    TOKEN_MADE = "token-made"  # noqa: S105 - a name, no secret
    TOKEN_REVOKED = "token-revoked"  # noqa: S105 - a name, no secret
    KEY_ADDED = "key-added"
    KEY_REMOVED = "key-removed"
    TOKEN_LEAKED = "token-leaked"  # noqa: S105 - a name, no secret
    NEW_DEVICE = "new-device"
    RECOVERY_LOST = "recovery-lost"
    RECOVERY_REGAINED = "recovery-regained"


LABELS = {
    SecurityKind.SIGNED_UP: _("Signed up"),
    SecurityKind.SIGNED_IN: _("Signed in"),
    SecurityKind.SIGN_IN_FAILED: _("Wrong password"),
    SecurityKind.SECOND_FACTOR_FAILED: _("Wrong second factor"),
    SecurityKind.SIGNED_OUT: _("Signed out"),
    SecurityKind.SESSION_ENDED: _("Session ended from elsewhere"),
    SecurityKind.PASSWORD_CHANGED: _("Password changed"),
    SecurityKind.PASSWORD_RESET: _("Password reset by mail"),
    SecurityKind.FACTOR_ADDED: _("Second factor added"),
    SecurityKind.FACTOR_REMOVED: _("Second factor removed"),
    SecurityKind.RECOVERY_CODES_MADE: _("New recovery codes made"),
    SecurityKind.ADDRESS_CHANGED: _("Address changed"),
    SecurityKind.OTHER_SITE_CONNECTED: _("Sign-in by another site connected"),
    SecurityKind.OTHER_SITE_REMOVED: _("Sign-in by another site removed"),
    SecurityKind.TOKEN_MADE: _("Token made"),
    SecurityKind.TOKEN_REVOKED: _("Token revoked"),
    SecurityKind.KEY_ADDED: _("SSH key added"),
    SecurityKind.KEY_REMOVED: _("SSH key removed"),
    SecurityKind.TOKEN_LEAKED: _("Token ended: somebody reported that it leaked"),
    SecurityKind.NEW_DEVICE: _("Signed in on a new device"),
    SecurityKind.RECOVERY_LOST: _("The domain of your address was gone: no mail resets the password any more"),
    SecurityKind.RECOVERY_REGAINED: _("Address proved again: mail resets the password"),
}
# What protects the account is another one from then on: trust in its recipes is earned anew (`services.gates.trust`).
_RESETTING = (
    SecurityKind.PASSWORD_RESET, SecurityKind.FACTOR_ADDED, SecurityKind.FACTOR_REMOVED, SecurityKind.ADDRESS_CHANGED,
    SecurityKind.OTHER_SITE_CONNECTED,
)  # fmt: skip
# What a stranger can write into the history by trying; it is kept apart, so that it pushes nothing else out.
_BY_STRANGERS = (SecurityKind.SIGN_IN_FAILED, SecurityKind.SECOND_FACTOR_FAILED)


def record(user: User, kind: SecurityKind, detail: str = "") -> None:
    """Add a line to the history of `user`, with address and browser of the request that is being answered, if there is one.

    The oldest lines beyond SECURITY_EVENTS_KEPT go, failed attempts and all others each by their own count.
    """
    address, browser = origin()
    SecurityEvent.objects.create(
        user=user, kind=kind.value, address=address, user_agent=browser[:_USER_AGENT], detail=texts.shortened(detail, _DETAIL)
    )
    if kind in _RESETTING:
        user.armour_changed_at = timezone.now()
        User.objects.filter(pk=user.pk).update(armour_changed_at=user.armour_changed_at)
    lines = SecurityEvent.objects.filter(user=user)
    lines = lines.filter(kind__in=_BY_STRANGERS) if kind in _BY_STRANGERS else lines.exclude(kind__in=_BY_STRANGERS)
    old = lines.order_by("-at", "-id").values_list("pk", flat=True)[SECURITY_EVENTS_KEPT:]
    SecurityEvent.objects.filter(pk__in=list(old)).delete()


def record_by_name(name: str, kind: SecurityKind) -> None:
    """Add a line to the history of the account with this username or address; nothing where there is none."""
    address = EmailAddress.objects.select_related("user").filter(email=normal(name), verified=True).first()
    user = address.user if address else User.objects.filter(username=name, is_active=True).first()
    if user is not None:
        record(user, kind)


def lines_of(user: User) -> QuerySet[SecurityEvent]:
    """Return the history of `user`, newest first."""
    return SecurityEvent.objects.filter(user=user).order_by("-at", "-id")


def origin() -> tuple[str | None, str]:
    """Return address and browser of the request at hand; none where no web request is being answered (SSH, the command line)."""
    request: HttpRequest | None = context.request
    if request is None:
        return None, ""
    return get_adapter().get_client_ip(request), request.META.get("HTTP_USER_AGENT", "")[:_USER_AGENT]
