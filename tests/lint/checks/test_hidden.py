"""Checks for what a reader does not see: what is hidden is found, and what the scripts of the world need is left alone."""

import time

import pytest

from recipes_app.lint.checks.examples import CHANGELOG, CONTROL, RULES
from tests.lint.checks.helpers import found

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
PATCH = "Author: Ada\n\n--- a/x.c\n+++ b/x.c\n@@ -1 +1,2 @@\n line\n{}int x;\n"


@pytest.mark.parametrize("path", ["debian/rules", "debian/install", "debian/postinst", "debian/extra/setup.py"])
@pytest.mark.parametrize("character", ["\u202a", "\u202e", "\u2066", "\u2069"])
def test_what_turns_text_around_is_found_in_all_that_is_run(path, character):
    files = {path: f"#!/bin/sh\n# {character}\n"}
    assert [(finding.path, finding.line) for finding in found(files, "DUR801")] == [(path, 2)]


def test_a_patch_is_told_for_lines_that_it_adds_alone():
    series = {"debian/patches/series": "x.patch\n"}
    added = {**series, "debian/patches/x.patch": PATCH.format("+\u202e")}
    context = {**series, "debian/patches/x.patch": PATCH.format(" \u202e")}
    assert [finding.line for finding in found(added, "DUR801")] == [7]
    assert found(context, "DUR801") == []


@pytest.mark.parametrize("path", ["README.md", "debian/po/fa.po", "debian/copyright", "debian/hello-dur.1"])
def test_joiners_of_persian_are_left_alone_in_prose(path):
    files = {path: f"msgid {PERSIAN}\n"}
    assert found(files, "DUR802") == found(files, "DUR803") == []


def test_an_emoji_in_data_of_its_own_folder_is_left_alone():
    assert found({"debian/data/emoji.json": '["\U0001f469\u200d\U0001f692"]\n'}, "DUR802") == []


def test_a_tag_character_is_found_in_data_too():
    assert len(found({"debian/data/emoji.json": '["\U000e0001"]\n'}, "DUR802")) == 1


@pytest.mark.parametrize("character", ["\u200b", "\u00ad", "\u2060", "\u3164", "\U000e0041", "\ufeff", "\u2028"])
def test_what_shows_nothing_is_found_in_the_control_file(character):
    control = CONTROL.replace("Rules-Requires-Root: no", f"Rules-Requires-Root: n{character}o")
    assert [finding.line for finding in found({"debian/control": control}, "DUR802")] == [7]


@pytest.mark.parametrize("word", ["c\u0443rl", "\u0430pt-get", "inst\u0430ll", "\u0440ip", "ba\u0455h", "r\u03bf\u03bft"])
def test_a_disguised_word_is_found_once(word):
    assert len(found({"debian/rules": RULES + f"\n\t{word} x\n"}, "DUR804")) == 1


def test_a_host_whose_letters_are_all_of_another_script_is_found():
    files = {"debian/watch": "version=4\nhttps://\u0430\u0440\u0440\u04cf\u0435.com/hello-(.*).tar.gz\n"}
    assert [finding.line for finding in found(files, "DUR804")] == [2]


@pytest.mark.parametrize(
    "text",
    [
        "\u0412\u043b\u0430\u0434\u0438\u043c\u0438\u0440",  # a name, all Cyrillic
        "m\u043b\u0435\u043a\u043e",  # a Latin m in a Cyrillic word: a typing error, with letters that look like no Latin one
        "5\u00b5s",
        "na\u00efve",
        "\u0441\u043b\u043e\u0432\u043e-word",
    ],
)
def test_words_of_other_scripts_are_left_alone(text):
    assert found({"debian/rules": RULES + f"\n# {text}\n"}, "DUR804") == []


def test_full_width_letters_are_found():
    assert len(found({"debian/extra/x.py": "#!/usr/bin/python3\n\uff45\uff58\uff45\uff43('1')\n"}, "DUR804")) == 1


def test_a_changelog_may_name_anyone():
    files = {"debian/changelog": CHANGELOG.replace("First version.", "Thanks to \u0410nton, c\u043emrade.")}
    assert found(files, "DUR804") == []


@pytest.mark.parametrize(("blanks", "number"), [(80, 0), (119, 0), (120, 1), (5000, 1)])
def test_a_command_is_found_behind_many_blanks(blanks, number):
    assert len(found({"debian/rules": RULES.replace("dh $@", "dh $@" + " " * blanks + "; true")}, "DUR807")) == number


def test_a_comment_or_a_backslash_far_to_the_right_is_layout():
    assert found({"debian/rules": RULES.replace("dh $@", "dh $@" + " " * 200 + "\\\n\t\t--x")}, "DUR807") == []


def test_windows_line_ends_overwrite_nothing():
    assert found({"debian/postinst": "#!/bin/sh\r\nset -e\r\n"}, "DUR806") == []


@pytest.mark.parametrize(
    "text", ["\u0430" * 200_000, "a\u0430" * 100_000, " " * 260_000, "x " * 130_000, "://" * 80_000, "a" * 260_000 + "\u0430"]
)
def test_time_grows_with_length_alone(text):
    def cost(size):
        start = time.process_time()
        found({"debian/postinst": f"#!/bin/sh\n{text[:size]}\n"}, "DUR804")
        return time.process_time() - start

    # Four times the text: 16 times the time would be a square. Other work can make one measurement wrong, and not all of them.
    assert any(cost(len(text)) < 9 * max(cost(len(text) // 4), 0.05) for _ in range(4))
