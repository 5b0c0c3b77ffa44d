"""The trend of a recipe's hints as a small picture: numbers for an SVG whose looks are the style sheet's, not the page's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recipes_app.services.lint.reading import TREND_SEVERITIES, TrendPoint

HEIGHT = 80
_BAR, _GAP = 14, 6
# One hint must be seen beside four hundred.
_LEAST = 2


@dataclass(frozen=True)
class Block:
    """One severity's part of a bar."""

    severity: str
    x: int
    y: int
    height: int
    number: int


@dataclass(frozen=True)
class TrendRow:
    """The same as numbers, for the table under the picture."""

    point: TrendPoint
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Trend:
    """A picture of WIDTH × HEIGHT units, a stacked bar a revision, and its table."""

    width: int
    blocks: tuple[Block, ...]
    rows: tuple[TrendRow, ...]
    height: int = HEIGHT
    bar: int = _BAR
    severities: tuple[str, ...] = tuple(TREND_SEVERITIES)

    @property
    def first(self) -> TrendPoint:
        """Return the oldest revision."""
        return self.rows[0].point

    @property
    def last(self) -> TrendPoint:
        """Return the newest revision."""
        return self.rows[-1].point


def draw_trend(points: Sequence[TrendPoint]) -> Trend | None:
    """Return the picture of `points`, oldest first; None for fewer than two, which show no trend."""
    if len(points) < 2:
        return None
    highest = max((point.total for point in points), default=0) or 1
    blocks: list[Block] = []
    for position, point in enumerate(points):
        bottom = HEIGHT
        # The worst stands on the ground line, where heights can be compared.
        for severity in TREND_SEVERITIES:
            if number := point.counts.get(severity, 0):
                height = max(_LEAST, number * (HEIGHT - len(TREND_SEVERITIES) * _LEAST) // highest)
                bottom -= height
                blocks.append(Block(severity, position * (_BAR + _GAP), bottom, height, number))
    rows = tuple(TrendRow(point, tuple(point.counts.get(severity, 0) for severity in TREND_SEVERITIES)) for point in points)
    return Trend(len(points) * (_BAR + _GAP) - _GAP, tuple(blocks), rows)
