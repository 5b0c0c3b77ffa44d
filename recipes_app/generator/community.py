"""What people say about one recipe: votes, comments, flags, followers; and the recipe's columns that count them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from ..models import Comment, Flag, Follow, QueueEntry, Vote
from ..services.catalogue.votes import weight_at
from ..services.community.markdown import render_comment
from . import words
from .plan import Plan
from .rows import Rows, add

_OUT_OF_DATE = 0.04
_FOLLOWERS = 0.3
_OTHER_FLAGS = {Flag.Kind.BROKEN: 0.012, Flag.Kind.LICENCE: 0.003}
# Of the oldest recipe's age: nobody votes for what is not there yet.
_OLDEST = timedelta(days=5 * 365)
_ANSWERING = 0.25


def write(plan: Plan, place: int, revision_id: int, random: Random, rows: Rows) -> dict[str, Any]:
    """Write what people say about the recipe at `place`; return the columns of the recipe that follow from it."""
    columns = _votes(plan, place, random, rows)
    _comments(plan, place, random, rows)
    return columns | _flags(plan, place, revision_id, random, rows)


def _moment(plan: Plan, random: Random) -> datetime:
    """Return some moment before the catalogue's newest event, later ones more often."""
    return plan.wish.until - timedelta(seconds=int(_OLDEST.total_seconds() * random.random() ** 2))


def _votes(plan: Plan, place: int, random: Random, rows: Rows) -> dict[str, Any]:
    number = plan.votes[place]
    total = 0.0
    for user in random.sample(range(1, plan.wish.users + 1), number):
        moment = _moment(plan, random)
        weight = weight_at(moment)
        total += weight
        add(rows, Vote, recipe_id=place + 1, user_id=user, at=moment, weight=weight)
    return {"vote_count": number, "vote_weight": total}


def _comments(plan: Plan, place: int, random: Random, rows: Rows) -> None:
    number = plan.comments[place]
    moments = sorted(_moment(plan, random) for _ in range(number))
    first = plan.first_comments[place]
    followers: set[int] = set()
    for position, moment in enumerate(moments):
        author = random.randrange(plan.wish.users)
        text = words.comment(plan.archive, random)
        answers = position and random.random() < _ANSWERING
        add(
            rows, Comment, id=first + position, recipe_id=place + 1, author_id=author + 1, author_name=plan.usernames[author],
            parent_id=first + random.randrange(position) if answers else None,
            text=text, html=render_comment(text).html, created_at=moment,
        )  # fmt: skip
        if random.random() < _FOLLOWERS and author not in followers:
            followers.add(author)
            add(rows, Follow, recipe_id=place + 1, user_id=author + 1, created_at=moment)


def _flags(plan: Plan, place: int, revision_id: int, random: Random, rows: Rows) -> dict[str, Any]:
    kinds = [Flag.Kind.OUT_OF_DATE] if random.random() < _OUT_OF_DATE else []
    kinds += [kind for kind, share in _OTHER_FLAGS.items() if random.random() < share]
    since: datetime | None = None
    for number, kind in enumerate(kinds):
        author, moment = random.randrange(plan.wish.users), _moment(plan, random)
        flag_id = place * (len(_OTHER_FLAGS) + 1) + number + 1
        text = words.sentence(plan.archive, random, 12)
        subject = {"subject": "debian/copyright", "proposed_class": "nonfree"} if kind == Flag.Kind.LICENCE else {}
        add(
            rows, Flag, id=flag_id, recipe_id=place + 1, revision_id=revision_id, kind=kind.value, text=text,
            author_id=author + 1, author_name=plan.usernames[author], created_at=moment, **subject,
        )  # fmt: skip
        if kind.is_ruled:
            add(
                rows, QueueEntry, kind=QueueEntry.Kind.FLAG, subject_id=flag_id, recipe_id=place + 1, account_id=author + 1,
                summary=f"{kind.label}: {text}"[:300], created_at=moment,
            )  # fmt: skip
        if kind == Flag.Kind.OUT_OF_DATE:
            since = moment
    return {"open_flags": len(kinds), "out_of_date_since": since}
