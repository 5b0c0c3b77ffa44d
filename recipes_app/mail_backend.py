"""Django's mail backend that puts every mail of the site into the outbox: allauth's too, which knows nothing of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from .services.notifications import outbox


class QueuedEmailBackend(BaseEmailBackend):
    """Writes rows, in the caller's transaction where there is one; `settings.DELIVERY_EMAIL_BACKEND` sends them later."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Put all messages that have a recipient into the outbox, or none; return how many."""
        addressed = [message for message in email_messages if message.recipients()]
        with transaction.atomic():
            for message in addressed:
                outbox.put(message)
        return len(addressed)
