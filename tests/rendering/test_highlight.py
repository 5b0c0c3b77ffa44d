"""Files as highlighted lines, in bounded time whatever they hold."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recipes_app.limits import MAX_BLOB_BYTES, MAX_HIGHLIGHT_BYTES
from recipes_app.rendering.highlight import show_file

_TAG = re.compile(r"<(/?)([a-z]+)[^>]*>")


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("debian/control", "debcontrol"), ("debian/rules", "make"), ("debian/postinst", "bash"),
        ("debian/hello.postinst", "bash"), ("debian/patches/fix.patch", "diff"), ("debian/upstream/metadata", "yaml"),
        ("debian/dur", "debcontrol"), ("src/x.py", "python"),
        ("debian/changelog", ""), ("debian/none.weird", ""),
    ],
)  # fmt: skip
def test_language_is_told_by_the_name(path, language):
    assert show_file(path, b"x\n").language == language


def test_lines_are_those_of_the_file():
    shown = show_file("debian/rules", b"#!/usr/bin/make -f\n\n%:\n\tdh $@\n")
    assert [re.sub("<[^>]*>", "", line) for line in shown.lines] == ["#!/usr/bin/make -f", "", "%:", "\tdh $@"]


def test_last_line_without_an_end_is_a_line():
    assert len(show_file("a.txt", b"one\ntwo").lines) == 2


def test_latin1_is_read_and_said():
    shown = show_file("debian/old", "café".encode("latin-1"))
    assert (shown.is_latin1, list(shown.lines)) == (True, ["café"])


def test_binary_file_has_no_lines():
    assert show_file("x", b"\x7fELF\0").is_binary


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("x.c", b"\n"),
        ("x.cpp", b"\n"),
        ("debian/rules", b"${"),
        ("x.ini", b":"),
        ("x.html", b"<"),
        ("x.sh", b"$(("),
        ("x.md", b"["),
    ],
)
@pytest.mark.parametrize("size", [MAX_HIGHLIGHT_BYTES, MAX_BLOB_BYTES])
def test_hostile_file_is_shown_in_bounded_time(path, unit, size):
    line = unit * (1_900 // len(unit)) + b"\n" if unit != b"\n" else unit
    start = time.process_time()
    shown = show_file(path, (line * (size // len(line))))
    assert shown.lines
    assert time.process_time() - start < 5


@settings(deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from(["debian/control", "debian/rules", "a.patch", "a.py", "a.html", "a.yaml", "a.txt"])
)
def test_any_content_is_escaped_and_every_line_closes_what_it_opens(content, path):
    for line in show_file(path, content).lines:
        opened = []
        for closing, name in _TAG.findall(line):
            assert name == "span"
            if closing:
                opened.pop()
            else:
                opened.append(name)
        assert not opened
        assert "<" not in _TAG.sub("", line)
