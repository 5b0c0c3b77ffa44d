"""Making a dump and putting it in place: a new one appears whole, under one name, or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db.models import Max

from ...models import DumpLine
from ..catalogue import summaries
from . import files, lines, signature
from .remembering import digests, note, remember

SUMS = "SHA256SUMS"
SERIAL = "serial"
CURRENT = "current"
SIGNERS = "allowed_signers"
SERVED = (*files.NAMES, SUMS, f"{SUMS}.sig", SERIAL, SIGNERS)
_CHUNK = 500
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
                remember(serial, differing)
        (unfinished / SERIAL).write_text(f"{serial}\n", encoding="ascii")
        (unfinished / SIGNERS).write_text(signature.allowed_signers(), encoding="ascii")
        signature.sign(unfinished / SUMS)
        _put_in_place(top, unfinished, serial)
    return Made(serial, changed, recipes)


class _Portions:
    """Writes the catalogue down portion by portion, and to `differing` a row for each recipe that is not as before."""

    def __init__(self, writer: files.Writer, differing: IO[bytes], before: dict[str, bytes]) -> None:
        self._writer, self._differing = writer, differing
        # Digests of what the dump before had and this one has not had yet.
        self._before = before
        self.recipes = self.changed = 0

    def write(self, rows: Iterable[summaries.Row]) -> None:
        """Write the lines of `rows`. It asks the database nothing."""
        for each in lines.lines_of(rows):
            self.recipes += 1
            self._writer.add("names.txt", f"{each.name}\n".encode())
            self._writer.add("recipes.jsonl", each.summary)
            self._writer.add("recipes-full.jsonl", each.full)
            self._writer.add("Sources", each.paragraph)
            digest = each.digest
            if self._before.pop(each.name, None) != digest:
                self._note(each.name, each.summary.decode().rstrip("\n"), digest.hex())

    def finish(self) -> None:
        """Note what is gone."""
        for name in sorted(self._before):
            self._note(name, "", "")

    def _note(self, name: str, line: str, digest: str) -> None:
        self.changed += 1
        note(self._differing, name, line, digest)


def _write(target: Path, differing: IO[bytes]) -> tuple[int, int]:
    """Write the dump's files and checksums to `target`, and to `differing` a row for each recipe that is not as before.

    Returns how many recipes there are, and how many differ.
    """
    ids = [number for _, number in lines.living_names()]
    with files.writer(target) as writer, ThreadPoolExecutor(max_workers=1, thread_name_prefix="lines") as thread:
        portions = _Portions(writer, differing, digests())
        written: Future[None] | None = None
        for start in range(0, len(ids), _CHUNK):
            rows = lines.rows_of(ids[start : start + _CHUNK])
            if written is not None:
                written.result()
            # Written by another thread, while this one, which has the connection, asks for the next portion.
            written = thread.submit(portions.write, rows)
        if written is not None:
            written.result()
        portions.finish()
        sums = writer.finish()
    (target / SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()), encoding="ascii")
    return portions.recipes, portions.changed


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
