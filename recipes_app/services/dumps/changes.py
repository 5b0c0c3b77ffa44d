"""What changed between two dumps: who has the one of a serial asks for what came after, and ends with the newest one's bytes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from ...models import DumpLine
from ..core.pages import cut
from .making import newest_serial


@dataclass(frozen=True)
class DumpChanges:
    """A page of recipes whose line changed, the oldest change first. `serial` is the newest dump's.

    `next_after` is what to give as `after` for what follows.
    """

    serial: int
    lines: list[DumpLine]
    next_after: tuple[int, int] | None


def since(serial: int, *, after: tuple[int, int] | None, limit: int) -> DumpChanges:
    """Return what changed after the dump `serial`, at most `limit` recipes; `after` is serial and id of the last row before.

    A recipe stands once, with what the newest dump says of it. A row that a new dump changes while somebody pages moves
    behind everything he has not seen yet, so that he misses nothing. Two queries.
    """
    rows = DumpLine.objects.filter(serial__gt=serial).order_by("serial", "id")
    if after is not None:
        rows = rows.filter(Q(serial__gt=after[0]) | Q(serial=after[0], id__gt=after[1]))
    newest = newest_serial()
    return DumpChanges(newest, *cut(rows, limit, lambda line: (line.serial, line.pk)))
