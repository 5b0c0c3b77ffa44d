"""Counts of the whole catalogue: made now and then, by one process at a time, while the others give out the ones before."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

from django.core.cache import cache

# How old they may be: nobody needs them to the second.
COUNTED_SECONDS = 300
# How long the ones before are given out while new ones are made, and how long one process is believed to be making them.
_BEFORE_SECONDS = 3_600
_MAKING_SECONDS = 60
# How long somebody waits for the first ones that another process makes, and how often he looks.
_WAITED_SECONDS = 10.0
_LOOKED_SECONDS = 0.02
_Counts = TypeVar("_Counts")


def kept(
    key: str, make: Callable[[], _Counts], *, seconds: int = COUNTED_SECONDS, is_worth_it: Callable[[_Counts], bool] | None = None
) -> _Counts:
    """Return what `make` returned at most `seconds` ago, or the counts before while another process makes new ones.

    `make` reads whole tables; a visitor waits for it only where there are none yet, and one makes them then. `key` names the
    counts in the cache. With `is_worth_it` they are kept where it says so: those of a small catalogue are made each time, and
    right to the second.
    """
    now = time.time()
    found: tuple[float, _Counts] | None = _found(key)
    if found is not None and now - found[0] < seconds:
        return found[1]
    making, ours = f"counts:{key}:making", uuid4().hex
    is_ours = cache.add(making, ours, _MAKING_SECONDS)
    if not is_ours:
        if found is None:
            found = _waited_for(key, making)
        if found is not None:
            return found[1]
    try:
        counts = make()
        if is_worth_it is None or is_worth_it(counts):
            cache.set(f"counts:{key}", (now, counts), seconds + _BEFORE_SECONDS)
        return counts
    finally:
        if is_ours:
            cache.delete(making)


def _found(key: str) -> tuple[float, Any] | None:
    """Return when the counts were made, and the counts."""
    found: tuple[float, Any] | None = cache.get(f"counts:{key}")
    return found


def _waited_for(key: str, making: str) -> tuple[float, Any] | None:
    """Return what another process is making, or None where it came to no end, or found that it is not worth keeping.

    One such end is waited for, and not those of all who make some after it: of a small catalogue everybody makes his own.
    """
    other = cache.get(making)
    deadline = time.monotonic() + _WAITED_SECONDS
    while other is not None and cache.get(making) == other and time.monotonic() < deadline:
        time.sleep(_LOOKED_SECONDS)
    return _found(key)
