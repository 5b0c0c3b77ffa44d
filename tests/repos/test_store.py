"""The store by itself: places, names, locks, markers."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from recipes_app.limits import GIT_WALL_SECONDS
from recipes_app.repos.store import InvalidName, NameTaken, RepositoryStore


@pytest.fixture
def store(tmp_path: Path) -> RepositoryStore:
    return RepositoryStore(tmp_path / "repos")


def add(store: RepositoryStore, name: str) -> None:
    with store.lock(name):
        store.adopt(store.new_incoming(), name)


@pytest.mark.parametrize("name", ["", "a", "..", "../x", "A", "a/b", "a\n", "a\0b", "-a", ".a", "ä" * 3, "a" * 129])
def test_impossible_name_has_no_place(store: RepositoryStore, name: str) -> None:
    with pytest.raises(InvalidName):
        store.intake(name)


def test_repositories_are_spread_by_their_name(store: RepositoryStore) -> None:
    assert store.intake("hello").relative_to(store.root) == Path("intake/2c/f2/hello.git")
    assert store.public("hello").relative_to(store.root) == Path("public/2c/f2/hello.git")


def test_names_are_those_that_were_adopted(store: RepositoryStore) -> None:
    store.empty()
    store.new_incoming()
    for name in ("zlib", "g++-12", "a.b"):
        add(store, name)
    assert store.names() == ["a.b", "g++-12", "zlib"]
    assert store.exists("zlib")
    assert not store.exists("other")


def test_second_repository_of_a_name_is_refused(store: RepositoryStore) -> None:
    add(store, "hello")
    with pytest.raises(NameTaken, match="hello was created by another push"):
        add(store, "hello")


def test_new_repository_has_no_history(store: RepositoryStore) -> None:
    add(store, "hello")
    assert store.push_history("hello") == []
    assert store.push_history("unknown") == []


def test_lock_lets_one_in_at_a_time(store: RepositoryStore) -> None:
    order: list[str] = []

    def second() -> None:
        with store.lock("hello"):
            order.append("second")

    with store.lock("hello"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_push_under_way_is_not_interrupted(store: RepositoryStore) -> None:
    marker = store.pending("hello")
    assert store.interrupted() == []
    store.clear_pending("hello")
    assert (store.root / ".pending/hello").exists()
    marker.close()


def test_push_that_died_is_found_and_cleared(store: RepositoryStore) -> None:
    store.pending("hello").close()
    assert store.interrupted() == ["hello"]
    store.clear_pending("hello")
    assert store.interrupted() == []


def test_marker_goes_when_the_push_is_settled(store: RepositoryStore) -> None:
    marker = store.pending("hello")
    with marker.settling():
        assert (store.root / ".pending/hello").exists()
    marker.close()
    assert not (store.root / ".pending/hello").exists()


def test_marker_stays_where_settling_fails(store: RepositoryStore) -> None:
    marker = store.pending("hello")
    with pytest.raises(RuntimeError), marker.settling():
        raise RuntimeError
    marker.close()
    assert store.interrupted() == ["hello"]


def test_marker_stays_while_another_push_needs_it(store: RepositoryStore) -> None:
    first, second = store.pending("hello"), store.pending("hello")
    with first.settling():
        pass
    first.close()
    assert (store.root / ".pending/hello").exists()
    with second.settling():
        pass
    second.close()
    assert not (store.root / ".pending/hello").exists()


def test_clearing_a_marker_that_is_not_there_is_no_error(store: RepositoryStore) -> None:
    store.clear_pending("hello")
    assert store.interrupted() == []


def test_only_first_pushes_that_died_long_ago_are_cleared_away(store: RepositoryStore) -> None:
    living, dead = store.new_incoming(), store.new_incoming()
    long_ago = time.time() - 3 * GIT_WALL_SECONDS
    os.utime(dead, (long_ago, long_ago))
    assert store.discard_abandoned() == 1
    assert living.exists()
    assert not dead.exists()


def test_purge_of_a_damaged_repository_says_so(store: RepositoryStore) -> None:
    assert not store.purge("hello", ["a" * 40])
    add(store, "hello")
    assert not store.purge("hello", ["a" * 40])
    (store.intake("hello") / "HEAD").unlink()
    with pytest.raises(OSError, match="hello: this is no git repository"):
        store.purge("hello", ["a" * 40])
