"""Django's cache in Redis: values are JSON, a count is one command, and a server that is away stops nobody.

Where Redis does not answer, it is left alone for CACHE_AWAY_SECONDS, and each process keeps what it needs itself meanwhile:
counts are made anew, limits and second factors count in each process for itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient, RedisSerializer
from redis.exceptions import RedisError

from recipes_app import plain
from recipes_app.limits import CACHE_AWAY_SECONDS

from .plain_cache import PlainLocMemCache

logger = logging.getLogger(__name__)

# Until when each server is left alone. Django makes a cache for each thread, and one of them is enough to find out.
_away: dict[str, float] = {}
# Django's own asks whether the key is there, and then raises it: two ways to the server, and the key may end in between.
_RAISE = "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('INCRBY', KEYS[1], ARGV[1]) end return false"


class Serializer(RedisSerializer):
    """What is written to Redis: whole numbers as they are, since Redis counts them, and all else as JSON."""

    def dumps(self, obj: Any) -> Any:
        """Return what is stored. Raises NotPlain."""
        return obj if type(obj) is int else plain.dumps(obj)

    def loads(self, data: Any) -> Any:
        """Return the value. Raises Unreadable."""
        return plain.loads(data)


class _OneClient(RedisCacheClient):
    """Keeps the clients for reading and for writing: to make one takes as long as to ask the server. Threads may share them."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, serializer=Serializer(), **options)
        self._clients: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client of a server that can be read from, or written to."""
        if write not in self._clients:
            self._clients[write] = super().get_client(key, write=write)
        return self._clients[write]


class _Counting(RedisCache):
    """Django's cache in Redis; `incr` is one step, and what is no plain data is not there."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _OneClient

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value; `default` where there is none, or something else than the portal writes."""
        try:
            return super().get(key, default, version)
        except plain.Unreadable as error:
            logger.error("cache key %s: %s", key, error)  # noqa: TRY400 - the text says all
            return default

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Return the raised number. Raises ValueError where the key is not there."""
        name = self.make_and_validate_key(key, version=version)
        client: Any = self._cache.get_client(name, write=True)
        raised = client.eval(_RAISE, 1, name, delta)
        if raised is None:
            raise ValueError(f"Key {name!r} not found.")
        return int(raised)


class PortalRedisCache(BaseCache):
    """The cache in Redis, or, while that is away, one in the process."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(params)
        self._redis = _Counting(server, params)
        self._own = PlainLocMemCache(f"instead of {params.get('KEY_PREFIX', '')}", params)
        self._where = f"{server} {params.get('KEY_PREFIX', '')}"

    def _ask(self, act: Callable[[BaseCache], Any]) -> Any:
        until = _away.get(self._where)
        if until is None or time.monotonic() >= until:
            try:
                found = act(self._redis)
            except (RedisError, OSError) as error:
                logger.warning("Redis is away, this process keeps for itself what it would keep there: %s", error)
                if until is None:
                    # What was kept in another outage is old.
                    self._own.clear()
                _away[self._where] = time.monotonic() + CACHE_AWAY_SECONDS
            else:
                _away.pop(self._where, None)
                return found
        return act(self._own)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value where there is none; return whether there was none."""
        return bool(self._ask(lambda cache: cache.add(key, value, timeout, version)))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or `default`."""
        return self._ask(lambda cache: cache.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value. Raises NotPlain."""
        self._ask(lambda cache: cache.set(key, value, timeout, version))

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value longer; return whether it was there."""
        return bool(self._ask(lambda cache: cache.touch(key, timeout, version)))

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value; return whether it was there."""
        return bool(self._ask(lambda cache: cache.delete(key, version)))

    def has_key(self, key: str, version: int | None = None) -> bool:
        """Return whether there is a value."""
        return bool(self._ask(lambda cache: cache.has_key(key, version)))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Return the raised number. Raises ValueError where the key is not there."""
        return int(self._ask(lambda cache: cache.incr(key, delta, version)))

    def clear(self) -> None:
        """Forget everything."""
        self._ask(lambda cache: cache.clear())
