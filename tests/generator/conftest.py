"""A small catalogue, made of a list of packages that is made up: what it holds rests on no machine."""

from datetime import UTC, datetime
from functools import lru_cache

import pytest

from recipes_app.generator.archive import Archive, read_archive
from recipes_app.generator.catalogue import generate
from recipes_app.generator.plan import Wish
from tests.generator.lists import made_up_list

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


@lru_cache
def small_archive() -> Archive:
    return read_archive([made_up_list()])


def wish(**changes) -> Wish:
    return Wish(**{"recipes": 60, "users": 90, "votes": 400, "comments": 80, "seed": 5, "until": UNTIL, **changes})


def fill(**changes) -> Wish:
    wanted = wish(**changes)
    generate(wanted, small_archive(), processes=1, progress=lambda step: None)
    return wanted


@pytest.fixture
def archive() -> Archive:
    return small_archive()
