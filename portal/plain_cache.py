"""A cache in the process that keeps what the one in Redis would keep, and refuses what that one refuses."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache

from recipes_app import plain

_MISSING = object()


class PlainLocMemCache(LocMemCache):
    """Django's cache in memory, whose values are JSON: a value that Redis could not keep is found before production."""

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value where there is none; return whether there was none. Raises NotPlain."""
        return bool(super().add(key, _stored(value), timeout, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value. Raises NotPlain."""
        super().set(key, _stored(value), timeout, version)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return the value, or `default`."""
        found = super().get(key, _MISSING, version)
        if found is _MISSING:
            return default
        return plain.loads(found) if isinstance(found, bytes) else found


def _stored(value: Any) -> int | bytes:
    return value if type(value) is int else plain.dumps(value)
