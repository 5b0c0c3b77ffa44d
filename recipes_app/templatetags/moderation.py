"""Filters of the log's pages: `{% load moderation %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..rendering.characters import reveal

register = template.Library()


@register.filter
def fact(value: Any) -> SafeString:
    """Show a value of a log line, which is plain JSON: lists item by item, what is nothing or a truth value as a word."""
    if isinstance(value, list):
        return format_html_join("; ", "{}", ((fact(item),) for item in value))
    if isinstance(value, bool):
        return reveal(_("yes") if value else _("no"))
    return reveal("—" if value is None or value == "" else str(value))
