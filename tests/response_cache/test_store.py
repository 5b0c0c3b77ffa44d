"""The store: what is kept comes back, until it is old, changed, or pushed out."""

import tracemalloc

import orjson

from recipes_app.response_cache import store as stores
from recipes_app.response_cache.store import Answer, Store

LONG = b"<p>bytes of a page</p>" * 200


def answer(body: bytes = LONG, **changes) -> Answer:
    return Answer(**{"status": "200 OK", "headers": (("Content-Type", "text/html"),), "body": body, "etag": "", **changes})


def test_what_is_kept_comes_back_as_it_was():
    store = Store(10**6)
    for key, body in (("long", LONG), ("short", b"few"), ("empty", b"")):
        store.put(key, answer(body), about={"": 1}, seconds=9)
        assert store.get(key, lambda recipe: 1) == answer(body)


def test_a_body_that_is_compressed_already_stays_as_it_is():
    store = Store(10**6)
    zipped = answer(b"\x28\xb5\x2f\xfd" * 1000, headers=(("Content-Encoding", "zstd"),))
    store.put("key", zipped, about={"": 1}, seconds=9)
    assert store.get("key", lambda recipe: 1) == zipped


def test_what_is_kept_takes_the_memory_of_its_bytes_and_no_more():
    """A thousand answers of six kilobytes, compressed, and as many short ones from orjson's buffers."""
    store = Store(10**8)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for key in range(1_000):
            store.put(key, answer(b"".join(b"%d " % (key * each) for each in range(900))), about={"": 1}, seconds=9)
            store.put(-key - 1, answer(orjson.dumps({"k": "x" * 600})), about={"": 1}, seconds=9)
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert taken < 1.5 * store.used


def test_another_stamp_makes_it_forgotten():
    store = Store(10**6)
    store.put("key", answer(), about={"hello": 1}, seconds=9)
    assert store.get("key", {"hello": 2}.get) is None
    assert store.get("key", {"hello": 1}.get) is None


def test_an_unknown_stamp_gives_nothing():
    store = Store(10**6)
    store.put("key", answer(), about={"": 1}, seconds=9)
    assert store.get("key", lambda recipe: None) is None


def test_after_its_time_it_is_forgotten(monkeypatch):
    store = Store(10**6)
    store.put("key", answer(), about={"": 1}, seconds=9)
    now = stores.time.monotonic()
    monkeypatch.setattr(stores.time, "monotonic", lambda: now + 10)
    assert store.get("key", lambda recipe: 1) is None


def test_the_least_recently_used_goes_when_the_room_is_full():
    store = Store(5_000)
    for key in ("first", "second", "third"):
        store.put(key, answer(b"x"), about={"": 1}, seconds=9)
        store.get("first", lambda recipe: 1)
    store.put("fourth", answer(b"x"), about={"": 1}, seconds=9)
    assert [store.get(key, lambda recipe: 1) is not None for key in ("first", "second", "third", "fourth")] == [
        True, False, True, True,
    ]  # fmt: skip


def test_the_key_counts_too_and_what_is_larger_than_the_room_is_not_kept():
    store = Store(5_000)
    store.put("k" * 6_000, answer(b"x"), about={"": 1}, seconds=9)
    assert len(store) == 0


def test_for_a_moment_it_stands_while_the_catalogue_changes_and_its_own_recipe_does_not(monkeypatch):
    store, stamps = Store(10**6), {"": 1, "hello": 1}
    now = stores.time.monotonic()
    monkeypatch.setattr(stores.time, "monotonic", lambda: now)
    store.put("key", answer(), about=dict(stamps), seconds=9, stands=1)
    stamps[""] = 2
    assert store.get("key", stamps.get) == answer()
    now += 1.1
    assert store.get("key", stamps.get) is None
    store.put("key", answer(), about=dict(stamps), seconds=9, stands=1)
    stamps["hello"] = 2
    assert store.get("key", stamps.get) is None


def test_it_does_not_stand_where_nobody_knows_what_has_changed():
    store = Store(10**6)
    store.put("key", answer(), about={"": 1}, seconds=9, stands=1)
    assert store.get("key", lambda recipe: None) is None
