"""Celery tasks: what the beat and the services name is there, also by the names of the release before."""

import pytest
from django.conf import settings

from portal.celery import app
from recipes_app.services.core import task_queue

SENT = [task_queue.MAIL_NOTIFICATIONS, task_queue.DELIVER_OUTBOX, task_queue.DELIVER_WEBHOOKS]
FORMER = [
    "recipes_app.housekeeping.tasks.prune",
    "recipes_app.lint.tasks.sweep_lint_jobs",
    "recipes_app.notifications.tasks.deliver_outbox",
    "recipes_app.repos.tasks.pack_repositories",
]


@pytest.fixture(scope="module", name="tasks")
def registered_tasks():
    app.loader.import_default_modules()
    return app.tasks


@pytest.mark.parametrize("name", [*(entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()), *SENT, *FORMER])
def test_task_is_registered(tasks, name):
    assert name in tasks


def test_no_task_is_named_by_its_module(tasks):
    assert not [name for name in tasks if name.startswith("recipes_app.tasks")]
