"""Counts of the catalogue: made once by one process, given out meanwhile by the others."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.cache import cache

from recipes_app import cached_counts


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """The time that the module sees, to be set by the test."""
    cache.clear()
    now = [1_000.0]
    monkeypatch.setattr(cached_counts, "time", SimpleNamespace(time=lambda: now[0], monotonic=time.monotonic, sleep=time.sleep))
    return now


class Made:
    """Makes counts, each another one."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_they_are_made_again_when_they_are_old(clock):
    make = Made()
    assert [cached_counts.kept("k", make) for _ in range(3)] == [1, 1, 1]
    clock[0] += cached_counts.COUNTED_SECONDS
    assert [cached_counts.kept("k", make) for _ in range(3)] == [2, 2, 2]


def test_while_one_makes_them_the_others_get_those_before(clock):
    make, others = Made(), []
    cached_counts.kept("k", make)
    clock[0] += cached_counts.COUNTED_SECONDS

    def slowly() -> int:
        others.append(cached_counts.kept("k", make))
        return make()

    assert cached_counts.kept("k", slowly) == 2
    assert others == [1]


def test_where_there_are_none_yet_the_others_wait_for_the_one_who_makes_them():
    """Eight visitors of a portal that has just started: the tables are read once."""
    make, go = Made(), threading.Event()

    def slowly() -> int:
        go.wait(5)
        time.sleep(0.2)
        return make()

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(cached_counts.kept, "k", slowly) for _ in range(8)]
        go.set()
        assert [each.result(timeout=10) for each in asked] == [1] * 8


def test_who_waited_for_counts_that_are_not_kept_does_not_wait_for_those_of_others():
    """A small catalogue with visitors all the time: somebody is always counting, and nobody waits for more than one of them."""
    until = time.monotonic() + 3

    def always() -> None:
        while time.monotonic() < until:
            cached_counts.kept("k", lambda: time.sleep(0.1) or 1, is_worth_it=lambda _: False)

    with ThreadPoolExecutor(4) as pool:
        others = [pool.submit(always) for _ in range(3)]
        time.sleep(0.2)
        started = time.monotonic()
        assert cached_counts.kept("k", lambda: 2, is_worth_it=lambda _: False) == 2
        waited = time.monotonic() - started
        for each in others:
            each.result()
    assert waited < 1


def test_one_that_failed_to_make_them_is_waited_for_no_longer_than_it_is_believed(clock):
    make = Made()
    cached_counts.kept("k", make)
    clock[0] += cached_counts.COUNTED_SECONDS

    def fails() -> int:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        cached_counts.kept("k", fails)
    assert cached_counts.kept("k", make) == 2


def test_what_is_not_worth_it_is_made_each_time():
    make = Made()
    assert [cached_counts.kept("k", make, is_worth_it=lambda number: number > 2) for _ in range(5)] == [1, 2, 3, 3, 3]
