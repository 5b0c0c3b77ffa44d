"""`manage.py check_sandbox`: prove each promise of the lint sandbox on this machine."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recipes_app.lint.sandbox import check_sandbox


class Command(BaseCommand):
    """Try to break the sandbox in every way that it promises to withstand."""

    help = (
        "Try to break the lint sandbox on this machine: a line for each promise says what was tried and what happened. "
        "On a machine that has only a runner: python -m recipes_app.lint.sandbox.check_sandbox."
    )
    # A sandbox needs no database, and neither does its proof.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the proofs. Raises CommandError where a promise does not hold."""
        if check_sandbox.main() != 0:
            raise CommandError("the sandbox does not keep its promises on this machine; no runner starts here")
