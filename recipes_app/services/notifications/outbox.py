"""The outbox: every mail is a row first, in the transaction that asks for it, and leaves the site by a worker after the commit.

So no request waits for a mail server, none fails because of one, and no mail is lost with a broker's message. A worker claims
a row by one UPDATE; two that got the same number send one mail. A worker that dies between the mail server's "accepted" and
the row's `sent_at` makes a second attempt with the same Message-ID, which is as far as SMTP lets anyone go.
"""

from __future__ import annotations

import logging
import smtplib
from datetime import timedelta
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db.models import F, Q
from django.utils import timezone

from recipes_app.limits import MAIL_BATCH, MAIL_OVERDUE_MINUTES, MAIL_RETRY_MINUTES, OUTBOX_DAYS
from recipes_app.models import OutboxMail

from ..core import task_queue

logger = logging.getLogger(__name__)

_OVERDUE = timedelta(minutes=MAIL_OVERDUE_MINUTES)
_FIELDS = ("subject", "body", "from_email", "to", "cc", "bcc", "reply_to")
_WAITING = Q(sent_at=None, given_up_at=None)
_ERROR = 500


def mail_domain() -> str:
    """Return the host name that stands in Message-IDs."""
    return urlsplit(settings.PORTAL_URL).hostname or "localhost"


def put(message: EmailMessage) -> OutboxMail:
    """Write `message` into the outbox, in the caller's transaction, and let it be sent after the commit.

    Raises BadHeaderError where a header has a line break, ValueError for attachments: this site sends none.
    """
    if message.attachments:
        raise ValueError("the outbox keeps text only: put a link into the mail instead of an attachment")
    message.extra_headers.setdefault("Message-ID", make_msgid(domain=mail_domain()))
    message.extra_headers.setdefault("Date", formatdate())
    message.message()  # What cannot be built fails here, where the caller sees it.
    row = OutboxMail.objects.create(content=_to_content(message), next_attempt_at=timezone.now() + _OVERDUE)
    task_queue.send_on_commit(task_queue.DELIVER_OUTBOX, [row.pk])
    return row


def _to_content(message: EmailMessage) -> dict[str, Any]:
    content: dict[str, Any] = {name: getattr(message, name) for name in _FIELDS}
    content = {name: str(value) if not isinstance(value, list) else value for name, value in content.items()}
    content["headers"] = {name: str(value) for name, value in message.extra_headers.items()}
    content["alternatives"] = [[str(each[0]), str(each[1])] for each in getattr(message, "alternatives", [])]
    return content


def _from_content(content: dict[str, Any]) -> EmailMultiAlternatives:
    fields = {name: content[name] for name in _FIELDS}
    alternatives = [(text, media_type) for text, media_type in content["alternatives"]]
    return EmailMultiAlternatives(**fields, headers=content["headers"], alternatives=alternatives)


def deliver(row_id: int) -> bool:
    """Send the mail `row_id`, if nobody else does or did; return whether it left now. What a mail server says is no exception."""
    row = _claim(row_id)
    if row is None:
        return False
    if row.attempts > len(MAIL_RETRY_MINUTES) + 1:
        _give_up(row, "every attempt ended without an answer: the worker died at it")
        return False
    try:
        get_connection(settings.DELIVERY_EMAIL_BACKEND).send_messages([_from_content(row.content)])
    except (smtplib.SMTPException, OSError) as problem:
        _postpone(row, problem)
        return False
    OutboxMail.objects.filter(pk=row.pk).update(sent_at=timezone.now(), content={}, error="")
    return True


def _claim(row_id: int) -> OutboxMail | None:
    """Take the row for this worker, or return None where it is gone, done, or taken a short time ago."""
    now = timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - _OVERDUE)
    taken = OutboxMail.objects.filter(_WAITING, free, pk=row_id).update(
        claimed_at=now, attempts=F("attempts") + 1, next_attempt_at=now + _OVERDUE
    )
    return OutboxMail.objects.get(pk=row_id) if taken else None


def _postpone(row: OutboxMail, problem: Exception) -> None:
    """Plan the next attempt, or give up where the server said that it will never take this mail."""
    reason = f"{type(problem).__name__}: {problem}"[:_ERROR]
    if _is_final(problem) or row.attempts > len(MAIL_RETRY_MINUTES):
        _give_up(row, reason)
        return
    pause = timedelta(minutes=MAIL_RETRY_MINUTES[row.attempts - 1])
    OutboxMail.objects.filter(pk=row.pk).update(claimed_at=None, next_attempt_at=timezone.now() + pause, error=reason)
    logger.warning("mail %d was not sent, attempt %d, next in %s: %s", row.pk, row.attempts, pause, reason)


def _is_final(problem: Exception) -> bool:
    """Return whether a mail server's answer is of the 5xx kind for good (RFC 5321, 4.2.1)."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _answer in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPDataError) and problem.smtp_code >= 500


def _give_up(row: OutboxMail, reason: str) -> None:
    OutboxMail.objects.filter(pk=row.pk).update(given_up_at=timezone.now(), claimed_at=None, content={}, error=reason)
    logger.error("mail %d is given up after %d attempts: %s", row.pk, row.attempts, reason)


def hand_out_due() -> int:
    """Hand every mail whose time has come to a worker; return how many. Each is handed out again only after a while."""
    now = timezone.now()
    ids = list(
        OutboxMail.objects.filter(_WAITING, next_attempt_at__lte=now)
        .order_by("next_attempt_at").values_list("pk", flat=True)[:MAIL_BATCH]
    )  # fmt: skip
    OutboxMail.objects.filter(pk__in=ids).update(next_attempt_at=now + _OVERDUE)
    for row_id in ids:
        task_queue.send(task_queue.DELIVER_OUTBOX, [row_id])
    return len(ids)


def waiting() -> list[int]:
    """Return the numbers of all mails that have not left and are not given up, oldest first."""
    return list(OutboxMail.objects.filter(_WAITING).order_by("pk").values_list("pk", flat=True))


def prune() -> int:
    """Delete rows of mail that left, or was given up, long ago; return how many."""
    before = timezone.now() - timedelta(days=OUTBOX_DAYS)
    deleted, _ = OutboxMail.objects.filter(Q(sent_at__lt=before) | Q(given_up_at__lt=before)).delete()
    return deleted
