"""`manage.py relint STAGE`: a stage of the whole catalogue once more, and what that changed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recipes_app.services.core.errors import Refused
from recipes_app.services.lint import relint, relint_reading


class Command(BaseCommand):
    """Begin a run of a stage for every current revision, after all else; with --changes, say what the last one changed."""

    help = (
        "Run a stage again for the whole catalogue, after every push and retry. --changes compares before and after. "
        "Moderators see the progress on /moderation/relint/ and pause it there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the stage."""
        parser.add_argument("stage", help=" or ".join(relint.STAGES))
        parser.add_argument("--changes", action="store_true", help="begin nothing: list the recipes that the last one changed")

    def handle(self, *args: Any, **options: Any) -> None:
        """Begin, or list."""
        try:
            stage = relint.named(options["stage"])
            if not options["changes"]:
                run = relint.begin(stage)
                self.stdout.write(f"run {run.pk} for {run.tool} {run.tool_version}: {run.total} recipes")
                return
        except Refused as error:
            raise CommandError(str(error)) from error
        last = relint_reading.last_run(stage)
        for change in relint_reading.recipe_changes(last) if last else ():
            words = [f"now {change.verdict}"] if change.verdict else []
            words += [*(f"+{tag}" for tag in change.came), *(f"-{tag}" for tag in change.went)]
            self.stdout.write(f"{change.recipe}: {' '.join(words)}")
