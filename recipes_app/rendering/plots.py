"""Small plots as SVG, drawn by the server: numbers in, markup out. No script, no inline style (the content policy forbids both).

The numbers stand beside a plot in words; the drawing shows their course, and its label says the same to who does not see it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_HEIGHT = 20
_STEP = 10


def sparkline(values: Sequence[float], label: str, look: str = "") -> SafeString:
    """Return `values`, oldest first, as a line over its area; `label` is its text, `look` an additional class.

    An empty string for less than two values: a point is no course.
    """
    if len(values) < 2:
        return SafeString("")
    top = max(*values, 1)
    width = _STEP * (len(values) - 1)
    points = [(number * _STEP, round(_HEIGHT - value * (_HEIGHT - 2) / top, 1)) for number, value in enumerate(values)]
    line = " ".join(f"{across},{down}" for across, down in points)
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polygon class="area" points="0,{} {} {},{}"/><line class="base" x1="0" y1="{}" x2="{}" y2="{}"/>'
        '<polyline class="line" points="{}"/></svg>',
        look, width, _HEIGHT, label, _HEIGHT, line, width, _HEIGHT, _HEIGHT, width, _HEIGHT, line,
    )  # fmt: skip


def bars(values: Sequence[float], label: str, look: str = "") -> SafeString:
    """Return `values`, oldest first, as bars: for counts of separate weeks. An empty string where there are no values."""
    if not values:
        return SafeString("")
    top = max(*values, 1)
    width = _STEP * len(values)
    heights = [(number * _STEP + 1, round(value * (_HEIGHT - 1) / top, 1)) for number, value in enumerate(values)]
    marks = format_html_join(
        "",
        '<rect class="bar-mark" x="{}" y="{}" width="{}" height="{}"/>',
        ((across, round(_HEIGHT - height, 1), _STEP - 2, height) for across, height in heights if height),
    )
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '{}<line class="base" x1="0" y1="{}" x2="{}" y2="{}"/></svg>',
        look, width, _HEIGHT, label, marks, _HEIGHT, width, _HEIGHT,
    )  # fmt: skip
