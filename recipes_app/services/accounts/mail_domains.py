"""Mail domains that have expired: an address there no longer recovers its account, until it is proved again.

Whoever registers an expired domain receives what is sent to it. So the fact is kept, and stays when the domain comes back: from
then on it may be somebody else's. Signing in goes on, and so does everything else.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recipes_app.limits import DNS_RUN_SECONDS, MAIL_DOMAIN_CHECK_DAYS, MAIL_DOMAIN_GONE_DAYS, MAIL_DOMAINS_PER_RUN
from recipes_app.mail_addresses import domain_of, normal
from recipes_app.models import MailDomain, User
from recipes_app.name_server import MailService, mail_service

from . import security_history
from .security_history import SecurityKind

logger = logging.getLogger(__name__)


class PasswordResetTokens(PasswordResetTokenGenerator):
    """Links that reset a password: one that was sent before the account's addresses or their rights changed opens nothing."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        addresses = EmailAddress.objects.filter(user=user).order_by("email").values_list("email", flat=True)
        return f"{super()._make_hash_value(user, timestamp)}{'|'.join(addresses)}|{user.recovery_lost_at or ''}"


def check(look_up: Callable[[str], MailService] = mail_service) -> list[str]:
    """Ask DNS about the domains that are due, the longest unasked first; return those that turn out to be gone.

    What nobody can tell changes nothing. Ends after DNS_RUN_SECONDS; the next run goes on.
    """
    until, lost = time.monotonic() + DNS_RUN_SECONDS, []
    for name in _due():
        if time.monotonic() > until:
            break
        if _note(name, look_up(name)):
            lost.append(name)
    return lost


def _due() -> list[str]:
    """Return the domains of verified addresses that nobody has asked for in MAIL_DOMAIN_CHECK_DAYS; those in doubt each time."""
    addresses = EmailAddress.objects.filter(verified=True, user__is_active=True).values_list("email", flat=True)
    names = {domain_of(normal(address)) for address in addresses.iterator()} - {""}
    since = timezone.now() - timedelta(days=MAIL_DOMAIN_CHECK_DAYS)
    asked = MailDomain.objects.filter(checked_at__gt=since, gone_since=None).values_list("name", flat=True)
    times = dict(MailDomain.objects.values_list("name", "checked_at"))
    due = sorted(names - set(asked), key=lambda name: (name in times, times.get(name), name))
    return due[:MAIL_DOMAINS_PER_RUN]


def _note(name: str, found: MailService) -> bool:
    """Keep what DNS said of a domain; return whether it is gone from now on."""
    now = timezone.now()
    if found is MailService.UNKNOWN:
        # It takes its turn like any other, so that many of them keep nobody else waiting.
        MailDomain.objects.update_or_create(name=name, defaults={"checked_at": now})
        return False
    with transaction.atomic():
        domain, _ = MailDomain.objects.select_for_update(no_key=True).get_or_create(name=name, defaults={"checked_at": now})
        domain.checked_at = now
        domain.gone_since = None if found is MailService.THERE else domain.gone_since or now
        domain.save()
        if domain.gone_since is None or now - domain.gone_since < timedelta(days=MAIL_DOMAIN_GONE_DAYS):
            return False
        return _take_recovery(name) > 0


def _take_recovery(name: str) -> int:
    """Take the right to reset a password from the accounts with an address at `name`; return how many lost it now."""
    lost = User.objects.filter(recovery_lost_at=None, emailaddress__email__iendswith=f"@{name}", is_active=True).distinct()
    people = list(lost)
    User.objects.filter(pk__in=[user.pk for user in people]).update(recovery_lost_at=timezone.now())
    for user in people:
        security_history.record(user, SecurityKind.RECOVERY_LOST, name)
    if people:
        logger.warning("mail domain %s is gone: %d accounts cannot reset their password by mail", name, len(people))
    return len(people)


def may_recover(user: User) -> bool:
    """Return whether a mail to the address of `user` may reset the password."""
    return user.recovery_lost_at is None


def give_back(user: User) -> bool:
    """Let the address of `user`, which was proved just now, recover the account again; return whether it could not."""
    with transaction.atomic():
        changed = User.objects.filter(~Q(recovery_lost_at=None), pk=user.pk).update(recovery_lost_at=None)
        if changed:
            security_history.record(user, SecurityKind.RECOVERY_REGAINED)
    user.recovery_lost_at = None
    return bool(changed)
