"""A small catalogue, made of what dpkg knows on this machine: every Debian has it, and it has the form of apt's lists."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import pytest

from recipes_app.generator.archive import Archive, read_archive
from recipes_app.generator.catalogue import generate
from recipes_app.generator.plan import Wish

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


@lru_cache
def small_archive() -> Archive:
    return read_archive([Path("/var/lib/dpkg/status").read_text(encoding="utf-8", errors="replace")])


def wish(**changes) -> Wish:
    return Wish(**{"recipes": 60, "users": 90, "votes": 400, "comments": 80, "seed": 5, "until": UNTIL, **changes})


def fill(**changes) -> Wish:
    wanted = wish(**changes)
    generate(wanted, small_archive(), processes=1, progress=lambda step: None)
    return wanted


@pytest.fixture
def archive() -> Archive:
    return small_archive()
