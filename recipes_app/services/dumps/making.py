"""Making a dump and putting it in place: a new one appears whole, under one name, or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from ...models import DumpLine
from . import files, lines, signature

SUMS = "SHA256SUMS"
SERIAL = "serial"
CURRENT = "current"
SIGNERS = "allowed_signers"
SERVED = (*files.NAMES, SUMS, f"{SUMS}.sig", SERIAL, SIGNERS)
_CHUNK = 500
_WRITE_CHUNK = 2_000
# As text: of the first dump it writes a line for each recipe, and rows that Django puts together take most of that time.
_UPSERT = (
    f"INSERT INTO {DumpLine._meta.db_table} (name, serial, line, digest) VALUES (%s, %s, %s, %s)"  # noqa: S608 - our own table
    " ON CONFLICT (name) DO UPDATE SET serial = excluded.serial, line = excluded.line, digest = excluded.digest"
)
# A client that has begun to fetch a dump gets the rest of it, too.
_KEPT = 3


class DumpRunning(Exception):
    """Another process makes a dump at this moment."""


@dataclass(frozen=True)
class Made:
    """The dump that is in place now. `changed` counts the recipes that differ from the one before; 0: it was left as it was."""

    serial: int
    changed: int
    recipes: int


def folder() -> Path:
    """Return where dumps lie; the newest is the link `current` in it."""
    path: Path = settings.PORTAL_DATA / "dumps"
    return path


def newest_serial() -> int:
    """Return the serial of the newest dump, 0 where none was made. One query."""
    return int(DumpLine.objects.aggregate(newest=Max("serial"))["newest"] or 0)


def make() -> Made:
    """Write the catalogue down and put it in place, where it differs from what is there. Raises DumpRunning, CannotSign, OSError.

    What changed gets the next serial in one transaction. A dump that dies before its files are in place is made again by the
    next one, under the same serial, since the files' own serial is then behind.
    """
    top = folder()
    top.mkdir(parents=True, exist_ok=True)
    with _alone(top), tempfile.TemporaryDirectory(prefix=".new-", dir=top) as name:
        unfinished = Path(name) / "dump"
        unfinished.mkdir(mode=0o755)
        with tempfile.TemporaryFile(dir=name) as differing:
            recipes, changed = _write(unfinished, differing)
            serial = newest_serial()
            if changed == 0 and _serial_in_place(top) == serial:
                return Made(serial, 0, recipes)
            if changed:
                serial += 1
                _remember(serial, differing)
        (unfinished / SERIAL).write_text(f"{serial}\n", encoding="ascii")
        (unfinished / SIGNERS).write_text(signature.allowed_signers(), encoding="ascii")
        signature.sign(unfinished / SUMS)
        _put_in_place(top, unfinished, serial)
    return Made(serial, changed, recipes)


def _write(target: Path, differing: IO[bytes]) -> tuple[int, int]:
    """Write the dump's files and checksums to `target`, and to `differing` a row for each recipe that is not as before.

    Returns how many recipes there are, and how many differ.
    """
    names = lines.living_names()
    gone = set(DumpLine.objects.exclude(line="").values_list("name", flat=True))
    recipes = changed = 0
    with files.writer(target) as writer:
        for start in range(0, len(names), _CHUNK):
            chunk = names[start : start + _CHUNK]
            known = dict(DumpLine.objects.filter(name__in=[name for name, _ in chunk]).values_list("name", "digest"))
            for each in lines.lines_of([number for _, number in chunk]):
                recipes += 1
                gone.discard(each.name)
                writer.add("names.txt", f"{each.name}\n".encode())
                writer.add("recipes.jsonl", each.summary)
                writer.add("recipes-full.jsonl", each.full)
                writer.add("Sources", each.paragraph)
                if known.get(each.name) != each.digest:
                    changed += 1
                    _note(differing, each.name, each.summary.decode().rstrip("\n"), each.digest)
        sums = writer.finish()
    for name in sorted(gone):
        changed += 1
        _note(differing, name, "", "")
    (target / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()), encoding="ascii")
    return recipes, changed


def _note(differing: IO[bytes], name: str, line: str, digest: str) -> None:
    """On disk: of the first dump of a large catalogue every recipe differs."""
    differing.write(orjson.dumps([name, line, digest]) + b"\n")


def _remember(serial: int, differing: IO[bytes]) -> None:
    """Write down what this dump says anew, all of it or nothing."""
    differing.seek(0)
    rows = (orjson.loads(row) for row in differing)
    with transaction.atomic(), connection.cursor() as cursor:
        while chunk := [(name, serial, line, digest) for name, line, digest in islice(rows, _WRITE_CHUNK)]:
            cursor.executemany(_UPSERT, chunk)


def _serial_in_place(top: Path) -> int:
    """Return the serial of the dump whose files are in place, -1 where there are none."""
    try:
        return int((top / CURRENT / SERIAL).read_text(encoding="ascii"))
    except FileNotFoundError:
        return -1


def _put_in_place(top: Path, finished: Path, serial: int) -> None:
    """Give the finished dump its name and turn the link `current` to it, each in one step; older ones go."""
    target = top / f"{serial:012}"
    if target.exists():
        # Of a dump that died before the link was turned: nobody has read it.
        shutil.rmtree(target)
    for path in finished.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    finished.rename(target)
    link = top / ".current"
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)
    link.rename(top / CURRENT)
    older = sorted(path for path in top.iterdir() if path.name.isdigit())
    for path in older[:-_KEPT]:
        shutil.rmtree(path)


@contextmanager
def _alone(top: Path) -> Iterator[None]:
    """Let one process at a time make a dump; the kernel drops the lock with the process. Raises DumpRunning."""
    with (top / ".lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DumpRunning("a dump is being made already: wait for it") from error
        yield
