"""Points in time, as a person reads them in his zone and a program in the attribute: `{% load moments %}`."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def day(at: datetime) -> SafeString:
    """Show the day of `at`, with the minute as title."""
    return _time(at, "DATE_FORMAT")


@register.simple_tag
def minute(at: datetime) -> SafeString:
    """Show day and minute of `at`, and the zone, which is UTC for who has chosen none."""
    return _time(at)


def _time(at: datetime, shape: str = "") -> SafeString:
    """Return `at` in the reader's zone, in the form that his language has; `frame.js` writes the title anew, to the second."""
    here = timezone.localtime(at)
    whole = f"{date(here, 'DATETIME_FORMAT')} {date(here, 'T')}"
    shown = date(here, shape) if shape else whole
    return format_html('<time datetime="{}" title="{}">{}</time>', here.isoformat(timespec="seconds"), whole, shown)
