"""Tags of the lint pages: `{% load lint %}`."""

from __future__ import annotations

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ..rendering.characters import reveal
from ..views.shared.labels import label_of

register = template.Library()
# What a page calls the facts of `services.lint.reading.FACETS`.
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


@register.simple_tag
def severity_name(severity: str) -> str | Promise:
    """Return the word for a severity."""
    return label_of("severity", severity).text


@register.simple_tag
def tag_link(tag: str) -> SafeString:
    """Show the name of a lint tag as a link to its page; a name that no address can hold is shown and not linked."""
    shown = format_html("<code>{}</code>", reveal(tag))
    try:
        return format_html('<a class="break" href="{}">{}</a>', reverse("lint_tag", args=[tag]), shown)
    except NoReverseMatch:
        return shown
