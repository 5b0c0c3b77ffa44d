"""Django's cache in Redis, with a count that is one command: every request of the API is counted."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.redis import RedisCache

# Django's own asks whether the key is there, and then raises it: two ways to the server, and the key may end in between.
_RAISE = "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('INCRBY', KEYS[1], ARGV[1]) end return false"


class CountingRedisCache(RedisCache):
    """Django's cache in Redis; `incr` is one step."""

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Return the raised number. Raises ValueError where the key is not there."""
        name = self.make_and_validate_key(key, version=version)
        client: Any = self._cache.get_client(name, write=True)
        raised = client.eval(_RAISE, 1, name, delta)
        if raised is None:
            raise ValueError(f"Key {name!r} not found.")
        return int(raised)
