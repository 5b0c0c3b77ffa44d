"""`manage.py deliver_mail`: send what waits in the outbox now, without a worker and without waiting for the next attempt."""

from typing import Any

from django.core.management.base import BaseCommand

from recipes_app.services.notifications import outbox


class Command(BaseCommand):
    """Empty the outbox."""

    help = "Send every mail that waits in the outbox, such as after the mail server was down; what fails stays for the worker."

    def handle(self, *args: Any, **options: Any) -> None:
        """Try each mail once and say how many left."""
        tried = outbox.waiting()
        sent = sum(outbox.deliver(number) for number in tried)
        self.stderr.write(f"{sent} of {len(tried)} mails sent")
