"""Lists are cut into pages in one way: nothing is missed, nothing comes twice, and the last page says that it is the last."""

import pytest

from recipes_app.services.core.pages import cut


@pytest.mark.parametrize("number", [0, 1, 3, 6, 7])
def test_walk_from_page_to_page_meets_every_row_once(number):
    rows = list(range(number))
    met: list[int] = []
    after: int | None = -1
    while after is not None:
        page, after = cut([row for row in rows if row > after], 3, lambda row: row)
        assert len(page) == 3 or after is None
        met += page
    assert met == rows


def test_full_page_with_nothing_behind_it_is_the_last():
    assert cut([1, 2, 3], 3, lambda row: row) == ([1, 2, 3], None)
