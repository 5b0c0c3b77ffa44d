"""What is kept in the cache: plain data alone, which comes back as it was and does nothing where it is read."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.utils.safestring import mark_safe
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.redis_cache import PortalRedisCache
from recipes_app import plain
from recipes_app.search.facets import Facets
from recipes_app.search.suggest import Suggestion
from recipes_app.services.catalogue.catalogue import Statistics

_KEYS = st.text(max_size=5) | st.integers() | st.sampled_from(["()", "@", "{}", "#"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_VALUES)
@settings(deadline=None)
def test_plain_data_comes_back_as_it_was(value):
    assert plain.loads(plain.dumps(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        (1.5, Statistics(1, 2, 3, 4)),
        [Suggestion("a", "b", "c")],
        Facets({"suite": [("sid", 3)]}, 3, is_exact=True),
        {"at": datetime(2026, 11, 30, tzinfo=UTC)},
        {"()": [1]},
    ],
)
def test_what_the_portal_keeps_comes_back_as_it_was(value):
    assert plain.loads(plain.dumps(value)) == value


def test_a_safe_string_is_kept_as_text():
    assert type(plain.loads(plain.dumps(mark_safe("<p>")))) is str


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", Statistics, ValueError("no")])
def test_anything_else_is_not_kept(value):
    with pytest.raises(plain.NotPlain):
        cache.set("key", value)


@pytest.mark.parametrize(
    "content",
    [b"\x80", b"{", b'{"#":["object",{}]}', b'{"#":["Statistics",{}]}', b'{"@":"yesterday"}', b'{"#":1}', b"[" * 99_999],
)
def test_what_others_have_written_is_refused(content):
    with pytest.raises(plain.Unreadable):
        plain.loads(content)


@pytest.mark.server
def test_a_pickle_in_redis_is_not_there(redis_server):
    """Whoever may write to the cache runs nothing in a web process."""
    kept = PortalRedisCache(redis_server.url, {})
    acted = []

    class Acting:
        def __reduce__(self):
            return print, ("acted",)

    client = kept._redis._cache.get_client(write=True)
    client.set(kept._redis.make_key("counts:course"), pickle.dumps(Acting()))
    assert kept.get("counts:course") is None
    assert not acted


@pytest.mark.server
def test_numbers_are_counted_by_redis(redis_server):
    kept = PortalRedisCache(redis_server.url, {"KEY_PREFIX": "numbers"})
    kept.set("number", 3)
    assert kept.incr("number") == kept.get("number") == 4
    kept.set("truth", value=True)
    assert kept.get("truth") is True
