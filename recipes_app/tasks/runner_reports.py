"""What runners send, taken from their queue without Celery: one of a few acts with plain values, or it is refused.

A Celery worker runs whatever a message names, and what the message wants run after it; it must not read a queue that a stranger
may write to. Here nothing of a message decides but the name of the act, its arguments, and how long it is.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import close_old_connections
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from kombu.message import Message
from kombu.messaging import Consumer

from ..limits import MAX_MESSAGE_ID, MAX_REPORT_BYTES, REPORT_QUEUE_SECONDS
from ..lint.protocol.broker import REPORTS_QUEUE
from ..services.core.retrying import is_unavailable
from ..services.lint import explanations, jobs, runners, versions
from ..services.publishing import report_gates

logger = logging.getLogger(__name__)

_QUEUE = Queue(REPORTS_QUEUE, Exchange(REPORTS_QUEUE), routing_key=REPORTS_QUEUE)
# The body begins with the arguments, and those of a job with its number: known also where the rest is not read.
_JOB = re.compile(rb"\s*\[\s*\[\s*([0-9]{1,18})\s*[,\]]")
_WAIT_SECONDS = 2.0


class Refused(Exception):
    """The message is none that a runner of ours sends; the text says why."""


def finished(job_id: int, report: Any, message: Any = "") -> None:
    """Record a runner's report, and ask the gates about it; `message` is the id of the one that asked for the run."""
    report_gates.finish(job_id, report, message)


@dataclass(frozen=True)
class _Act:
    """What a message may ask for, and of which types its arguments are."""

    do: Callable[..., object]
    types: tuple[type, ...]


_ACTS: Mapping[str, _Act] = {
    "lint.started": _Act(jobs.start, (int,)),
    "lint.heartbeat": _Act(jobs.heartbeat, (int,)),
    "lint.stopped": _Act(jobs.stopped, (int,)),
    "lint.finished": _Act(finished, (int, dict, str)),
    "lint.explained": _Act(explanations.import_catalogue, (dict,)),
    "lint.tools": _Act(versions.told, (list,)),
    "lint.present": _Act(runners.note, (str, str)),
}


def take(url: str, options: Mapping[str, object], over: threading.Event) -> None:
    """Take messages from the queue of the broker at `url` until `over` is set; a broker that is away is waited for."""
    away: tuple[type[BaseException], ...] = (OSError, OperationalError, *Connection(url).recoverable_connection_errors)
    while not over.is_set():
        try:
            with (
                Connection(url, transport_options=dict(options)) as connection,
                connection.channel() as channel,
                Consumer(channel, [_QUEUE], on_message=_taken, accept=["json"], prefetch_count=1),
            ):
                while not over.is_set():
                    _wait(connection)
        except away as error:
            logger.warning("the broker is away, reports wait: %s", error)
            over.wait(_WAIT_SECONDS)


def _wait(connection: Connection) -> None:
    try:
        connection.drain_events(timeout=REPORT_QUEUE_SECONDS)
    except TimeoutError:
        return


def _taken(message: Message) -> None:
    """Do what one message asks for; it is given back where the database is away, and gone in every other case."""
    try:
        handle(str((message.headers or {}).get("task", "")), _bytes(message.body))
    except Exception as error:
        if is_unavailable(error):
            logger.warning("a report waits for the database: %s", error)
            time.sleep(_WAIT_SECONDS)
            message.requeue()
            return
        logger.exception("a report could not be recorded")
    finally:
        close_old_connections()
    message.ack()


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode("utf-8", "replace")


def handle(name: str, body: bytes) -> bool:
    """Do what the message `name` with this body asks for; return whether it was done.

    One that is too long or of another shape is logged, and the job that it is about ends without a verdict: the same runner would
    say the same again.
    """
    try:
        act, arguments = _read(name, body)
    except Refused as refused:
        logger.error("a runner's message %.60r was refused: %s", name, refused)  # noqa: TRY400 - the text says all
        job = _JOB.match(body[:100])
        if name == "lint.finished" and job is not None:
            jobs.record_error(int(job[1]), f"the runner's report was refused: {refused}")
        return False
    act.do(*arguments)
    return True


def _read(name: str, body: bytes) -> tuple[_Act, list[Any]]:
    """Return the act and its arguments. Raises Refused."""
    act = _ACTS.get(name)
    if act is None:
        raise Refused("it asks for none of what runners may ask for")
    if len(body) > MAX_REPORT_BYTES:
        raise Refused(f"it has {len(body)} bytes, at most {MAX_REPORT_BYTES} are read")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"it is no JSON: {error}") from error
    # Celery's protocol 2: arguments, named arguments, and what is to be done afterwards, which is left aside.
    if not isinstance(found, list) or len(found) != 3 or not isinstance(found[0], list) or found[1]:
        raise Refused("it is no message of Celery's protocol 2 with arguments alone")
    arguments = found[0]
    kinds = [type(each) for each in arguments]
    if name == "lint.finished" and kinds == [int, dict]:
        # A runner of an older release does not tell which message asked for the run.
        return act, arguments
    if kinds != list(act.types):
        raise Refused(f"its arguments are {', '.join(kind.__name__ for kind in kinds[:9])}")
    if any(isinstance(each, int) and not 0 < each < 2**63 for each in arguments):
        raise Refused("it names a job that cannot be")
    if any(isinstance(each, str) and len(each) > MAX_MESSAGE_ID for each in arguments):
        raise Refused("one of its texts is too long")
    return act, arguments
