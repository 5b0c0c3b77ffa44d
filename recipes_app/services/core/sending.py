"""Messages to the broker leave by a thread of their own, so that no request and no lock ever waits for a broker.

A broker that is away, or that does not answer, holds this thread alone, for as long as the settings allow each message. What
cannot be kept until then is dropped: messages may be lost anyway, and the sweeps find the rows. Tests send at once (SEND_INLINE).
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connections

from recipes_app.limits import MAX_UNSENT_MESSAGES, SENT_AT_END_SECONDS

logger = logging.getLogger(__name__)


def later(what: str, send: Callable[[], object]) -> None:
    """Have `send` called by the thread that talks to the broker; `what` names it where it is lost. Never waits or raises."""
    if settings.SEND_INLINE:
        _do(what, send)
        return
    _sender.put(what, send)


def wait_until_sent(seconds: float) -> bool:
    """Wait until all messages of this process have left or were lost, at most so long; return whether they have."""
    until = time.monotonic() + seconds
    while _sender.busy and time.monotonic() < until:
        time.sleep(0.01)
    return not _sender.busy


def _do(what: str, send: Callable[[], object]) -> None:
    try:
        send()
    except Exception:
        logger.warning("the broker was not told: %s; a sweep will find it", what, exc_info=True)


class _Sender:
    """The messages of this process that have not left yet, and the thread that sends them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: queue.Queue[tuple[str, Callable[[], object]]] = queue.Queue(MAX_UNSENT_MESSAGES)
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether something waits or is being sent."""
        return self._waiting.unfinished_tasks > 0

    def put(self, what: str, send: Callable[[], object]) -> None:
        """Let `send` be the next but those before it."""
        try:
            self._waiting.put_nowait((what, send))
        except queue.Full:
            logger.warning("too many messages wait for the broker, this one is dropped: %s; a sweep will find it", what)
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True, name="sender")
                self._thread.start()

    def _run(self) -> None:
        while True:
            what, send = self._waiting.get()
            try:
                _do(what, send)
            finally:
                # A thread that sleeps for hours must not hold a connection; what it writes is rare.
                connections.close_all()
                self._waiting.task_done()


_sender = _Sender()


def _after_fork() -> None:
    global _sender  # noqa: PLW0603 - the thread is not in the fork, and what waited is sent by the process that it came from
    _sender = _Sender()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(lambda: wait_until_sent(SENT_AT_END_SECONDS))
