"""`manage.py prepare_base SUITE`: make the base in which trial builds of a suite run."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recipes_app.lint.build import prepare_base


class Command(BaseCommand):
    """Make a base for trial builds with mmdebstrap."""

    help = "Make the base in which trial builds of a suite run, from the mirror that LINT_MIRROR names. Run as root, weekly."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the suites."""
        parser.add_argument("suites", nargs="+", metavar="SUITE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them. Raises CommandError where one cannot be made."""
        if prepare_base.main(options["suites"]) != 0:
            raise CommandError("no base was made")
