"""What time does: adoptions go through, invitations run out, and switches stop both tasks and people."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from portal.celery import app
from recipes_app.models import CoRole, Event, Invitation, OwnershipRequest, Switch
from recipes_app.services.audit import audit
from recipes_app.services.audit.audit import EventKind
from recipes_app.services.moderation import requests
from recipes_app.services.ownership import invitations
from recipes_app.tasks import housekeeping as tasks
from tests.factories import make_recipe, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def due_adoption():
    orphan = make_recipe("orphan-one")
    request = requests.file(make_user("bob"), orphan, OwnershipRequest.Kind.ADOPTION, "I use it daily")
    OwnershipRequest.objects.filter(pk=request.pk).update(waits_until=timezone.now() - timedelta(minutes=1))
    return request


def state_of(request):
    request.refresh_from_db()
    return request.state


def test_due_adoption_goes_through(due_adoption):
    tasks.sweep_requests()
    assert state_of(due_adoption) == "accepted"


@pytest.mark.parametrize("switch", [Switch.Name.ADOPTION, Switch.Name.WRITES])
def test_due_adoption_waits_while_a_switch_is_off(due_adoption, switch):
    Switch.objects.create(name=switch, off=True)
    tasks.sweep_requests()
    assert state_of(due_adoption) == "open"


def test_invitation_that_ran_out_is_removed_and_another_stays():
    ada, recipe = make_user("ada"), make_recipe("one")
    recipe.maintainer = ada
    recipe.save()
    old = invitations.invite(ada, recipe, make_user("bob"), CoRole.PUSH)
    new = invitations.invite(ada, recipe, make_user("carol"), CoRole.PUSH)
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    tasks.drop_expired_invitations()
    assert list(Invitation.objects.all()) == [new]


def test_beat_knows_both_tasks_and_the_worker_has_them():
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in project.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.sweep_requests.name, tasks.drop_expired_invitations.name} <= scheduled
    assert scheduled <= set(app.tasks)


class TestVerifyLog:
    def lines(self, number):
        with transaction.atomic():
            return [audit.record(EventKind.SWITCH_TURNED, None, public={"n": each}) for each in range(number)]

    def run(self):
        out = StringIO()
        call_command("verify_log", stdout=out)
        return out.getvalue()

    def test_whole_log_is_proved_and_the_last_hash_said(self):
        last = self.lines(3)[-1]
        said = self.run()
        assert "3 lines" in said
        assert last.hash in said

    def test_empty_log_is_whole(self):
        assert "0 lines" in self.run()

    def test_altered_line_fails_the_command(self):
        line = self.lines(3)[1]
        Event.objects.filter(pk=line.pk).update(public={"n": 99})
        with pytest.raises(CommandError, match=f"the log was altered: line {line.pk}"):
            self.run()
