"""The whole catalogue: accounts, recipes, log and vocabulary, in one transaction, on as many processors as there are."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import connection, connections, transaction

from ..models import (
    BinaryPackage,
    CoMaintainer,
    Comment,
    Event,
    Flag,
    Follow,
    Hold,
    Keyword,
    LintHint,
    LintJob,
    PackageRelation,
    QueueEntry,
    Recipe,
    Revision,
    SearchDocument,
    SearchWord,
    SuiteBranch,
    User,
    Vote,
)
from ..repos.store import store
from ..services.accounts import terms
from ..services.audit import audit
from .archive import Archive
from .loading import Encoded, bulk_load, load, load_encoded
from .plan import Plan, Wish, make_plan
from .recipes import LogLine, Part, write_part
from .repositories import discard_repositories
from .rows import Rows, add, encoded

_TABLES = (
    User, EmailAddress, Recipe, Revision, SuiteBranch, BinaryPackage, PackageRelation, SearchDocument, SearchWord, LintJob,
    LintHint, Vote, Comment, Flag, Follow, Keyword, CoMaintainer, Hold, QueueEntry, Event,
)  # fmt: skip
# Recipes that a process writes at once: some megabytes of rows.
_PART = 500
_ACCOUNTS_AT_ONCE = 20_000
_OLDEST_ACCOUNT = timedelta(days=6 * 365)
# What Django writes for an account that signs in with no password.
_NO_PASSWORD = "!generated"  # noqa: S105 - it can never match

Progress = Callable[[str], None]


class NotEmpty(Exception):
    """The database or the store holds something already; the text says what."""


@dataclass(frozen=True)
class _Share:
    """What a process hands back: the rows as text for COPY, or as they are where the database takes no COPY."""

    text: Encoded
    rows: Rows
    log: list[LogLine]
    vocabulary: set[str]


def generate(wish: Wish, archive: Archive, *, processes: int, progress: Progress) -> None:
    """Fill the empty database at hand. Equal wishes and archives make equal rows, whatever `processes` is.

    All or nothing: a failure leaves the database empty. Raises NotEmpty.
    """
    require_empty(wish)
    progress("planning names, people and votes")
    plan = make_plan(wish, archive)
    try:
        _fill(plan, processes, progress)
    except BaseException:
        # The transaction has taken the rows back; the store knows no transaction.
        discard_repositories(plan.names[place] for place in plan.sampled)
        raise


def _fill(plan: Plan, processes: int, progress: Progress) -> None:
    wish = plan.wish
    with _shares(plan, processes) as shares, transaction.atomic(), bulk_load(_TABLES):
        progress(f"accounts: {wish.users}")
        _load_accounts(plan)
        log: list[LogLine] = []
        vocabulary: set[str] = set()
        for number, share in enumerate(shares, start=1):
            (load_encoded(share.text) if share.text else load(share.rows))
            log += share.log
            vocabulary |= share.vocabulary
            progress(f"recipes: {min(number * _PART, wish.recipes)} of {wish.recipes}")
        progress(f"log: {len(log)} lines; vocabulary: {len(vocabulary)} words")
        _load_log(log)
        _load_vocabulary(vocabulary)
        progress("indexes and foreign keys")


def require_empty(wish: Wish) -> None:
    """Raise NotEmpty where a recipe, an account or a line of the log is there; or a repository, where some are wished for."""
    for model, name in ((Recipe, "recipes"), (User, "accounts"), (Event, "lines of the log")):
        if number := model.objects.count():
            raise NotEmpty(f"the database has {number} {name} already: generate into a new one, after 'migrate'")
    if wish.repositories and store().names():
        raise NotEmpty(f"{store().root} holds repositories already: choose another folder with PORTAL_DATA")


@contextmanager
def _shares(plan: Plan, processes: int) -> Iterator[Iterator[_Share]]:
    """Give the shares of `plan`, in order, as they are made. Several processes are forked before a connection is open."""
    places = [range(start, min(start + _PART, plan.wish.recipes)) for start in range(0, plan.wish.recipes, _PART)]
    _Worker.plan, _Worker.encode = plan, connection.vendor == "postgresql"
    if processes <= 1:
        yield map(_Worker.share, places)
        return
    # A connection must not be shared by two processes.
    connections.close_all()
    # What is planned lives to the end: the workers' collectors need not go through it again and again, nor copy its pages.
    gc.freeze()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield pool.imap(_Worker.share, places)


class _Worker:
    """What a forked process finds: the plan is far too large to be sent with each task."""

    plan: Plan
    encode: bool

    @classmethod
    def share(cls, places: range) -> _Share:
        """Return the share of the recipes at `places`."""
        part: Part = write_part(cls.plan, places)
        if cls.encode:
            return _Share(encoded(part.rows), {}, part.log, part.vocabulary)
        return _Share({}, part.rows, part.log, part.vocabulary)


def _load_accounts(plan: Plan) -> None:
    random = plan.random(-1)
    version = terms.in_force()
    for start in range(0, plan.wish.users, _ACCOUNTS_AT_ONCE):
        rows: Rows = {}
        for place in range(start, min(start + _ACCOUNTS_AT_ONCE, plan.wish.users)):
            name = plan.usernames[place]
            email = f"{name}@generated.invalid"
            joined = plan.wish.until - _OLDEST_ACCOUNT * random.random()
            add(
                rows, User, id=place + 1, username=name, email=email, password=_NO_PASSWORD, date_joined=joined,
                terms_version=version, terms_accepted_at=joined,
            )  # fmt: skip
            add(rows, EmailAddress, user_id=place + 1, email=email, verified=True, primary=True)
        load(rows)


def _load_log(lines: list[LogLine]) -> None:
    """Write the public log: a chain in the order of time."""
    rows: Rows = {}
    previous = audit.GENESIS
    for line in sorted(lines, key=lambda each: (each.at, each.recipe)):
        event = Event(
            at=line.at, kind=line.kind.value, actor_name=line.actor, recipe_name=line.recipe, account_name=line.account,
            public=line.public, private={},
        )  # fmt: skip
        audit.link(event, previous)
        previous = event.hash
        columns = ("at", "kind", "actor_name", "recipe_name", "account_name", "public", "private_digest", "previous_hash", "hash")
        add(rows, Event, **{column: getattr(event, column) for column in columns})
    load(rows)


def _load_vocabulary(vocabulary: set[str]) -> None:
    rows: Rows = {}
    for word in sorted(vocabulary):
        add(rows, SearchWord, word=word)
    load(rows)
