"""Which runners are there: each tells it every minute. Where none has for a while, pages say so to who waits for a report."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from recipes_app.limits import LINT_ABSENT_SECONDS
from recipes_app.lint.protocol.report import clean_text
from recipes_app.lint.sandbox.levels import Level
from recipes_app.models import LintRunner

logger = logging.getLogger(__name__)

# A broker's writer could make up names without end; the oldest go.
_MOST_KEPT = 200


def note(name: object, sandbox: object) -> None:
    """Keep that a runner is there. What has another shape is left out and logged: a runner is not trusted."""
    if not isinstance(name, str) or not name or not isinstance(sandbox, str) or sandbox not in set(Level):
        logger.error("a runner told that it is there in an unknown shape: %.200r", (name, sandbox))
        return
    LintRunner.objects.update_or_create(name=clean_text(name, 120), defaults={"sandbox": sandbox, "seen_at": timezone.now()})
    kept = LintRunner.objects.order_by("-seen_at").values("pk")[:_MOST_KEPT]
    LintRunner.objects.exclude(pk__in=[row["pk"] for row in kept]).delete()


def is_any_there(now: datetime | None = None) -> bool:
    """Return whether a runner has told of itself of late. One query."""
    since = (now or timezone.now()) - timedelta(seconds=LINT_ABSENT_SECONDS)
    return LintRunner.objects.filter(seen_at__gt=since).exists()
