"""The outbox: every mail is a row first, in the transaction that asks for it, and leaves the site by a worker after the commit.

So no request waits for a mail server, none fails because of one, and no mail is lost with a broker's message (`delivery`).
A worker that dies after the mail server's "accepted" makes a second attempt with the same Message-ID, which is as far as SMTP
lets anyone go.
"""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from email.utils import formatdate, make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from recipes_app.limits import MAIL_OVERDUE_MINUTES, MAIL_RETRY_MINUTES, OUTBOX_DAYS
from recipes_app.models import OutboxMail

from ..core import task_queue
from . import delivery

_FIELDS = ("subject", "body", "from_email", "to", "cc", "bcc", "reply_to")


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
    row = OutboxMail.objects.create(content=_to_content(message), next_attempt_at=timezone.now() + OUTBOX.overdue)
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


class _Outbox(delivery.Queue[OutboxMail]):
    """The mails that wait. The content goes with the end: it can hold the link that resets a password."""

    name = "mail"
    task = task_queue.DELIVER_OUTBOX
    waiting = Q(sent_at=None, given_up_at=None)
    overdue = timedelta(minutes=MAIL_OVERDUE_MINUTES)
    pauses = MAIL_RETRY_MINUTES

    def rows(self) -> QuerySet[OutboxMail]:
        return OutboxMail.objects.all()

    def attempt(self, row: OutboxMail) -> delivery.Attempt:
        """Give the mail to the mail server."""
        try:
            get_connection(settings.DELIVERY_EMAIL_BACKEND).send_messages([_from_content(row.content)])
        except (smtplib.SMTPException, OSError) as problem:
            return delivery.Attempt(f"{type(problem).__name__}: {problem}", _is_final(problem))
        return delivery.Attempt()

    def delivered(self, now: datetime) -> dict[str, Any]:
        return {"sent_at": now, "content": {}}

    def given_up(self, now: datetime) -> dict[str, Any]:
        return {"given_up_at": now, "content": {}}


OUTBOX = _Outbox()
deliver = OUTBOX.deliver
hand_out_due = OUTBOX.hand_out_due
waiting = OUTBOX.unsettled


def _is_final(problem: Exception) -> bool:
    """Return whether a mail server's answer is of the 5xx kind for good (RFC 5321, 4.2.1)."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _answer in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPDataError) and problem.smtp_code >= 500


def prune() -> int:
    """Delete rows of mail that left, or was given up, long ago; return how many."""
    before = timezone.now() - timedelta(days=OUTBOX_DAYS)
    return OUTBOX.prune(Q(sent_at__lt=before) | Q(given_up_at__lt=before))
