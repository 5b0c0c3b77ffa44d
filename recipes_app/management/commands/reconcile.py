"""`manage.py reconcile`: the database from the repositories."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recipes_app.services.operations import reconciliation


class Command(BaseCommand):
    """Rebuild catalogue, revisions, search and public repositories from the intake, which is the truth."""

    help = "Bring catalogue, revisions, search and the public repositories to what the intake says. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, with a line for each repository that changed and a sum at the end."""
        repositories = damaged = 0
        for each in reconciliation.reconcile():
            repositories += 1
            if each.error:
                damaged += 1
                self.stderr.write(f"{each.name}: could not be reconciled, the others go on: {each.error}")
            if each.new_revisions or each.unreadable:
                self.stdout.write(f"{each.name}: {each.new_revisions} revisions recorded")
            for commit in each.unreadable:
                self.stderr.write(f"{each.name}: commit {commit} cannot be read; see the log")
        for name in reconciliation.recipes_without_repository():
            self.stderr.write(f"{name}: its repository is missing from the store; restore it from a backup")
        self.stdout.write(f"{repositories - damaged} repositories reconciled")
        if damaged:
            raise CommandError(f"{damaged} repositories are damaged: restore them from a backup, then run this again")
