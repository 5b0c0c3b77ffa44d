"""Handing work to Celery by the task's name, after the commit. The rows in the database are the truth, never the message.

Services know a task by its name only, since tasks are entrances and import services. A broker that is down fails no request:
what was not handed over is found by the sweep, which looks at the rows.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from recipes_app.limits import MAIL_BATCH

from . import sending

logger = logging.getLogger(__name__)

MAIL_NOTIFICATIONS = "mail.mail_notifications"
DELIVER_OUTBOX = "mail.deliver_outbox"
# It has a queue and a worker of its own (CELERY_TASK_ROUTES): receivers that hang keep nothing of ours waiting.
DELIVER_WEBHOOKS = "mail.deliver_webhooks"


def send_on_commit(task: str, ids: Sequence[int]) -> None:
    """Hand `ids` to `task`, some at a time, once the present transaction is committed; nobody waits for the broker."""
    for start in range(0, len(ids), MAIL_BATCH):
        transaction.on_commit(partial(_send_later, task, list(ids[start : start + MAIL_BATCH])))


def _send_later(task: str, ids: list[int]) -> None:
    sending.later(f"{task} for {len(ids)} rows", partial(_sent, task, ids))


def _sent(task: str, ids: list[int]) -> None:
    send(task, ids)


def send(task: str, ids: Sequence[int]) -> bool:
    """Hand `ids` to `task`; return whether the broker took it. One that is down is logged: the sweep will find the rows.

    It waits for the broker, so it is for workers alone.
    """
    try:
        current_app.send_task(task, args=[list(ids)], retry=False, ignore_result=True)
    except (OperationalError, OSError) as problem:
        logger.warning("the broker did not take %s for %d rows, the sweep will: %s", task, len(ids), problem)
        return False
    return True
