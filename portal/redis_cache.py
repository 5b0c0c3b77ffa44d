"""Django's cache in Redis, with a count that is one command: every request of the API is counted."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient

# Django's own asks whether the key is there, and then raises it: two ways to the server, and the key may end in between.
_RAISE = "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('INCRBY', KEYS[1], ARGV[1]) end return false"


class _OneClient(RedisCacheClient):
    """Keeps the clients for reading and for writing: to make one takes as long as to ask the server. Threads may share them."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._clients: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client of a server that can be read from, or written to."""
        if write not in self._clients:
            self._clients[write] = super().get_client(key, write=write)
        return self._clients[write]


class CountingRedisCache(RedisCache):
    """Django's cache in Redis; `incr` is one step."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _OneClient

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Return the raised number. Raises ValueError where the key is not there."""
        name = self.make_and_validate_key(key, version=version)
        client: Any = self._cache.get_client(name, write=True)
        raised = client.eval(_RAISE, 1, name, delta)
        if raised is None:
            raise ValueError(f"Key {name!r} not found.")
        return int(raised)
