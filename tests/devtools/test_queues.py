"""Every queue that a task is sent to has somebody who takes from it: in deploy/, and in `./dev run`."""

from __future__ import annotations

import re
from pathlib import Path

from celery import current_app
from django.conf import settings

from devtools import programs
from devtools.bootstrap import ROOT
from recipes_app.lint.protocol.broker import REPORTS_QUEUE
from recipes_app.services.core import task_queue

QUEUES = {settings.CELERY_TASK_DEFAULT_QUEUE, *(route["queue"] for route in settings.CELERY_TASK_ROUTES.values())}


def taken(command: str) -> list[str]:
    """Return the queues that a Celery worker started by `command` takes from."""
    return re.findall(r" worker --queues (\S+)", command)


def test_each_queue_has_one_unit():
    units = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "deploy").glob("*.service"))]

    assert sorted(queue for unit in units for queue in taken(unit)) == sorted(QUEUES)
    # What runners say is read by no Celery worker, which would run whatever a message names.
    assert sum("manage.py take_reports" in unit for unit in units) == 1


def test_each_queue_has_one_program():
    started = [" ".join(each.command) for each in (programs.worker(Path("data")), programs.hooks(), programs.runner())]

    queues = [queue for command in started for names in taken(command) for queue in names.split(",")]
    assert sorted(queues) == sorted([*QUEUES, REPORTS_QUEUE])


def test_webhooks_wait_in_a_queue_of_their_own():
    def queue_of(task: str) -> str:
        return current_app.amqp.router.route({}, task)["queue"].name

    assert queue_of(task_queue.DELIVER_WEBHOOKS) == "webhooks"
    assert queue_of(task_queue.DELIVER_OUTBOX) == queue_of(task_queue.MAIL_NOTIFICATIONS) == "portal"
