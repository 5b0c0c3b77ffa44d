"""`manage.py verify_log`: prove that no line of the public log was altered, added or taken out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recipes_app.services.audit import audit


class Command(BaseCommand):
    """Walk the chain of hashes."""

    help = (
        "Check every line of the public log against its hash and the line before. Compare the hash that is printed with one "
        "that you kept elsewhere: a log that was cut off at its end, or written anew from its start, is whole in itself."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many lines fit and the last hash. Raises CommandError with the first line that does not fit."""
        try:
            number = audit.verify()
        except audit.BrokenChain as error:
            raise CommandError(f"the log was altered: {error}") from error
        self.stdout.write(f"{number} lines, all as they were written; the last hash is {audit.last_hash()}")
