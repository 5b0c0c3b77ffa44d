"""A difference laid out: words marked, sides paired, and everything bounded."""

import time

import pytest

from recipes_app.limits import (
    MAX_DIFF_LINE,
    MAX_DIFF_NAMED_FILES,
    MAX_DIFF_PAGE_FILES,
    MAX_DIFF_PAGE_LINES,
    MAX_WORD_DIFF_SECONDS,
)
from recipes_app.rendering.changes import lay_out
from recipes_app.repos.diff import Diff, DiffLine, FileDiff


def changed(*lines, path="debian/rules"):
    """Return a file's difference: `-text`, `+text` or ` text` each."""
    kinds = {"-": "deleted", "+": "added", " ": "context"}
    read = []
    for number, line in enumerate(lines, start=1):
        kind = kinds[line[0]]
        old, new = (None if kind == "added" else number), (None if kind == "deleted" else number)
        read.append(DiffLine(kind, old, new, line[1:]))
    return FileDiff("changed", path, "", lines=read)


def lines_of(*lines, **options):
    return lay_out(Diff([changed(*lines)]), {}, split=False, **options).files[0].lines


def marks(line):
    return [text for text, is_changed in line.parts if is_changed]


def test_words_that_changed_are_marked_on_both_sides():
    old, new = lines_of("-url=https://a.example/x-1.0.tar", "+url=https://b.example/x-1.1.tar")
    assert (marks(old), marks(new)) == (["a", "0"], ["b", "1"])
    assert "".join(text for text, _ in new.parts) == "url=https://b.example/x-1.1.tar"


@pytest.mark.parametrize("pair", [("-one two three", "+quite another thing"), ("-" + "a " * 400, "+" + "b " * 400)])
def test_lines_that_share_little_or_are_long_have_no_marks(pair):
    assert [marks(line) for line in lines_of(*pair)] == [[], []]


def test_changes_are_paired_in_their_order():
    found = lines_of("-a = 1", "-b = 1", "+a = 2", " c", "+d = 1")
    assert [marks(line) for line in found] == [["1"], [], ["2"], [], []]


def test_side_by_side():
    [file] = lay_out(Diff([changed(" c", "-a = 1", "-gone", "+a = 2", " e", "+new")]), {}, split=True).files
    sides = [(pair.left and pair.left.old_number, pair.right and pair.right.new_number) for pair in file.pairs]
    assert sides == [(1, 1), (2, 4), (3, None), (5, 5), (None, 6)]


def test_finding_stands_at_its_line_and_the_others_above():
    findings = {"debian/rules": {2: ["at line two"], 9: ["elsewhere"]}}
    [file] = lay_out(Diff([changed(" c", "+new")]), findings, split=False).files
    assert [line.findings for line in file.lines] == [(), ["at line two"]]
    assert file.findings == ["elsewhere"]


def test_giant_line_is_cut_and_its_rest_counted():
    [line] = lines_of("+" + "x" * 1_000_000)
    assert (len(line.parts[0][0]), line.left_out) == (MAX_DIFF_LINE, 1_000_000 - MAX_DIFF_LINE)


def test_thousands_of_files_are_named_opened_and_counted_up_to_a_limit():
    number = MAX_DIFF_NAMED_FILES + 7
    found = lay_out(Diff([changed("+x", path=f"f{each}") for each in range(number)]), {}, split=False)
    assert (len(found.files), found.unnamed, found.number, found.is_cut) == (MAX_DIFF_NAMED_FILES, 7, number, True)
    assert sum(bool(each.lines) for each in found.files) == MAX_DIFF_PAGE_FILES


def test_lines_of_all_files_have_one_limit():
    half = ["+x"] * (MAX_DIFF_PAGE_LINES * 2 // 3)
    found = lay_out(Diff([changed(*half), changed(*half, path="b")]), {}, split=False)
    assert sum(len(each.lines) for each in found.files) == MAX_DIFF_PAGE_LINES
    assert [each.is_cut for each in found.files] == [False, True]


def test_marks_end_when_their_time_is_up():
    # Words that come again and again are difflib's worst case.
    old, new = ["-" + "a b " * 45 + str(each) for each in range(3_000)], ["+" + "b a " * 45 + str(each) for each in range(3_000)]
    start = time.process_time()
    found = lines_of(*old, *new)
    assert time.process_time() - start < MAX_WORD_DIFF_SECONDS + 2
    assert marks(found[3_000])
    assert not marks(found[-1])
