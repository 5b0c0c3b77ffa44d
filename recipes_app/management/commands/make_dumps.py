"""`manage.py make_dumps`: write the catalogue down now, where it differs from the newest dump."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recipes_app.services.dumps import making, signature


class Command(BaseCommand):
    """Make a dump outside its turn."""

    help = "Write the dumps below PORTAL_DATA/dumps anew, sign them, and put them in place. The worker does it each five minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what is in place. Raises CommandError where another process is at it, or where they cannot be signed."""
        try:
            made = making.make()
        except (making.DumpRunning, signature.CannotSign) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"dump {made.serial}: {made.recipes} recipes, {made.changed} changed; in {making.folder()}")
