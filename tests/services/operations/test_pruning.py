"""What is old goes, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from recipes_app import limits
from recipes_app.models import LintJob, LintState, Notification, Revision
from recipes_app.services.operations import pruning
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def days_ago(days):
    return NOW - timedelta(days=days)


def test_sessions_that_are_over_go_with_their_rows():
    user = make_user()
    for key, expires in (("living", NOW + timedelta(days=1)), ("over", days_ago(1))):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    for key in ("living", "over", "gone"):
        UserSession.objects.create(user=user, session_key=key, ip="192.0.2.1", user_agent="test")
    assert pruning.prune(NOW)["sessions"] == 2
    assert list(Session.objects.values_list("session_key", flat=True)) == ["living"]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == ["living"]


@pytest.mark.parametrize(
    ("days", "is_read", "goes"),
    [
        (limits.READ_NOTIFICATION_DAYS + 1, True, True),
        (limits.READ_NOTIFICATION_DAYS + 1, False, False),
        (limits.READ_NOTIFICATION_DAYS - 1, True, False),
        (limits.UNREAD_NOTIFICATION_DAYS + 1, False, True),
    ],
)
def test_notifications_go_once_they_are_old(days, is_read, goes):
    row = Notification.objects.create(user=make_user(), kind=Notification.Kind.UPDATE, text="x", url="/")
    Notification.objects.filter(pk=row.pk).update(created_at=days_ago(days), read_at=NOW if is_read else None)
    assert pruning.prune(NOW)["notifications"] == int(goes)
    assert Notification.objects.exists() != goes


def test_logs_of_lints_that_a_newer_one_replaced_go_and_the_newest_stays():
    recipe = make_recipe(maintainer=make_user())
    revision = Revision.objects.create(recipe=recipe, commit="c" * 40, version="1", pushed_at=NOW, pusher_name="ada", metadata={})
    columns = {"revision": revision, "log": "long", "state": LintState.PASSED}
    old = LintJob.objects.create(**columns, tool_version="1", finished_at=days_ago(limits.LINT_LOG_DAYS + 2))
    young = LintJob.objects.create(**columns, tool_version="2", finished_at=days_ago(limits.LINT_LOG_DAYS - 1))
    newest = LintJob.objects.create(**columns, tool_version="3", finished_at=days_ago(limits.LINT_LOG_DAYS + 1))
    assert pruning.prune(NOW)["logs"] == 1
    assert [LintJob.objects.get(pk=job.pk).log for job in (old, young, newest)] == ["", "long", "long"]


def test_one_turn_removes_some_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(pruning, "PRUNED_AT_ONCE", 2)
    user = make_user()
    for number in range(3):
        UserSession.objects.create(user=user, session_key=str(number), ip="192.0.2.1", user_agent="test")
    assert [pruning.prune(NOW)["sessions"] for _ in range(3)] == [2, 1, 0]
