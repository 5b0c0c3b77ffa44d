"""Celery tasks of notifications and mail. Each may run twice, or late, or for rows that are done: the services see to it."""

from __future__ import annotations

from collections.abc import Sequence

from ..services.notifications import mail, outbox, webhook_delivery
from .register import task


@task("mail", former="notifications")
def mail_notifications(ids: Sequence[int]) -> None:
    """Make the mails of notifications that are to be mailed at once."""
    mail.mail_at_once(ids)


@task("mail", former="notifications")
def deliver_outbox(ids: Sequence[int]) -> None:
    """Send mails of the outbox."""
    for row_id in ids:
        outbox.deliver(row_id)


@task("mail", former="notifications")
def send_digests() -> None:
    """Once a day: one mail to each account that wants it so."""
    for user_id in mail.accounts_with_digest():
        mail.mail_digest(user_id)


@task("mail", former="notifications")
def sweep_mail() -> None:
    """Take up what a broker or a worker forgot, and what a mail server put off; drop what was settled long ago."""
    mail.mail_at_once(mail.overdue())
    outbox.hand_out_due()
    outbox.prune()


@task("mail", former="notifications")
def deliver_webhooks(ids: Sequence[int]) -> None:
    """Send messages to webhooks."""
    for delivery_id in ids:
        webhook_delivery.deliver(delivery_id)


@task("mail", former="notifications")
def sweep_webhooks() -> None:
    """Take up what a broker or a worker forgot, and what a receiver did not take; drop what was sent long ago."""
    webhook_delivery.hand_out_due()
    webhook_delivery.prune()
