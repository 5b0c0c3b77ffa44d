"""Telling people: one row each in the inbox, written in the transaction of what it tells of; mail follows after the commit.

`notify` speaks to accounts that something is about: they find it in their inbox whatever they have muted. `notify_followers`
speaks to all who hear of a recipe (`follows.audience`). Whether and when a row is mailed is decided when it is written, from
the account's choice for the kind and what it muted for the recipe, and kept in the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from recipes_app.models import Comment, Follow, MailTime, Notification, Recipe, User

from ..core import task_queue, texts
from . import follows, mail_choices

_TEXT = 500
_URL = 300
# Says what happened, in the language that is in force when it is called: each account reads it in its own.
Words = Callable[[], str]


def notify(
    kind: Notification.Kind,
    users: Iterable[User],
    *,
    recipe: Recipe | None = None,
    actor: User | None = None,
    text: Words,
    url: str,
    comment: Comment | None = None,
) -> list[Notification]:
    """Write a notification to each of `users`, but to `actor` and to closed accounts; return the rows.

    Call it in the transaction of what it tells of: raises TransactionManagementError outside one. `text` says one plain line,
    in the language of each; the words of a `comment` do not belong into it: they are read from the comment when mail is made.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a notification belongs into the transaction of what it tells of")
    hearers = {user.pk: user for user in users if user.is_active and user != actor}
    if not hearers:
        return []
    times = mail_choices.times_for(hearers.values(), kind)
    said = _in_each_language(text, hearers.values())
    silent = _who_muted(hearers, recipe, kind)
    rows = Notification.objects.bulk_create(
        Notification(
            user=user,
            kind=kind,
            recipe=recipe,
            comment=comment,
            actor_name=actor.username if actor else "",
            text=said[user.language],
            url=url[:_URL],
            mail=MailTime.NEVER if user.pk in silent else times[user.pk],
        )
        for user in hearers.values()
    )
    at_once = [row.pk for row in rows if row.mail == MailTime.AT_ONCE]
    if at_once:
        task_queue.send_on_commit(task_queue.MAIL_NOTIFICATIONS, at_once)
    return rows


def notify_followers(
    kind: Notification.Kind,
    recipe: Recipe,
    *,
    actor: User | None = None,
    text: Words,
    url: str,
    comment: Comment | None = None,
    besides: Iterable[User] = (),
) -> list[Notification]:
    """Write a notification to all who hear of `kind` on `recipe`; return the rows. Who is in `besides` has heard already."""
    heard = {user.pk for user in besides}
    audience = [user for user in follows.audience(recipe, kind) if user.pk not in heard]
    return notify(kind, audience, recipe=recipe, actor=actor, text=text, url=url, comment=comment)


def _in_each_language(text: Words, hearers: Iterable[User]) -> dict[str, str]:
    """Return the line by the language of accounts; who has chosen none reads it in the site's own."""
    said = {}
    for language in {user.language for user in hearers}:
        with translation.override(language or settings.LANGUAGE_CODE):
            said[language] = texts.shortened(text(), _TEXT)
    return said


def _who_muted(hearers: dict[int, User], recipe: Recipe | None, kind: Notification.Kind) -> set[int]:
    """Return who of `hearers` muted `kind` for `recipe`: a mail of that kind is what they unsubscribed from."""
    if recipe is None:
        return set()
    rows = Follow.objects.filter(recipe=recipe, user__in=hearers).values_list("user_id", "muted")
    return {user_id for user_id, muted in rows if kind.value in muted}
