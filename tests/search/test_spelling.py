"""Which known word a misspelt one was meant as."""

import pytest

from recipes_app.search.spelling import nearest, slips


@pytest.mark.parametrize(
    ("written", "meant"),
    [("ffmepg", "ffmpeg"), ("fmpeg", "ffmpeg"), ("ffmpegg", "ffmpeg"), ("ffnpeg", "ffmpeg"), ("hotp", "htop")],
)
def test_one_slip_is_mended(written: str, meant: str) -> None:
    assert nearest(written, ["gimp", meant, "zathura"]) == meant


def test_two_slips_are_mended_in_a_long_word() -> None:
    assert nearest("virtaulbxo", ["virtualbox"]) == "virtualbox"


def test_two_slips_are_not_mended_in_a_short_word() -> None:
    assert nearest("abcd", ["abxy"]) is None


def test_a_known_word_stays() -> None:
    assert nearest("gimp", ["gimps", "gimp"]) == "gimp"


def test_the_same_first_letter_wins() -> None:
    assert nearest("xine", ["wine", "xane"]) == "xane"


def test_far_words_are_not_measured_to_the_end() -> None:
    assert slips("a" * 10, "b" * 10, 2) == 3
