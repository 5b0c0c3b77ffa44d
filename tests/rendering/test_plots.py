"""Plots: numbers in, markup out."""

import re

import pytest

from recipes_app.rendering.plots import bars, sparkline


def test_line_goes_through_every_number_and_stays_in_its_box():
    drawn = sparkline([0, 5, 10], "votes")
    points = re.search(r'<polyline class="line" points="([^"]+)"', drawn)
    assert points is not None
    assert points[1] == "0,20.0 10,11.0 20,2.0"


def test_bar_of_nothing_is_not_drawn():
    assert bars([0, 3], "pushes").count("<rect") == 1


@pytest.mark.parametrize("draw", [sparkline, bars])
def test_nothing_is_drawn_of_nothing(draw):
    assert draw([], "votes") == ""


def test_one_number_is_no_course():
    assert sparkline([7], "votes") == ""


@pytest.mark.parametrize("draw", [sparkline, bars])
def test_label_is_text(draw):
    drawn = draw([1, 2], '"><script>alert(1)</script>')
    assert "<script>" not in drawn
    assert 'role="img"' in drawn


@pytest.mark.parametrize("draw", [sparkline, bars])
def test_plot_obeys_the_content_policy(draw):
    assert "style=" not in draw([1, 2, 3], "votes")
