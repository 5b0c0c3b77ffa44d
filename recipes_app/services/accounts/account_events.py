"""What allauth does to an account, written into its security history: one receiver for each signal, connected at the start."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social_signals
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import pre_save
from django.dispatch import Signal
from django.http import HttpRequest

from recipes_app.mail_addresses import normal
from recipes_app.models import User

from . import devices, mail_domains
from .security_history import SecurityKind, record


def connect() -> None:
    """Connect the receivers; the application does it once, when it is ready."""
    for signal, kind in _PLAIN.items():
        signal.connect(_receiver(kind), weak=False, dispatch_uid=f"security-history-{kind}")
    mfa_signals.authenticator_added.connect(_factor_added, dispatch_uid="security-history-factor-added")
    mfa_signals.authenticator_removed.connect(_factor_removed, dispatch_uid="security-history-factor-removed")
    mfa_signals.authenticator_reset.connect(_factor_reset, dispatch_uid="security-history-factor-reset")
    account_signals.email_changed.connect(_address_changed, dispatch_uid="security-history-address")
    account_signals.user_logged_in.connect(_signed_in, dispatch_uid="security-history-signed-in")
    account_signals.email_confirmed.connect(_address_proved, dispatch_uid="security-history-address-proved")
    pre_save.connect(_in_normal_form, sender=EmailAddress, dispatch_uid="address-in-normal-form")
    social_signals.social_account_added.connect(_site_connected, dispatch_uid="security-history-site-added")
    social_signals.social_account_removed.connect(_site_removed, dispatch_uid="security-history-site-removed")


_PLAIN: dict[Signal, SecurityKind] = {
    account_signals.user_signed_up: SecurityKind.SIGNED_UP,
    user_logged_out: SecurityKind.SIGNED_OUT,
    account_signals.password_changed: SecurityKind.PASSWORD_CHANGED,
    account_signals.password_set: SecurityKind.PASSWORD_CHANGED,
    account_signals.password_reset: SecurityKind.PASSWORD_RESET,
    mfa_signals.authentication_failed: SecurityKind.SECOND_FACTOR_FAILED,
}


def _receiver(kind: SecurityKind) -> Any:
    """Return a receiver that writes a line of `kind` for the signal's account."""

    def receive(sender: object, user: User | None = None, **_facts: Any) -> None:
        # Signing out is signalled for visitors too, and at the end of a deletion for an account that is no more.
        if user is not None and user.is_active:
            record(user, kind)

    return receive


def _signed_in(sender: object, user: User, request: HttpRequest | None = None, **_facts: Any) -> None:
    record(user, SecurityKind.SIGNED_IN)
    if devices.note_sign_in(user, request):
        record(user, SecurityKind.NEW_DEVICE)


def _address_proved(sender: object, email_address: EmailAddress, **_facts: Any) -> None:
    mail_domains.give_back(email_address.user)


def _in_normal_form(sender: object, instance: EmailAddress, **_facts: Any) -> None:
    instance.email = normal(instance.email)


def _factor_added(sender: object, user: User, authenticator: Authenticator, **_facts: Any) -> None:
    made_codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    record(user, SecurityKind.RECOVERY_CODES_MADE if made_codes else SecurityKind.FACTOR_ADDED, str(authenticator))


def _factor_removed(sender: object, user: User, authenticator: Authenticator, **_facts: Any) -> None:
    record(user, SecurityKind.FACTOR_REMOVED, str(authenticator))


def _factor_reset(sender: object, user: User, **_facts: Any) -> None:
    record(user, SecurityKind.RECOVERY_CODES_MADE)


def _address_changed(sender: object, user: User, from_email_address: Any, to_email_address: Any, **_facts: Any) -> None:
    # The first address of a new account is signalled too, when it is verified.
    if from_email_address is not None:
        record(user, SecurityKind.ADDRESS_CHANGED, f"{from_email_address.email} → {to_email_address.email}")


def _site_connected(sender: object, sociallogin: Any, **_facts: Any) -> None:
    record(sociallogin.user, SecurityKind.OTHER_SITE_CONNECTED, str(sociallogin.account.get_provider().name))


def _site_removed(sender: object, socialaccount: Any, **_facts: Any) -> None:
    record(socialaccount.user, SecurityKind.OTHER_SITE_REMOVED, str(socialaccount.get_provider().name))
