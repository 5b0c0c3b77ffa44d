"""`manage.py reconcile`: the database from the repositories."""

from typing import Any

from django.core.management.base import BaseCommand

from recipes_app.services import publish


class Command(BaseCommand):
    """Rebuild catalogue, revisions and search from the repositories, which are the truth."""

    help = "Bring catalogue, revisions and search to what the repositories say. Safe to run at any time, and again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, with a line for each repository that changed and a sum at the end."""
        repositories = 0
        for each in publish.reconcile():
            repositories += 1
            if each.new_revisions or each.unreadable:
                self.stdout.write(f"{each.name}: {each.new_revisions} revisions recorded")
            for commit in each.unreadable:
                self.stderr.write(f"{each.name}: commit {commit} cannot be read; see the log")
        for name in publish.recipes_without_repository():
            self.stderr.write(f"{name}: its repository is missing from the store; restore it from a backup")
        self.stdout.write(f"{repositories} repositories reconciled")
