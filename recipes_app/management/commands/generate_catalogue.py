"""`manage.py generate_catalogue`: a catalogue of any size, for measurements and demonstrations."""

import os
import time
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from datetime import time as midnight
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recipes_app.generator.archive import APT_LISTS, NoArchive, apt_lists, read_archive
from recipes_app.generator.catalogue import NotEmpty, generate, require_empty
from recipes_app.generator.plan import Wish


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ArgumentTypeError(f"{text!r} is no number: give digits only")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day: write it as 2026-11-24") from error


class Command(BaseCommand):
    """Fill an empty database."""

    help = (
        "Fill an empty database with recipes that look like the archive that apt knows on this machine. "
        "The same seed, lists and day make the same rows."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--recipes", type=_number, default=1_000, metavar="N")
        parser.add_argument("--users", type=_number, default=1_000, metavar="N")
        parser.add_argument("--votes", type=_number, default=10_000, metavar="N")
        parser.add_argument("--comments", type=_number, default=2_000, metavar="N")
        parser.add_argument("--seed", type=_number, default=1, metavar="S")
        parser.add_argument("--repositories", type=_number, default=0, metavar="K", help="real git repositories for K of them")
        parser.add_argument("--until", type=_day, metavar="DAY", help="the day of the newest event; today without it")
        parser.add_argument("--lists", type=Path, default=APT_LISTS, metavar="FOLDER", help="apt's lists, if not this machine's")
        parser.add_argument("--processes", type=_number, default=os.cpu_count() or 1, metavar="N")
        parser.add_argument("--production", action="store_true", help="do it with the settings of a production site, too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate, or say in one line why not."""
        if not settings.EMBEDDED and not options["production"]:
            raise CommandError("these are the settings of a production site: give --production if its empty database is meant")
        started = time.monotonic()
        day = options["until"] or datetime.now(tz=UTC).date()
        wish = Wish(
            until=datetime.combine(day, midnight.min, tzinfo=UTC),
            **{key: options[key] for key in ("recipes", "users", "votes", "comments", "seed", "repositories")},
        )
        if problem := _impossible(wish):
            raise CommandError(problem)

        def progress(step: str) -> None:
            self.stdout.write(f"{time.monotonic() - started:6.1f} s  {step}")
            self.stdout.flush()

        try:
            require_empty(wish)
            progress("reading apt's lists")
            archive = read_archive(apt_lists(options["lists"]))
            generate(wish, archive, processes=options["processes"], progress=progress)
        except (NoArchive, NotEmpty) as error:
            raise CommandError(str(error)) from error
        progress(f"done: {wish.recipes} recipes, {wish.users} accounts, {wish.votes} votes, {wish.comments} comments")


def _impossible(wish: Wish) -> str:
    """Return why `wish` cannot be fulfilled; empty where it can."""
    if wish.recipes and not wish.users:
        return "recipes need somebody who keeps them: give --users 1 or more"
    if wish.repositories > wish.recipes:
        return f"--repositories {wish.repositories} is more than --recipes {wish.recipes}"
    most = wish.recipes * (wish.users // 3)
    if wish.votes > most:
        return f"{wish.recipes} recipes get at most {most} votes of {wish.users} accounts: give fewer --votes or more --users"
    if wish.comments and not wish.recipes:
        return "comments need recipes: give --recipes 1 or more"
    return ""
