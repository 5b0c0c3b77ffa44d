"""`manage.py relint STAGE`: a stage of the whole catalogue once more, and what that changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recipes_app.services import relint
from recipes_app.services.errors import Refused


class Command(BaseCommand):
    """Queue a stage for every current revision at the lowest priority; with --changes, say what the last re-lint changed."""

    help = (
        "Run a stage again for the whole catalogue, after every push and retry. --changes compares the verdicts before and after."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the stage."""
        parser.add_argument("stage", help=" or ".join(relint.STAGES))
        parser.add_argument("--changes", action="store_true", help="queue nothing: list the recipes that the last one changed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Queue, or list."""
        try:
            stage = relint.named(options["stage"])
        except Refused as error:
            raise CommandError(str(error)) from error
        if not options["changes"]:
            self.stdout.write(f"{relint.queue(stage)} revisions queued")
            return
        for change in relint.changes(stage):
            tags = " ".join([*(f"+{tag}" for tag in change.came), *(f"-{tag}" for tag in change.went)])
            self.stdout.write(f"{change.recipe}: {change.before} -> {change.now} {tags}".rstrip())
