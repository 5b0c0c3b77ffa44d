"""Acts that meet each other on one recipe or account: run by `manage.py shell` with a real PostgreSQL; prints what went wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from functools import partial

from django.db import connection, connections

from recipes_app.models import LintJob, Rank, Recipe, User
from recipes_app.search.index import rebuild_index
from recipes_app.services.catalogue import votes
from recipes_app.services.community import comments
from recipes_app.services.lint import jobs as lint
from recipes_app.services.moderation import sanctions
from recipes_app.services.publishing import publish
from tests.factories import make_recipe, make_user, push_tree, recipe_tree

_PAIRS = 48


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do all `acts` at the same moment, each with a connection of its own; return what they raised."""
    barrier = threading.Barrier(len(acts))
    raised: list[str] = []

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
        except Exception as error:
            raised.append(f"{type(error).__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def votes_beside_comments() -> Iterable[str]:
    """An account votes for a recipe and comments on it at once."""
    recipe = make_recipe("discussed")
    for number in range(_PAIRS):
        user = make_user(f"voter-{number}")
        yield from at_once(partial(votes.vote, user, recipe), partial(comments.add, user, recipe, "Fine."))
    recipe.refresh_from_db()
    if recipe.vote_count != _PAIRS or recipe.comments.count() != _PAIRS:
        yield f"{recipe.vote_count} votes and {recipe.comments.count()} comments"


def freezes_beside_first_pushes() -> Iterable[str]:
    """An account is frozen while its first push is published."""
    moderator = make_user("moderator", rank=Rank.ADMINISTRATOR)
    for number in range(12):
        user, name = make_user(f"frozen-{number}"), f"first-{number}"
        push_tree(recipe_tree(name), user, name)
        yield from at_once(partial(sanctions.freeze, moderator, user, "test"), partial(publish.sync_recipe, name))
        if not User.objects.get(pk=user.pk).frozen_at or not Recipe.objects.filter(name=name).exists():
            yield f"{name}: one of both was not done"


def lint_beside_pushes() -> Iterable[str]:
    """A runner begins with a job, and reports, while a newer push cancels what waits."""
    user, name = make_user("pusher"), "linted"
    for number in range(12):
        push_tree(recipe_tree(name, f"1.{number}-1"), user, name)
        publish.sync_recipe(name)
        jobs = list(LintJob.objects.filter(revision__recipe__name=name).order_by("-pk")[:2].values_list("pk", flat=True))
        push_tree(recipe_tree(name, f"1.{number}-2"), user, name)
        reports: list[Callable[[], object]] = [partial(lint.start, job) for job in jobs]
        reports += [partial(lint.record_error, job, "test") for job in jobs]
        yield from at_once(partial(publish.sync_recipe, name), *reports)


def rebuilding_beside_pushes() -> Iterable[str]:
    """The search is written anew while recipes are published."""
    user = make_user("busy")
    for number in range(6):
        name = f"rebuilt-{number}"
        push_tree(recipe_tree(name), user, name)
        publish.sync_recipe(name)
    for number in range(6):
        for each in range(6):
            push_tree(recipe_tree(f"rebuilt-{each}", f"2.{number}-1"), user, f"rebuilt-{each}")
        pushes = [partial(publish.sync_recipe, f"rebuilt-{each}") for each in range(6)]
        yield from at_once(rebuild_index, rebuild_index, *pushes)


def main() -> None:
    """Do all of it and print one line of JSON: what went wrong, by what was done, and how often PostgreSQL found a deadlock."""
    found = {
        act.__name__: list(act())
        for act in (votes_beside_comments, freezes_beside_first_pushes, lint_beside_pushes, rebuilding_beside_pushes)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        deadlocks = cursor.fetchone()[0]
    print(json.dumps({"found": found, "deadlocks": deadlocks}))
