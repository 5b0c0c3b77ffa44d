"""Kill switches: what moderators turn off for all, maintenance mode among them. Asked by `permissions.require`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from recipes_app.models import Switch

_DEFAULT_MESSAGES = {
    Switch.Name.WRITES: _("the site is read-only for maintenance: nothing is lost; try again later"),
    Switch.Name.SIGN_UP: _("new accounts are not taken at the moment"),
    Switch.Name.NEW_RECIPES: _("new recipes are not taken at the moment"),
    Switch.Name.PUSHES: _("pushes are not taken at the moment"),
    Switch.Name.ADOPTION: _("adoption is closed at the moment"),
}


def message_if_off(*names: Switch.Name | None) -> str | None:
    """Return the message of the first of `names` that is turned off, or None where all are on. One query."""
    wanted = [name for name in names if name is not None]
    off = {switch.name: switch for switch in Switch.objects.filter(name__in=wanted, off=True)}
    for name in wanted:
        if name in off:
            return off[name].message or str(_DEFAULT_MESSAGES[name])
    return None
