"""How often one act may be done, by whom: counted in the cache `limits`, which all processes share."""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address

from django.core.cache import caches

from recipes_app.models import User

from .errors import TooOften

_IPV6_PREFIX = 64


def spend(key: str, most: int, seconds: int, words: str) -> None:
    """Count one more of `key`. Raises TooOften with `words` where there were `most` in this window of `seconds` already."""
    window, into = divmod(int(time.time()), seconds)
    if _increment(f"pace:{key}:{window}", 2 * seconds) > most:
        raise TooOften(words, seconds - into)


def name_of(user: User) -> str:
    """Return what tells `user` from every other account, also from one that had its number in a database before this one."""
    return f"{user.pk}-{user.date_joined.timestamp()}"


def network_of(address: str) -> str:
    """Return what is counted of an address: of IPv6 the network of one subscriber, all of whose addresses one household has."""
    try:
        known = ip_address(address)
    except ValueError:
        return "unknown"
    return f"{int(known) >> (128 - _IPV6_PREFIX):x}" if isinstance(known, IPv6Address) else str(known)


def _increment(key: str, lifetime: int) -> int:
    """Return how often `key` was counted, this time included."""
    cache = caches["limits"]
    # Whoever else adds it at this moment is counted by `incr`, which keeps the number as long as the cache's own TIMEOUT says.
    if cache.add(key, 1, lifetime):
        return 1
    number = int(cache.incr(key))
    cache.touch(key, lifetime)
    return number
