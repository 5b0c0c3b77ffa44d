"""Signing in by SSH key: which account a key opens, and when it was used last."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from recipes_app.models import SshKey, Switch, User

from ..core import switches
from ..core.errors import Refused
from ..gates import provenance

# A key used twice within this time keeps its "last used": a clone of fifty recipes is no fifty writes.
_LAST_USED_GRAIN = timedelta(minutes=5)


def sign_in(key_number: int) -> User:
    """Return the account of the key, whose owner sshd has made sure of. Raises Refused where key or account open nothing."""
    key = SshKey.objects.select_related("user").filter(pk=key_number).first()
    if key is None or not key.user.is_active:
        raise Refused("this key opens no account any more: it was removed, or the account was closed", code="no-account")
    if key.user.frozen_at is not None:
        raise Refused(f"the account {key.user.username} is frozen: nothing of it is lost; write to the moderators", code="frozen")
    _remember_use(key)
    provenance.note(key.user, provenance.by_key(key))
    return key.user


def _remember_use(key: SshKey) -> None:
    """Write when the key was used, now and then; in maintenance mode nothing is written."""
    now = timezone.now()
    if key.last_used_at is not None and now - key.last_used_at <= _LAST_USED_GRAIN:
        return
    if switches.message_if_off(Switch.Name.WRITES) is None:
        SshKey.objects.filter(pk=key.pk).update(last_used_at=now)
