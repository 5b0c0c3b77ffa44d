"""How often one may ask: so many requests in a minute for each token's account, and for each address without one.

Counted in the cache `limits`, which all processes share: Redis in production, files in the embedded setting. The headers are
those of draft-ietf-httpapi-ratelimit-headers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request

from recipes_app.models import User

# One household or machine has a network of this size, and all addresses in it.
_IPV6_PREFIX = 64


@dataclass(frozen=True)
class Count:
    """Where one asker stands: `policy` names what is counted, `quota` may be asked in `window` seconds."""

    policy: str
    quota: int
    window: int
    used: int
    seconds_left: int

    @property
    def exceeded(self) -> bool:
        """Whether this request is one too many."""
        return self.used > self.quota

    @property
    def headers(self) -> dict[str, str]:
        """The headers that every counted answer has."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.quota};w={self.window}',
            "RateLimit": f'"{self.policy}";r={max(0, self.quota - self.used)};t={self.seconds_left}',
        }


def count(request: Request, account: User | None) -> Count | None:
    """Count the request for `account`, or else for its address; None where the settings set no limit."""
    policy = "account" if account is not None else "address"
    quota = settings.API_LIMITS[policy]
    if not quota:
        return None
    who = str(account.pk) if account is not None else _address(request)
    window = settings.API_LIMIT_SECONDS
    number, into = divmod(int(time.time()), window)
    return Count(policy, quota, window, _increment(f"{policy}:{who}:{number}", 2 * window), window - into)


def _increment(key: str, lifetime: int) -> int:
    """Return how often the key was counted, this time included. One call of the cache, three for the first of a window."""
    cache = caches["limits"]
    try:
        return int(cache.incr(key))
    except ValueError:
        # Whoever else adds it at this moment is counted by the second attempt.
        return 1 if cache.add(key, 1, lifetime) else int(cache.incr(key))


def _address(request: Request) -> str:
    """Return the address that asks, as the outermost trusted proxy saw it; of IPv6 the network of one subscriber."""
    text = get_adapter().get_client_ip(request._request) or ""
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return f"{int(address) >> (128 - _IPV6_PREFIX):x}"
    return text
