"""A kept connection is looked at without asking the server: that was a seventh of the time of a look-up by name."""

from __future__ import annotations

import select

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's backend. CONN_HEALTH_CHECKS makes it ask `is_usable` before the first statement of each request."""

    def is_usable(self) -> bool:
        """Return whether the connection can be used.

        Between two requests a server says nothing, but for its farewell: where there is something to read, or the connection
        was closed, the server is asked by Django's own `SELECT 1`; where all is quiet, nothing happened.
        """
        if self.connection is None:
            return False
        try:
            quiet = select.poll()
            quiet.register(self.connection.fileno(), select.POLLIN)
            return not quiet.poll(0) or bool(super().is_usable())
        except psycopg.Error:
            return False
