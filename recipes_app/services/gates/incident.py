"""The incident level of the whole site: normal, raised, siege. What each does stands in `gate_table`."""

from __future__ import annotations

import time

from django.db import transaction
from django.utils.translation import gettext as _

from recipes_app.limits import INCIDENT_MEMO_SECONDS
from recipes_app.models import IncidentNotice, User

from ..audit import audit
from ..audit.audit import EventKind
from ..core import texts
from ..core.permissions import Action, require
from .gate_table import Incident

_MAX_WORDS = 500
# What this process last read, and until when it is believed: every page asks.
_memo: dict[str, tuple[float, IncidentNotice | None]] = {}


def set_level(user: User, level: Incident, words: str) -> IncidentNotice:
    """Change the site's level, with the words that every page shows. Raises PermissionDenied, Refused."""
    require(Action.SET_INCIDENT_LEVEL, user)
    blank = _("say what people shall read: every page shows it") if level is not Incident.NORMAL else ""
    said = texts.checked(words, "words", blank=blank, most=_MAX_WORDS)
    with transaction.atomic():
        notice = IncidentNotice.objects.create(level=level.value, words=said, changed_by_name=user.username)
        audit.record(EventKind.INCIDENT_LEVEL_CHANGED, user, public={"level": level.value, "words": said})
    _memo.clear()
    return notice


def level() -> Incident:
    """Return the level in force, as the database has it now. One query."""
    found = _newest()
    return Incident(found.level) if found else Incident.NORMAL


def in_force() -> IncidentNotice:
    """Return the notice in force, a blank one where the level was never changed. One query."""
    return _newest() or IncidentNotice(level=Incident.NORMAL.value)


def notice() -> IncidentNotice | None:
    """Return what every page has to say, None while the level is normal. A query at most each INCIDENT_MEMO_SECONDS."""
    until, found = _memo.get("notice", (0.0, None))
    if time.monotonic() >= until:
        found = _newest()
        remember(found)
    return found if found is not None and found.level != Incident.NORMAL else None


def remember(found: IncidentNotice | None, seconds: float = INCIDENT_MEMO_SECONDS) -> None:
    """Believe for so long that `found` is the newest."""
    _memo["notice"] = (time.monotonic() + seconds, found)


def stops_adoptions() -> bool:
    """Return whether no adoption goes through by itself now. One query."""
    return level() is not Incident.NORMAL


def _newest() -> IncidentNotice | None:
    return IncidentNotice.objects.order_by("-id").first()
