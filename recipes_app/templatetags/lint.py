"""Tags of the lint pages: `{% load lint %}`."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()
# What a page calls the facts of `services.lint_reading.FACETS`.
_FACETS: dict[str, str | Promise] = {
    "source-format": _("Source format"),
    "patch-system": _("Patches"),
    "debhelper-compat-level": _("debhelper's level"),
    "standards-version": _("Standards-Version"),
    "debian-watch-file-standard": _("Version of debian/watch"),
}


@register.simple_tag
def facet_name(tag: str) -> str | Promise:
    """Return what a page calls the classification `tag`; its own name where it has no other."""
    return _FACETS.get(tag, tag)
