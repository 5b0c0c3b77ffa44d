"""What a database that is busy or away makes of an act: done again where that helps, and known by its error where it does not.

PostgreSQL ends one of two transactions that wait for each other (40P01), and one that saw what another changed (40001); SQLite
says that the database is locked where it has waited for a writer in vain. All that was done is undone then, so it can be done
again. The order in which locks are taken is in docs/architecture.md.
"""

from __future__ import annotations

import functools
import logging
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

from recipes_app.limits import RETRIED_ATTEMPTS, RETRIED_FOR_SECONDS, RETRIED_SECONDS

logger = logging.getLogger(__name__)
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# PostgreSQL's appendix A: serialization_failure, deadlock_detected.
_TRANSIENT = frozenset({"40001", "40P01"})
# lock_not_available: it was waited for as long as the settings allow, and is not waited for once more.
_WAITED = "55P03"
# Classes of errors that say nothing of the statement: connection, resources, intervention of an operator, system.
_AWAY = ("08", "53", "57", "58")
_READ_ONLY = "25006"
_SQLITE_BUSY = ("locked", "busy")
_SQLITE_AWAY = (*_SQLITE_BUSY, "unable to open", "disk i/o", "disk is full")


def is_transient(error: BaseException) -> bool:
    """Return whether the same act may succeed when it is done again now."""
    if not isinstance(error, OperationalError):
        return False
    state = _state(error)
    return state in _TRANSIENT if state else connection.vendor == "sqlite" and _says(error, _SQLITE_BUSY)


def is_unavailable(error: BaseException) -> bool:
    """Return whether the database is busy or away, so that the same request may succeed later."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    if connection.vendor == "sqlite":
        return _says(error, _SQLITE_AWAY)
    state = _state(error)
    # A server that cannot be reached has no code to send.
    return not state or state in {*_TRANSIENT, _WAITED, _READ_ONLY} or state.startswith(_AWAY)


def retried(act: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let the service `act`, which makes its own transaction, be done again where the database ended it for another's sake.

    Inside of a caller's transaction nothing is done again: that one is lost as a whole, and its own outermost act decides. So
    `act` must do nothing outside of the database before its transaction is committed.
    """

    @functools.wraps(act)
    def call(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        if connection.in_atomic_block:
            return act(*arguments, **named)
        began = time.monotonic()
        for attempt in range(1, RETRIED_ATTEMPTS):
            try:
                return act(*arguments, **named)
            except OperationalError as error:
                if not is_transient(error) or time.monotonic() - began > RETRIED_FOR_SECONDS:
                    raise
                logger.info("%s is done again, attempt %d ended with: %s", act.__qualname__, attempt, error)
                # Two that met once must not meet again.
                time.sleep(random.uniform(0.3, 1.0) * RETRIED_SECONDS * attempt)  # noqa: S311 - nothing is protected by it
        return act(*arguments, **named)

    return call


def _state(error: BaseException) -> str:
    """Return PostgreSQL's code of the error; empty where it has none."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    text = str(error).lower()
    return any(word in text for word in words)
