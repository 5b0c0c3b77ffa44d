"""What has changed: a stamp for each recipe and one for the catalogue, which differ from before as soon as something was written.

PostgreSQL tells every process by NOTIFY, from triggers on the tables themselves (migration `change_notices`), so that no writer
can forget it; a thread of each process listens. SQLite is asked with `PRAGMA data_version`, which costs some microseconds.
Where it is not known what has changed, there is no stamp, and nothing that is kept is given.
"""

from __future__ import annotations

import logging
import os
import select
import sqlite3
import threading
import time
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Protocol

import psycopg
from django.db import DatabaseError, connection, connections

logger = logging.getLogger(__name__)

CHANNEL = "recipes_app_changed"
# How long silence is believed: the listener asks the server as often whether it is there, so nobody is shown what is older.
BELIEVED_SECONDS = 2.0
_ASK_SECONDS = 0.5
_AGAIN_SECONDS = 1.0
# Recipes whose changes are remembered one by one; beyond it everything counts as changed, once.
_MOST_NAMES = 200_000


class ChangeSource(Protocol):
    """Knows what has changed."""

    def stamp(self, recipe: str) -> Hashable | None:
        """Return the stamp of the recipe of this name, or of the whole catalogue for ""; None where it is not known."""
        ...


class Notices:
    """The stamps that follow from notices: the name of a recipe, or nothing, which is everything."""

    def __init__(self) -> None:
        self._number = 0
        self._everything = 0
        self._names: dict[str, int] = {}

    def note(self, name: str) -> None:
        """Take a notice in."""
        self._number += 1
        if name and len(self._names) < _MOST_NAMES:
            self._names[name] = self._number
            return
        self._everything = self._number
        self._names.clear()

    def stamp(self, recipe: str) -> Hashable:
        """Return the stamp of a recipe, or of the catalogue."""
        return (self._everything, self._names.get(recipe, 0)) if recipe else self._number


class PostgresChanges:
    """Listens in a thread of its own, which the first question in a process starts."""

    def __init__(self) -> None:
        self._notices = Notices()
        self._heard = 0.0
        self._process = 0
        self._lock = threading.Lock()

    def stamp(self, recipe: str) -> Hashable | None:
        """Return the stamp, or None before the listener is at work and after it has lost the server."""
        if self._process != os.getpid():
            self._start()
        if time.monotonic() - self._heard > BELIEVED_SECONDS:
            return None
        return self._notices.stamp(recipe)

    def _start(self) -> None:
        """Start the listener of this process: threads do not survive gunicorn's fork."""
        with self._lock:
            if self._process != os.getpid():
                self._heard = 0.0
                self._process = os.getpid()
                threading.Thread(target=self._listen_for_ever, name="changes", daemon=True).start()

    def _listen_for_ever(self) -> None:
        while True:
            try:
                self._listen()
            except (psycopg.Error, DatabaseError) as error:
                logger.warning("the database does not tell what changes: %s; nothing that is kept is given meanwhile", error)
            self._heard = 0.0
            connections.close_all()
            time.sleep(_AGAIN_SECONDS)

    def _listen(self) -> None:
        """Note what the server tells, until the connection breaks."""
        connection.ensure_connection()
        raw: psycopg.Connection[tuple[object, ...]] = connection.connection
        # Called for whatever comes while a statement runs.
        raw.add_notify_handler(lambda notice: self._notices.note(notice.payload))
        raw.execute(f"LISTEN {CHANNEL}")
        # What happened while nobody listened is not known.
        self._notices.note("")
        while True:
            asked = time.monotonic()
            raw.execute("SELECT 1")
            # The answer has brought every notice that was sent before it.
            self._heard = asked
            # A notice wakes us at once, and the next question brings it in.
            select.select([raw.fileno()], [], [], _ASK_SECONDS)


class SqliteChanges:
    """Asks the database: its version differs after any commit of anybody else, and nobody writes by this connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def stamp(self, recipe: str) -> Hashable | None:
        """Return the database's version, whatever is asked for; None while there is no database."""
        with self._lock:
            try:
                if self._connection is None or self._process != os.getpid():
                    self._connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, check_same_thread=False)
                    self._process = os.getpid()
                return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
            except sqlite3.Error:
                self._connection = None
                return None


@cache
def changes() -> ChangeSource:
    """Return what knows the changes of the database that the settings name: one for all that a process keeps."""
    if connection.vendor == "postgresql":
        return PostgresChanges()
    return SqliteChanges(Path(connection.settings_dict["NAME"]))
