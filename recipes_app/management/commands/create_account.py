"""`manage.py create_account`: the operator's way to a first moderator or administrator."""

import getpass
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recipes_app.models import Rank
from recipes_app.services.accounts import accounts


class Command(BaseCommand):
    """Make an account with an address and a rank."""

    help = "Make an account. The password is asked for, or read from standard input with --password-stdin."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("username")
        parser.add_argument("email")
        parser.add_argument("--verified", action="store_true", help="the address needs no confirmation by mail")
        parser.add_argument("--rank", choices=Rank.values, default=Rank.USER)
        password = parser.add_mutually_exclusive_group()
        password.add_argument("--no-password", action="store_true", help="tokens only, until a reset by mail")
        password.add_argument("--password-stdin", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account, or say what is wrong with it."""
        password: str | None = None
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\n")
        elif not options["no_password"]:
            password = getpass.getpass()
        try:
            user = accounts.create_account(
                options["username"], options["email"], password, verified=options["verified"], rank=Rank(options["rank"])
            )
        except ValidationError as error:
            lines = [f"{field}: {text}" for field, texts in error.message_dict.items() for text in texts]
            raise CommandError("\n".join(lines)) from error
        self.stdout.write(f"account {user.username} ({user.rank}) stands")
