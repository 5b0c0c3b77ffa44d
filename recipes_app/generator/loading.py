"""Rows into the database, as fast as it takes them: COPY on PostgreSQL with indexes and foreign keys made afterwards."""
# ruff: noqa: S608 - what is put into statements are names of our own tables and what PostgreSQL says of itself

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from .rows import Rows, adapted, encoded, table

# Sorting an index of a million rows in memory takes seconds, on disk minutes.
_INDEX_MEMORY = "512MB"
Encoded = Mapping[type[models.Model], bytes]


def load(rows: Rows) -> None:
    """Write `rows` into the database at hand, in the caller's transaction."""
    if connection.vendor == "postgresql":
        load_encoded(encoded(rows))
        return
    for model, each in rows.items():
        marks = ", ".join(["%s"] * len(table(model).columns))
        adapt = connection.ops.adapt_datetimefield_value
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {_target(model)} VALUES ({marks})", adapted(each, adapt))


def load_encoded(parts: Encoded) -> None:
    """Write what `rows.encoded` made: one COPY a table. PostgreSQL only."""
    with connection.cursor() as cursor:
        for model, text in parts.items():
            with cursor.copy(f"COPY {_target(model)} FROM STDIN") as copy:
                copy.write(text)


def _target(model: type[models.Model]) -> str:
    quoted = ", ".join(f'"{column}"' for column in table(model).columns)
    return f'"{table(model).name}" ({quoted})'


@contextmanager
def bulk_load(tables: Sequence[type[models.Model]]) -> Iterator[None]:
    """Take indexes and foreign keys off the tables of these models, and put them back at the end, in the caller's transaction.

    Foreign keys are checked then: rows that point nowhere fail the whole load. On SQLite nothing is taken off: its foreign keys
    are checked when the transaction ends, and its volume is a developer's. Sequences go on behind the rows' own ids.
    """
    if connection.vendor == "postgresql":
        names = [model._meta.db_table for model in tables]
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL maintenance_work_mem = '{_INDEX_MEMORY}'")
            # What the transaction has written before is checked now: a table with checks under way cannot be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            keys, indexes = _foreign_keys(cursor, names), _indexes(cursor, names)
            for owner, name, _ in keys:
                cursor.execute(f"ALTER TABLE {owner} DROP CONSTRAINT {name}")
            for name, _ in indexes:
                cursor.execute(f"DROP INDEX {name}")
            # What tells of each row that it changed; those triggers that tell of a whole statement tell enough.
            triggers = _row_triggers(cursor, names)
            for owner, name in triggers:
                cursor.execute(f"ALTER TABLE {owner} DISABLE TRIGGER {name}")
            yield
            for owner, name in triggers:
                cursor.execute(f"ALTER TABLE {owner} ENABLE TRIGGER {name}")
            for _, definition in indexes:
                cursor.execute(definition)
            for owner, name, definition in keys:
                cursor.execute(f"ALTER TABLE {owner} ADD CONSTRAINT {name} {definition}")
            for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
                cursor.execute(statement)
    else:
        yield


def _foreign_keys(cursor: Any, names: Sequence[str]) -> list[tuple[str, str, str]]:
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s) ORDER BY 1, 2",
        [list(names)],
    )
    return list(cursor.fetchall())


def _row_triggers(cursor: Any, names: Sequence[str]) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgtype & 1 = 1 AND tgrelid::regclass::text = ANY(%s) ORDER BY 1, 2",
        [list(names)],
    )
    return list(cursor.fetchall())


def _indexes(cursor: Any, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return name and definition of each index that no constraint stands on."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        " WHERE indrelid::regclass::text = ANY(%s)"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1",
        [list(names)],
    )
    return list(cursor.fetchall())
