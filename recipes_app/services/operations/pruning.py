"""What nobody needs any more goes, some rows at a time: sessions that are over, old notifications, long logs of old lints.

What people did stays: the public log, revisions, votes, comments, and each report's verdict and hints.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from recipes_app.limits import LINT_LOG_DAYS, PRUNED_AT_ONCE, READ_NOTIFICATION_DAYS, UNREAD_NOTIFICATION_DAYS
from recipes_app.models import LintJob, Notification

from ..lint.jobs import SETTLED


def prune(now: datetime | None = None) -> Mapping[str, int]:
    """Remove what is old; return how many rows of each kind. A beat task calls it, and what is left waits for the next time."""
    moment = now or timezone.now()
    # As `manage.py clearsessions`.
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    living = Session.objects.filter(session_key=OuterRef("session_key"))
    return {
        "sessions": _delete(UserSession.objects.filter(~Exists(living))),
        "notifications": _delete(Notification.objects.filter(_old_notifications(moment)).order_by()),
        "logs": _empty_logs(moment),
    }


def _old_notifications(now: datetime) -> Q:
    read = Q(read_at__isnull=False, created_at__lt=now - timedelta(days=READ_NOTIFICATION_DAYS))
    return read | Q(created_at__lt=now - timedelta(days=UNREAD_NOTIFICATION_DAYS))


def _delete(rows: QuerySet[UserSession] | QuerySet[Notification]) -> int:
    keys = list(rows.values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    deleted, _kinds = rows.model._default_manager.filter(pk__in=keys).delete()
    return deleted


def _empty_logs(now: datetime) -> int:
    """Take the logs from jobs that were over long ago and that a newer one of the same stage stands for."""
    before = now - timedelta(days=LINT_LOG_DAYS)
    newer = LintJob.objects.filter(
        revision=OuterRef("revision"), stage=OuterRef("stage"), suite=OuterRef("suite"), pk__gt=OuterRef("pk"), state__in=SETTLED
    )
    old = LintJob.objects.filter(Exists(newer), state__in=SETTLED, finished_at__lt=before).exclude(log="")
    keys = list(old.order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE])
    return LintJob.objects.filter(pk__in=keys).update(log="")
