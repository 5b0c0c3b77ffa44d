"""Celery tasks of notifications and mail. Each may run twice, or late, or for rows that are done: the services see to it."""

from __future__ import annotations

from collections.abc import Sequence

from celery import shared_task

from ..services import mail, outbox, webhook_delivery


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def mail_notifications(ids: Sequence[int]) -> None:
    """Make the mails of notifications that are to be mailed at once."""
    mail.mail_at_once(ids)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def deliver_outbox(ids: Sequence[int]) -> None:
    """Send mails of the outbox."""
    for row_id in ids:
        outbox.deliver(row_id)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def send_digests() -> None:
    """Once a day: one mail to each account that wants it so."""
    for user_id in mail.accounts_with_digest():
        mail.mail_digest(user_id)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def sweep_mail() -> None:
    """Take up what a broker or a worker forgot, and what a mail server put off; drop what was settled long ago."""
    mail.mail_at_once(mail.overdue())
    outbox.hand_out_due()
    outbox.prune()


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def deliver_webhooks(ids: Sequence[int]) -> None:
    """Send messages to webhooks."""
    for delivery_id in ids:
        webhook_delivery.deliver(delivery_id)


@shared_task  # type: ignore[untyped-decorator]  # celery has no types
def sweep_webhooks() -> None:
    """Take up what a broker or a worker forgot, and what a receiver did not take; drop what was sent long ago."""
    webhook_delivery.hand_out_due()
    webhook_delivery.prune()
