"""`manage.py create_token USER`: a token without a browser; the secret alone is printed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recipes_app.models import Recipe, Scope, User
from recipes_app.services.accounts import tokens
from recipes_app.services.catalogue.names import resolve
from recipes_app.services.core.permissions import PermissionDenied


class Command(BaseCommand):
    """Make a token for an account."""

    help = "Make a token for an account and print its secret, which is shown once and kept nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scope", action="append", choices=Scope.values, help="default: read and push")
        parser.add_argument("--recipe", help="the one recipe that the token reaches; default: all of the account's")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the secret, or say why there is none."""
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"there is no account {options['username']!r}: make it on /accounts/signup/ or by create_account")
        scopes = [Scope(each) for each in options["scope"] or (Scope.READ, Scope.PUSH)]
        try:
            recipe = resolve(options["recipe"]) if options["recipe"] else None
            _, secret = tokens.issue(user, options["name"], scopes, recipe=recipe)
        except Recipe.DoesNotExist as error:
            raise CommandError(f"there is no recipe {options['recipe']!r}") from error
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
