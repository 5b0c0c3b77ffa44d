"""Tags of the pages on recipe checks: `{% load checks %}`."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..services.lint import checks

register = template.Library()
# What a page calls the families of checks.
_FAMILIES: dict[str, str | Promise] = {
    "manifest": _("The manifest debian/dur"),
    "control": _("The control file"),
    "copyright": _("Licences"),
    "changelog": _("The changelog and its version"),
    "patches": _("Patches"),
    "model": _("Models and datasets"),
    "network": _("The network while building and installing"),
    "obfuscation": _("Commands in disguise"),
    "system": _("The user's system"),
    "shell": _("Shell scripts"),
    "hidden": _("What a reader does not see"),
    "files": _("Files"),
}


@register.filter
def family_name(family: str) -> str | Promise:
    """Return what a page calls a family of checks."""
    return _FAMILIES[family]


@register.simple_tag
def check_address(identifier: str) -> str:
    """Return the address of the page on a check; empty where there is no check of this id, such as for a tag of lintian's."""
    return reverse("check", args=[identifier]) if checks.find(identifier) else ""
