"""A cache in files that counts right for several processes: Django's own reads, adds and writes in three steps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.cache.backends.filebased import FileBasedCache
from django.core.files import locks


class CountingFileCache(FileBasedCache):
    """Django's cache in files, with a lock around what has to be one step. For the embedded setting, which has no Redis."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(location, params)
        self._lock_path = Path(location) / ".lock"

    def add(self, key: str, value: Any, timeout: Any = None, version: int | None = None) -> bool:
        """Set the key where it is not there; return whether it was not."""
        with self._locked():
            return bool(super().add(key, value, timeout, version))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Return the raised number, kept from now for the cache's own TIMEOUT. Raises ValueError where the key is not there."""
        with self._locked():
            return int(super().incr(key, delta, version))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            locks.lock(descriptor, locks.LOCK_EX)
            yield
        finally:
            # Closing it lets go of the lock.
            os.close(descriptor)
