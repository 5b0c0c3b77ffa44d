"""The answers that a process keeps: the least recently used ones go when their bytes become too many."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace

import zstandard

# Below this, taking bytes apart again costs more than the memory that it saves.
_SMALLEST_COMPRESSED = 1_024
# What an entry takes beside its body: key, headers, objects.
_OVERHEAD = 1_500
# No single answer takes a large part of the room.
MAX_ANSWER_BYTES = 512 * 1024
_local = threading.local()


@dataclass(frozen=True)
class Answer:
    """An answer as it was sent: status line, headers, body; `etag` is empty where it has none."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    etag: str


@dataclass(frozen=True)
class _Entry:
    """`about` holds the stamps of what the answer is made of, by recipe; "" is the whole catalogue."""

    answer: Answer
    packed: bool
    about: Mapping[str, Hashable]
    stands_until: float
    expires: float
    size: int

    def is_true(self, stamp_of: Callable[[str], Hashable | None]) -> bool:
        """Return whether nothing that it is about has changed. A change elsewhere in the catalogue is forgiven for a moment."""
        now = time.monotonic()
        if now > self.expires:
            return False
        stamps = {name: stamp_of(name) for name in self.about}
        if None in stamps.values():
            return False
        return all(stamps[name] == stamp or (not name and now < self.stands_until) for name, stamp in self.about.items())


class Store:
    """Keeps answers by key, in at most `room` bytes. Threads share it."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._used = 0
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, stamp_of: Callable[[str], Hashable | None]) -> Answer | None:
        """Return what is kept under `key`, if it is young enough and the stamps of what it is about are what they were."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            if not entry.is_true(stamp_of):
                self._drop(key)
                return None
            self._entries.move_to_end(key)
        return _unpacked(entry.answer) if entry.packed else entry.answer

    def put(self, key: Hashable, answer: Answer, *, about: Mapping[str, Hashable], seconds: float, stands: float = 0.0) -> None:
        """Keep `answer`, which was true when the stamps in `about` were taken, for at most so many seconds.

        For the first `stands` seconds it is given whatever changes in the catalogue, but for the recipes that `about` names.
        """
        packed = len(answer.body) >= _SMALLEST_COMPRESSED and not any(name == "Content-Encoding" for name, _ in answer.headers)
        answer = replace(answer, body=trimmed(_compressor().compress(answer.body) if packed else answer.body))
        size = len(answer.body) + len(repr(key)) + _OVERHEAD
        if size > min(MAX_ANSWER_BYTES, self._room):
            return
        now = time.monotonic()
        entry = _Entry(answer, packed, about, now + stands, now + seconds, size)
        with self._lock:
            self._drop(key)
            self._entries[key] = entry
            self._used += size
            while self._used > self._room:
                self._drop(next(iter(self._entries)))

    @property
    def used(self) -> int:
        """How many bytes of its room are taken."""
        return self._used

    def __len__(self) -> int:
        return len(self._entries)

    def _drop(self, key: Hashable) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._used -= entry.size


def trimmed(body: bytes) -> bytes:
    """Return a copy of `body`: what orjson and zstandard return holds on to the far larger buffer that it was written into."""
    return bytes(memoryview(body))


def _unpacked(answer: Answer) -> Answer:
    return replace(answer, body=_decompressor().decompress(answer.body))


def _compressor() -> zstandard.ZstdCompressor:
    """Return this thread's compressor: two threads must not share one."""
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=1)
    made: zstandard.ZstdCompressor = _local.compressor
    return made


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    made: zstandard.ZstdDecompressor = _local.decompressor
    return made
