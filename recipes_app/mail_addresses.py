"""One normal form of mail addresses, so that one mailbox is one account. Dots and +tags are not touched. No Django."""

from __future__ import annotations

import idna


def normal(address: str) -> str:
    """Return `address` in its normal form: no blanks around it, lower case, the domain as DNS has it (IDNA 2008, UTS 46).

    A text that is no address, or whose domain DNS cannot hold, comes back in lower case: it is for others to refuse it.
    """
    text = address.strip().lower()
    local, at, domain = text.rpartition("@")
    if not at:
        return text
    return f"{local.strip()}@{normal_domain(domain)}"


def normal_domain(domain: str) -> str:
    """Return a domain as DNS has it: lower case, `xn--…` where it is not ASCII, no dot at its end.

    IDNA 2008 and not Python's own codec of 2003, for which `straße.example` is `strasse.example`: another's mailbox.
    """
    text = domain.strip().rstrip(".").lower()
    try:
        return idna.encode(text, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return text


def domain_of(address: str) -> str:
    """Return the domain of an address in its normal form; empty where there is none."""
    return address.rpartition("@")[2] if "@" in address else ""
