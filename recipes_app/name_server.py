"""Whether a domain still takes mail, asked of the system's own resolver (/etc/resolv.conf). No database.

A "no" is believed only where the same resolver knows the domain's top level: a network without DNS says no to everything.
"""

from __future__ import annotations

from enum import StrEnum

import dns.exception
import dns.resolver

from .limits import DNS_SECONDS

_ADDRESSES = ("A", "AAAA")


class MailService(StrEnum):
    """What DNS says of a domain's mail."""

    THERE = "there"
    GONE = "gone"
    UNKNOWN = "unknown"


def mail_service(domain: str, resolver: dns.resolver.Resolver | None = None) -> MailService:
    """Return whether mail to `domain` has anywhere to go (RFC 5321, 5.1: MX, else an address); UNKNOWN where nobody can tell.

    Takes at most a few times DNS_SECONDS. A domain that says that it takes no mail (RFC 7505) is still somebody's: THERE.
    """
    try:
        asked = resolver or dns.resolver.Resolver()
        for kind in ("MX", *_ADDRESSES):
            if _has(asked, domain, kind):
                return MailService.THERE
        top_level = domain.rpartition(".")[2]
        return MailService.GONE if top_level != domain and _has(asked, f"{top_level}.", "NS") else MailService.UNKNOWN
    except (dns.exception.DNSException, OSError):
        # No resolver, no answer in time, a broken one: nothing is known.
        return MailService.UNKNOWN


def _has(resolver: dns.resolver.Resolver, name: str, kind: str) -> bool:
    """Return whether `name` has records of `kind`. Raises DNSException where that was not answered."""
    try:
        return bool(resolver.resolve(name, kind, lifetime=DNS_SECONDS, search=False).rrset)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return False
