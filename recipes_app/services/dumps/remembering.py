"""What each dump said anew, written down: what `changes` tells of it, and what the next dump compares with."""
# ruff: noqa: S608 - what is put into statements are names of our own tables

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

import orjson
from django.db import connection, transaction

from ...models import DumpLine

_INTO = f"INSERT INTO {DumpLine._meta.db_table} (name, serial, line, digest)"
_OR_UPDATE = "ON CONFLICT (name) DO UPDATE SET serial = excluded.serial, line = excluded.line, digest = excluded.digest"
_CHUNK = 2_000


def digests() -> dict[str, bytes]:
    """Return the digest of each recipe that the newest dump has, by name. One query."""
    rows = DumpLine.objects.exclude(line="").order_by().values_list("name", "digest")
    # In portions and as bytes: of a large catalogue this is what takes most memory.
    return {name: bytes.fromhex(digest) for name, digest in rows.iterator(_CHUNK)}


def note(differing: IO[bytes], name: str, line: str, digest: str) -> None:
    """Put what is new of the recipe `name` into the file `differing`: of a large catalogue's first dump every recipe is."""
    differing.write(orjson.dumps([name, line, digest]) + b"\n")


def remember(serial: int, differing: IO[bytes]) -> None:
    """Write down what was noted in `differing` as said by the dump `serial`, all of it or nothing."""
    differing.seek(0)
    rows = (orjson.loads(row) for row in differing)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, serial, rows)
            return
        while chunk := [(name, serial, line, digest) for name, line, digest in islice(rows, _CHUNK)]:
            cursor.executemany(f"{_INTO} VALUES (%s, %s, %s, %s) {_OR_UPDATE}", chunk)


def _copy(cursor: Any, serial: int, rows: Iterator[list[str]]) -> None:
    """Write `rows` with COPY, a quarter of executemany's time; it knows no ON CONFLICT, so into a table beside first."""
    cursor.execute("CREATE TEMPORARY TABLE dump_said (name text, line text, digest text)")
    with cursor.copy("COPY dump_said FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"{_INTO} SELECT name, %s, line, digest FROM dump_said {_OR_UPDATE}", [serial])
    cursor.execute("DROP TABLE dump_said")
