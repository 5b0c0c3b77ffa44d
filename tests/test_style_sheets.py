"""What every style sheet keeps to: logical directions, and tokens instead of colours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).parent.parent / "static" / "css").glob("*.css"))
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_DIRECTION = re.compile(r"(?<![\w-])(?:[\w-]*-)?(?:left|right)(?![\w])")
# `margin: 0 1em 0 2em` has sides of its own that do not turn round.
_FOUR_SIDES = re.compile(
    r"(?:margin|padding|inset|border-radius|border-width):\s*([^\s;}]+)\s+([^\s;}]+)\s+([^\s;}]+)\s+([^\s;}]+)\s*[;}]"
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")


def rules(sheet: Path) -> str:
    return _COMMENT.sub("", sheet.read_text(encoding="utf-8"))


def test_there_are_sheets():
    assert {sheet.name for sheet in SHEETS} >= {"site.css", "pages.css", "code.css"}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_directions_are_logical(sheet):
    assert _DIRECTION.findall(rules(sheet)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_both_sides_are_alike_where_four_are_named(sheet):
    assert [sides for sides in _FOUR_SIDES.findall(rules(sheet)) if sides[1] != sides[3]] == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_colours_are_tokens(sheet):
    literal = [line.strip() for line in rules(sheet).splitlines() if _COLOUR.search(line) and "--" not in line]
    # The white behind a QR code is the code's, not the scheme's.
    assert [line for line in literal if not line.startswith(".on-white")] == []


def test_every_token_that_is_used_is_defined():
    text = "".join(map(rules, SHEETS))
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= set(re.findall(r"(--[\w-]+):", text))
