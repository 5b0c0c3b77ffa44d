"""Invisible characters are spelled out; everything else is escaped."""

import pytest
from django.utils.safestring import mark_safe

from recipes_app.rendering.characters import has_odd_characters, reveal, spell_out


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\r", "\u00ad", "\u061c", "\u200b", "\u200f", "\u2028", "\u202a", "\u202e", "\u2066",
     "\u2069", "\u3164", "\ufeff", "\udc80", "\U000e0041", "\U000e0101"],
)  # fmt: skip
def test_invisible_character_is_spelled_out(character):
    shown = reveal(f"a{character}b")
    assert character not in shown
    assert f">U+{ord(character):04X}</span>" in shown
    assert spell_out(character) == f"U+{ord(character):04X}"


@pytest.mark.parametrize("text", ["plain", "two\nlines\tand a tab", "Ångström, Łódź, 東京, العربية, 🙂", "e\u0301"])
def test_what_people_write_stays_as_it_is(text):
    assert reveal(text) == text
    assert not has_odd_characters(text)


def test_markup_is_escaped():
    assert reveal("<b title='x'>&") == "&lt;b title=&#x27;x&#x27;&gt;&amp;"


def test_safe_html_is_not_escaped_again():
    assert reveal(mark_safe("<b>\u202e</b>")).startswith("<b><span")


def test_answer_can_be_encoded_whatever_the_text_was():
    assert reveal("".join(map(chr, range(0xD7F0, 0xE010)))).encode()
