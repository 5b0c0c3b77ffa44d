"""Parts of answers that are about one recipe each: made once, and joined to any list that somebody asks for by names."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache

from django.conf import settings

from .changes import ChangeSource, changes
from .store import trimmed

# One is some seven hundred bytes; its name, stamp and place take the rest.
_BYTES_EACH = 1_100
# As long as a record that is kept whole: what moves with time alone is so old at most (recipes_app/response_cache/policy).
_SECONDS = 600

Make = Callable[[list[str]], Mapping[str, bytes]]


class Fragments:
    """Keeps one fragment a recipe, at most `most`, true until something about the recipe changes. Threads share it."""

    def __init__(self, most: int, known: ChangeSource) -> None:
        self._most = most
        self._known = known
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Hashable, bytes]] = OrderedDict()

    def of(self, names: Sequence[str], make: Make) -> dict[str, bytes]:
        """Return the fragments of those of `names` that are recipes; `make` is asked for all that are not kept, at once."""
        period = int(time.monotonic()) // _SECONDS
        # Taken before anything is read: what is written meanwhile makes the fragment old.
        stamps = {name: (period, stamp) for name in names if (stamp := self._known.stamp(name)) is not None}
        found: dict[str, bytes] = {}
        missing: list[str] = []
        for name in names:
            stamp, text = self._kept.get(name, (None, b""))
            if stamp is not None and stamp == stamps.get(name):
                found[name] = text
            else:
                missing.append(name)
        made = make(missing) if missing else {}
        with self._lock:
            self._kept.update({name: (stamps[name], trimmed(text)) for name, text in made.items() if name in stamps})
            # The oldest go. Which were asked for last is not noted: a thousand names would be moved for each request.
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found | dict(made)


@cache
def fragments_of_this_process() -> Fragments | None:
    """Return the fragments that this process keeps; None where the settings give no room for anything that is kept."""
    room = settings.RESPONSE_CACHE_MIB * 2**20
    return Fragments(room // _BYTES_EACH, changes()) if room else None
